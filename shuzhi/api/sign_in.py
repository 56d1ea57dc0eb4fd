"""Sign-in and sign-out (登录、退出): pages and actions, the demo's chooser, the wall's way in; how a refusal looks.

Only here, in :mod:`shuzhi.api.account` and :mod:`shuzhi.api.oidc` is the cookie of a session set or taken.
"""

import math
import time
from collections.abc import Callable
from functools import cache

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from shuzhi.access import Person, audit, rights, session, signin, words
from shuzhi.api import assets, forms, oidc, pages
from shuzhi.api.gate import address, person_of
from shuzhi.api.hygiene import Rate, network
from shuzhi.errors import NotFoundError, SignInError
from shuzhi.i18n import N_, _, language
from shuzhi.maps import labels
from shuzhi.registry import places
from shuzhi.settings import settings
from shuzhi.status.water_words import city_name
from shuzhi.store import Home

_SEE_OTHER = 303
_REFUSED, _TOO_MANY = 403, 429
_EXPIRED = N_("这一页放得太久，或者不是从本平台打开的。请再试一次。")


def show(request: Request) -> Response:
    """``GET /sign-in?next=&lang=``: the form, and in demo mode the chooser."""
    lang = pages.speak(request)
    ended = session.COOKIE in request.cookies and not person_of(request).signed_in
    note = _("登录已经结束：太久没有操作，或者被您自己或管理员结束。") if ended else ""
    return _form(request, pages.local(request.query_params.get("next", ""), lang), note=note)


def enter(request: Request, form: dict[str, str]) -> Response:
    """``POST /sign-in``: with login, password and, where it is wanted, a code."""
    login = form.get("login", "")

    def begin() -> str:
        return signin.with_password(
            assets.home(), login, form.get("password", ""), form.get("code", ""), visitor(request)
        )

    return _begin(request, form, begin, login)


def enter_demo(request: Request, form: dict[str, str]) -> Response:
    """``POST /sign-in/demo``: as the demo account of a role."""
    return _begin(
        request, form, lambda: signin.with_demo(assets.home(), form.get("role", ""), visitor(request)), login=""
    )


def leave(request: Request, form: dict[str, str]) -> Response:
    """``POST /sign-out``: end the session; whoever has none is out already."""
    lang, who = pages.speak(request), person_of(request)
    if who.signed_in:
        if not forms.from_session(request, form):
            return refused_form(request)
        end(who)
    return forms.sign_out(request, RedirectResponse(pages.address("/signed-out", lang), _SEE_OTHER))


def signed_out(request: Request) -> Response:
    """``GET /signed-out``: that the session has ended."""
    pages.speak(request)
    return pages.render(
        request,
        "notice.html",
        title=_("您已退出登录"),
        text=_("这台设备上的会话已经结束。公用电脑上，请把浏览器也关掉。"),
        facts=(),
        actions=((_("重新登录"), pages.address("/sign-in", language())),),
    )


def enter_wall(request: Request) -> Response:
    """``GET /wall/enter?token=&every=``: a screen's token becomes its cookie and leaves the address."""
    lang, token = pages.speak(request), request.query_params.get("token", "")
    device = session.person(assets.home(), token, address(request))
    elsewhere = request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
    known = device.signed_in and device.account is None
    if elsewhere or not known or not rights.may(device.scope, "routes", "/wall"):
        answer = pages.render(
            request,
            "notice.html",
            _REFUSED,
            title=_("大屏没有打开"),
            text=_("这个大屏地址无效，或者已经被管理员撤销。"),
            facts=((_("怎么办"), _("请管理员重新建立大屏设备，把新地址直接输入这台机器的浏览器。")),),
            actions=((_("用账号登录"), pages.address("/sign-in", lang)),),
        )
    else:
        there = pages.address("/wall", lang, every=request.query_params.get("every", ""))
        answer = forms.sign_in(request, RedirectResponse(there, _SEE_OTHER), token, device=True)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def refused_page(request: Request, person: Person, asked: str | None = None) -> Response:
    """What somebody known sees who opens a page outside the own rights.

    Parameters
    ----------
    request : Request
    person : Person
    asked : str, optional
        What was asked for, as a message; by default the address.
    """
    lang, path = pages.speak(request), request.url.path
    return pages.render(
        request,
        "notice.html",
        _REFUSED,
        title=_("这一页不在您的权限内"),
        text=_("您已登录，但您的角色不能打开它。这次请求已记入审计。"),
        facts=(
            (_("请求的页面"), _(asked) if asked else path),
            (_("您的身份"), _("{name}（{role}）").format(name=person.name, role=words.role_name(person.role))),
            (_("怎么办"), _("需要它来工作的话，请管理员调整您的角色。")),
        ),
        actions=(
            (_("我的账号"), pages.address("/account", lang)),
            (_("换一个账号"), pages.address("/sign-in", lang, next=path)),
        ),
    )


def refused_form(request: Request) -> Response:
    """What is answered to a form that does not come from a page of ours."""
    lang = pages.speak(request)
    return pages.render(
        request,
        "notice.html",
        _REFUSED,
        title=_("没有执行"),
        text=_(_EXPIRED),
        facts=(),
        actions=((_("我的账号"), pages.address("/account", lang)), (_("登录"), pages.address("/sign-in", lang))),
    )


def welcome(request: Request, token: str, wanted: str) -> Response:
    """Sign the browser in with a new session, ending the one that it had, and send it to the page that was wanted."""
    had = person_of(request)
    if had.account is not None:
        end(had)
    lang = pages.speak(request)
    person = session.person(assets.home(), token, address(request))
    there = pages.address("/account", lang, next=wanted) if person.must_change else wanted
    return forms.sign_in(request, RedirectResponse(there, _SEE_OTHER), token)


def end(who: Person) -> None:
    """End a person's session; one that somebody else ended at the same moment has ended."""
    try:
        session.end(assets.home(), who.scope, who.session)
    except NotFoundError:
        return


def visitor(request: Request) -> signin.Visitor:
    """Where the request comes from."""
    return signin.Visitor(address(request), request.headers.get("user-agent"))


def _begin(request: Request, form: dict[str, str], begin: Callable[[], str], login: str) -> Response:
    """Sign in, or show the form again with the reason."""
    wanted = pages.local(form.get("next", ""), pages.speak(request))
    if not forms.from_stranger(request, form):
        return _form(request, wanted, _REFUSED, problem=_(_EXPIRED), login=login)
    if wait := _wait(request):
        audit.refused(assets.home(), person_of(request).scope.actor, "sign_in", "accounts", login[:64] or "demo")
        problem = _("这个网络地址试得太多。请 {n} 秒后再试。").format(n=wait)
        answer = _form(request, wanted, _TOO_MANY, problem=problem, login=login)
        answer.headers["Retry-After"] = str(wait)
        return answer
    try:
        token = begin()
    except SignInError as error:
        return _form(request, wanted, _REFUSED, problem=str(error), login=login)
    return welcome(request, token, wanted)


def _wait(request: Request) -> int:
    """Seconds until the address may try again; 0: it may now."""
    rate = _rate(settings().sign_ins_per_minute)
    return math.ceil(rate.wait(network(address(request) or ""), time.monotonic())) if rate else 0


@cache
def _rate(per_minute: int) -> Rate | None:
    return Rate(per_minute) if per_minute else None


def _form(
    request: Request, wanted: str, status: int = 200, *, problem: str = "", note: str = "", login: str = ""
) -> Response:
    home, who = assets.home(), person_of(request)
    seal, cookie = forms.of_stranger(request)
    demo = session.is_demo(home)
    answer = pages.render(
        request,
        "sign_in.html",
        status,
        city=city_name(home.city),
        problem=problem,
        note=note,
        login=login,
        wanted=wanted,
        seal=seal,
        demo=demo,
        groups=_demo_groups(home) if demo else (),
        public=pages.address("/", language()) if session.public(home).scope.rights else "",
        provider=oidc.name(),
        person=who if who.signed_in else None,
        role=words.role_name(who.role),
    )
    return forms.keep_stranger(request, answer, cookie)


def _demo_groups(home: Home) -> list[tuple[str, list[dict]]]:
    """The demo's accounts as the chooser shows them, group by group in the order of the matrix."""
    found, lang = signin.demo_roles(home), language()
    return [
        (
            names[lang],
            [
                {
                    "key": key,
                    "name": row[lang],
                    "about": row[f"about_{lang}"],
                    "place": _place(home, row["place"], found[key]),
                }
                for key, row in rights.matrix()["roles"].items()
                if row.get("group") == group and key in found
            ],
        )
        for group, names in rights.matrix()["groups"].items()
    ]


def _place(home: Home, kind: str, names: list[str]) -> str:
    """The district or street of a demo account; empty for the whole city and for an enterprise."""
    known = {"unit": places.units, "street": places.streets}.get(kind)
    if known is None or not names or language() == "zh":
        return names[0] if known and names else ""
    english = known(home, session.public(home).scope).set_index("name")["name_en"]
    return labels.short(english.get(names[0]) or names[0])


routes = [
    Route("/sign-in", show),
    Route("/sign-in", forms.reading(enter), methods=["POST"]),
    Route("/sign-in/demo", forms.reading(enter_demo), methods=["POST"]),
    Route("/sign-out", forms.reading(leave), methods=["POST"]),
    Route("/signed-out", signed_out),
    Route("/wall/enter", enter_wall),
]
