"""Forms of our own pages (表单): where they may come from, and the seal that says who was given them; and cookies.

A form of a signed-in person is sealed with the session, a form of a stranger with a cookie of its own; the page of
another site knows neither.
"""

import hmac
import secrets
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from shuzhi.access import secret, session
from shuzhi.api import assets, hygiene
from shuzhi.api.gate import person_of

FIELD = "token"
_COOKIE = "shuzhi_form"
_PURPOSE = "form"
_FIELDS = 20
_WALL_LIVES = 400 * 24 * 3600  # seconds; browsers keep no cookie for longer


def reading(act: Callable[[Request, dict[str, str]], Response]) -> Callable:
    """An endpoint that reads the form and acts in a thread."""

    async def endpoint(request: Request) -> Response:
        async with request.form(max_files=0, max_fields=_FIELDS) as form:
            given = {name: text for name, text in form.items() if isinstance(text, str)}
        return await run_in_threadpool(act, request, given)

    return endpoint


def of_stranger(request: Request) -> tuple[str, str | None]:
    """Seal for a form that is shown to whoever comes, and the cookie that it needs where the browser has none."""
    there = request.cookies.get(_COOKIE)
    value = there or secrets.token_urlsafe(24)
    return _sealed(f"stranger {value}"), None if there else value


def of_session(request: Request) -> str:
    """Seal for a form of the session."""
    return _sealed(f"session {person_of(request).session}")


def from_stranger(request: Request, form: dict[str, str]) -> bool:
    """Whether a form comes from the page of ours that this browser was shown."""
    there = request.cookies.get(_COOKIE)
    return there is not None and _comes(request, form, f"stranger {there}")


def from_session(request: Request, form: dict[str, str]) -> bool:
    """Whether a form comes from a page of ours that this session was shown."""
    who = person_of(request)
    return who.signed_in and _comes(request, form, f"session {who.session}")


def keep_stranger(request: Request, answer: Response, value: str | None) -> Response:
    """Give the browser the cookie of :func:`of_stranger`."""
    if value:
        _set(request, answer, _COOKIE, value)
    return answer


def sign_in(request: Request, answer: Response, token: str, device: bool = False) -> Response:
    """Give the browser the token of a session; of a device for as long as browsers keep one."""
    _set(request, answer, session.COOKIE, token, max_age=_WALL_LIVES if device else None)
    return answer


def sign_out(request: Request, answer: Response) -> Response:
    """Take the session from the browser."""
    _set(request, answer, session.COOKIE, "", max_age=0)
    return answer


def _set(request: Request, answer: Response, name: str, value: str, max_age: int | None = None) -> None:
    secure = request.url.scheme == "https"
    answer.set_cookie(name, value, max_age=max_age, path="/", httponly=True, samesite="lax", secure=secure)


def _comes(request: Request, form: dict[str, str], binding: str) -> bool:
    return is_from_here(request) and hmac.compare_digest(form.get(FIELD, "").encode(), _sealed(binding).encode())


def is_from_here(request: Request) -> bool:
    """Whether the browser says that a page of ours asks; one that says nothing is no browser of today."""
    said = "origin" in request.headers or "sec-fetch-site" in request.headers
    return said and not hygiene.is_foreign(request.headers, request.headers.get("host", ""))


def _sealed(binding: str) -> str:
    return secret.seal(assets.home(), _PURPOSE, binding)
