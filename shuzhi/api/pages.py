"""Pages of our own beside Streamlit's (自有页面): sign-in, account, refusals. Jinja2 templates, every value escaped."""

from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from shuzhi import i18n
from shuzhi.api import assets, emblem

_TEMPLATES = Path(__file__).parent / "templates"
_LONGEST = 2000


def render(request: Request, template: str, status: int = 200, **values) -> HTMLResponse:
    """A page from a template, in the language that was asked for; never kept by a browser.

    Parameters
    ----------
    request : Request
    template : str
        File of ``shuzhi/api/templates``.
    status : int
    **values
        What the template shows.
    """
    lang = speak(request)
    other = next(one for one in i18n.LANGUAGES if one != lang)
    frame = {
        "lang": lang,
        "html_lang": {"zh": "zh-CN"}.get(lang, lang),
        "brand": i18n.gettext("数智环境"),
        "code": assets.code_version(),
        "emblem": emblem.svg(),
        "here": lambda path, **parameters: address(path, lang, **parameters),
        "switch": _switched(request, other),
    }
    text = _environment().get_template(template).render(frame | values)
    return HTMLResponse(text, status, headers={"Cache-Control": "no-store"})


def speak(request: Request) -> str:
    """Choose the language of an answer and return it: what is kept for it (``request.state.lang``), what the address
    says, or the page that was wanted."""
    kept = getattr(request.state, "lang", "") or request.query_params.get("lang")
    i18n.use(kept or _language_of(request.query_params.get("next", "")))
    return i18n.language()


def address(path: str, lang: str, **parameters: str) -> str:
    """A path of ours in this language with parameters; empty ones and Chinese are left out."""
    given = {name: text for name, text in parameters.items() if text}
    given |= {} if lang == "zh" else {"lang": lang}
    return f"{path}?{urlencode(given)}" if given else path


def local(wanted: str, lang: str = "zh") -> str:
    """Where to go after the sign-in: the wanted path of this origin, or the first page.

    A browser takes a backslash for a slash and drops tabs and line breaks, so that neither may be in it.
    """
    first = address("/", lang)
    if not wanted.startswith("/") or wanted.startswith("//") or len(wanted) > _LONGEST:
        return first
    if "\\" in wanted or not wanted.isprintable():
        return first
    parts = urlsplit(wanted)
    own = parts.path.startswith(("/sign-", "/signed-out", "/wall/enter"))
    return first if parts.scheme or parts.netloc or own else wanted


def _language_of(path: str) -> str:
    return parse_qs(urlsplit(path).query).get("lang", [""])[0]


def _switched(request: Request, lang: str) -> str:
    """The same page in another language."""
    shown = request.url.path if request.method == "GET" else _shown_by(request.url.path)
    kept = {name: text for name, text in request.query_params.items() if name in ("next", "done")}
    if "next" in kept:
        kept["next"] = _in_language(kept["next"], lang)
    return f"{shown}?{urlencode(kept | {'lang': lang})}"


def _in_language(path: str, lang: str) -> str:
    """A wanted page, in another language."""
    parts = urlsplit(path)
    kept = {name: texts[-1] for name, texts in parse_qs(parts.query).items() if name != "lang"}
    return address(parts.path, lang, **kept)


def _shown_by(path: str) -> str:
    """The page that an action belongs to: a form's answer has the action's address."""
    return "/account" if path.startswith("/account") else "/sign-in"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"_": i18n.gettext}
    return made
