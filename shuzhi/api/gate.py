"""The gate (准入): who asks, and whether ``data/rights.yaml`` lets them; in front of every route, page and file.

Routes ask the services with the scope of :func:`person_of`; the gate refuses earlier, and whatever the matrix does not
name. Pages decide again in each of their runs (``ui.frame``): a page that is open asks nothing of the gate.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from shuzhi.access import Person, audit, rights, session
from shuzhi.api import assets
from shuzhi.errors import ScopeError
from shuzhi.store import Scope

_FILES = "/media/"  # what pages give to download, under an address of its own
_UPLOADS = "/_stcore/upload_file/"  # what is given to a page


def person_of(request: HTTPConnection) -> Person:
    """Who asks: by the cookie, or for a client that keeps none by ``Authorization: Bearer …``."""
    if not hasattr(request.state, "person"):
        request.state.person = session.person(assets.home(), _token(request), address(request))
    return request.state.person


def scope_of(request: HTTPConnection) -> Scope:
    """What the asker may see and do."""
    return person_of(request).scope


def address(request: HTTPConnection) -> str | None:
    """Network address of the asker; behind a proxy the one that the server was told to trust."""
    return request.client.host if request.client else None


def guard(routes: list[Route]) -> list[Route]:
    """The same routes, each asked for by those only whom the matrix lets.

    Raises
    ------
    KeyError
        If a route is not in the matrix: nobody could ever ask for it.
    """
    for route in routes:
        if rights.needed("routes", route.path) is None:
            raise KeyError(f"{route.path} is not in {rights.FILE.name}")
    return [
        Route(route.path, _asked(route.endpoint, route.path), methods=list(route.methods), name=route.name)
        for route in routes
    ]


class Gate:
    """ASGI middleware: sends whoever may not open a page to the sign-in, and keeps files from strangers.

    Parameters
    ----------
    app : ASGI application
    pages : mapping
        Path (``/``, ``/map``…) → name of the page in the matrix.
    refused : callable
        Given the request and the person: the answer to somebody known who may not open the page.
    """

    def __init__(self, app, pages: Mapping[str, str], refused: Callable[[Request, Person], Response]):
        self._app, self._pages, self._refused = app, pages, refused

    async def __call__(self, scope, receive, send) -> None:
        answer = None
        if scope["type"] == "http" and (scope["path"] in self._pages or scope["path"].startswith((_FILES, _UPLOADS))):
            answer = await run_in_threadpool(self._decide, Request(scope))
        await (answer or self._app)(scope, receive, send)

    def _decide(self, request: Request) -> Response | None:
        who, path = person_of(request), request.url.path
        if path.startswith((_FILES, _UPLOADS)):
            may = who.scope.rights if path.startswith(_FILES) else who.signed_in
            return None if may and not who.must_change else assets.refused(401, "sign in to fetch or send files")
        if who.must_change:
            return RedirectResponse("/account", 303)
        if self._may(who, path):
            return None
        if path == "/" and (first := next((other for other in self._pages if self._may(who, other)), None)):
            return RedirectResponse(first, 303)
        if who.signed_in:
            note_refusal(who, "pages", self._pages[path])
            return self._refused(request, who)
        return _way_in(request)

    def _may(self, who: Person, path: str) -> bool:
        return rights.may(who.scope, "pages", self._pages[path], who.signed_in)


def note_refusal(who: Person, kind: str, name: str) -> None:
    """Keep in the audit that somebody asked for what the matrix refuses."""
    asked = rights.needed(kind, name)
    dataset, action = asked if isinstance(asked, tuple) else (None, "see")
    audit.refused(assets.home(), who.scope.actor, action, dataset, name)


def _asked(endpoint: Callable, path: str) -> Callable:
    """The endpoint behind its question."""
    if inspect.iscoroutinefunction(endpoint):

        async def later(request: Request) -> Response:
            return await run_in_threadpool(_refusal, request, path) or await _served(endpoint, request)

        return later

    def now(request: Request) -> Response:
        return _refusal(request, path) or endpoint(request)

    return now


async def _served(endpoint: Callable[[Request], Awaitable[Response]], request: Request) -> Response:
    try:
        return await endpoint(request)
    except ScopeError as error:
        return _no(request, person_of(request), str(error))


def _refusal(request: Request, path: str) -> Response | None:
    """Why the route is not answered, or None."""
    asked = rights.needed("routes", path)
    if asked == rights.ANYBODY:
        return None
    who = person_of(request)
    kind, name = ("layers", request.path_params["layer"]) if asked == rights.LAYER else ("routes", path)
    if not who.must_change and rights.may(who.scope, kind, name, who.signed_in):
        return None
    if asked == rights.LAYER and rights.needed(kind, name) is None:
        return assets.refused(404, "there is no such layer")
    if who.must_change and asked == rights.SIGNED_IN:
        return None
    note_refusal(who, kind, name)
    return _no(request, who, "this is outside what you may see")


def _no(request: Request, who: Person, why: str) -> Response:
    """401 for a stranger, 403 for somebody known; a browser that wants a page is sent to the sign-in."""
    if not who.signed_in and "text/html" in request.headers.get("accept", ""):
        return _way_in(request)
    return JSONResponse({"error": why}, 403 if who.signed_in else 401, headers={"Cache-Control": "no-store"})


def _way_in(request: Request) -> Response:
    """To the sign-in, and back to what was asked for."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?{urlencode({'next': asked})}", 303)


def _token(request: HTTPConnection) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else request.cookies.get(session.COOKIE)
