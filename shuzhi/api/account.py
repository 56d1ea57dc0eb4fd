"""The own account (我的账号): password, second factor, sessions. Everything here is about the person who asks."""

import datetime as dt
import re
from contextlib import suppress
from dataclasses import dataclass

import pyotp
import segno
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from shuzhi.access import own, session, signin, words
from shuzhi.api import assets, forms, pages
from shuzhi.api.gate import person_of
from shuzhi.api.sign_in import refused_form
from shuzhi.errors import InputError, NotFoundError, ScopeError, SignInError
from shuzhi.i18n import N_, _, when

_SEE_OTHER, _REFUSED = 303, 403
_DONE = {
    "password": N_("口令已换。其他地方的会话都已结束。"),
    "on": N_("二次验证已开启。下次登录时要输入验证码。"),
    "off": N_("二次验证已关闭。"),
    "session": N_("会话已结束。"),
}
_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """What is wrong, and in which part of the page: ``password`` or ``totp``."""

    part: str
    text: str


def show(request: Request) -> Response:
    """``GET /account?done=&next=&lang=``."""
    return _page(request, done=_DONE.get(request.query_params.get("done", ""), ""))


def change_password(request: Request, form: dict[str, str]) -> Response:
    """``POST /account/password``."""
    lang, who = pages.speak(request), person_of(request)
    if not forms.from_session(request, form):
        return refused_form(request)
    if form.get("new") != form.get("again"):
        return _page(request, problem=Problem("password", _("两次输入的新口令不一样")))
    try:
        signin.change_password(assets.home(), who.scope, form.get("old", ""), form.get("new", ""))
    except (InputError, SignInError) as error:
        return _page(request, problem=Problem("password", str(error)))
    if who.must_change:
        return _go(pages.local(form.get("next", ""), lang))
    return _done(request, "password")


def change_totp(request: Request, form: dict[str, str]) -> Response:
    """``POST /account/second-factor``: on with a new secret, off without one; a code proves the authenticator."""
    who, new = person_of(request), form.get("secret") or None
    if not forms.from_session(request, form) or who.must_change or (new and not re.fullmatch("[A-Z2-7]{32}", new)):
        return refused_form(request)
    try:
        signin.set_totp(assets.home(), who.scope, new, form.get("code", ""))
    except SignInError as error:
        return _page(request, problem=Problem("totp", str(error)), secret=new)
    return _done(request, "on" if new else "off")


def end_session(request: Request, form: dict[str, str]) -> Response:
    """``POST /account/sessions``: end one of the own sessions."""
    who = person_of(request)
    if not forms.from_session(request, form) or who.must_change:
        return refused_form(request)
    with suppress(NotFoundError):  # it has ended meanwhile, which is what was wanted
        own.end_session(assets.home(), who.scope, form.get("session", ""))
    return _done(request, "session")


routes = [
    Route("/account", show),
    Route("/account/password", forms.reading(change_password), methods=["POST"]),
    Route("/account/second-factor", forms.reading(change_totp), methods=["POST"]),
    Route("/account/sessions", forms.reading(end_session), methods=["POST"]),
]


def _page(request: Request, problem: Problem | None = None, done: str = "", secret: str | None = None) -> Response:
    lang, who, home = pages.speak(request), person_of(request), assets.home()
    try:
        mine = own.account(home, who.scope)
    except ScopeError:
        return _without_account(request)
    session.touch(home, who)
    setting_up = mine.password and not mine.must_change and not mine.totp
    secret = (secret or signin.new_secret()) if setting_up else None
    return pages.render(
        request,
        "account.html",
        200 if problem is None else _REFUSED,
        mine=mine,
        role=words.role_name(mine.role),
        places=_("、").join(mine.places) or words.place_name(mine.role),
        sessions=[_shown(one) for one in own.sessions(home, who.scope)],
        seal=forms.of_session(request),
        wanted=pages.local(request.query_params.get("next", ""), lang),
        problem=problem,
        done=_(done) if done else "",
        secret=secret,
        spelled=" ".join(re.findall(".{4}", secret)) if secret else "",
        picture=_picture(mine.login, secret) if secret else "",
    )


def _without_account(request: Request) -> Response:
    return pages.render(
        request,
        "notice.html",
        _REFUSED,
        title=_("这台设备没有账号"),
        text=_("它以设备令牌显示大屏。要做别的事，请用自己的账号登录。"),
        facts=(),
        actions=((_("登录"), pages.address("/sign-in", pages.speak(request))),),
    )


def _done(request: Request, what: str) -> Response:
    return _go(pages.address("/account", pages.speak(request), done=what))


def _go(there: str) -> Response:
    return RedirectResponse(there, _SEE_OTHER)


def _picture(login: str, secret: str) -> Markup:
    """The secret as a code that an authenticator reads (the otpauth address of RFC 6238's users)."""
    address = pyotp.TOTP(secret, name=login, issuer=_("数智环境")).provisioning_uri()
    code = segno.make(address, error="m")
    return Markup(code.svg_inline(border=3, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None))


def _shown(one: own.OpenSession) -> dict:
    def at(moment: dt.datetime) -> str:
        return when(moment.replace(tzinfo=dt.UTC), _("M月d日 HH:mm"))

    return {
        "id": one.id,
        "where": _device(one.agent or ""),
        "address": one.address or "–",
        "started": at(one.started_at),
        "seen": at(one.seen_at),
        "current": one.current,
    }


def _device(agent: str) -> str:
    """Browser and system, as far as the browser says them."""
    named = [next((name for mark, name in kinds if mark in agent), "") for kinds in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in named if name) or _("未知设备")
