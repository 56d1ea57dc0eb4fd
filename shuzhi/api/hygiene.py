"""Web hygiene (网页安全): what every answer says to a browser; under which names, from where, how often and with how
much the platform may be asked.

Three pure ASGI middlewares, in front of our own routes and Streamlit's alike; websockets and streams pass untouched.
"""

import hashlib
import ipaddress
import math
import re
import time
from base64 import b64encode
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from starlette.datastructures import Headers as HeaderMap
from starlette.middleware import Middleware
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from shuzhi.access.session import COOKIE
from shuzhi.settings import settings

LARGEST = 2**20
"""Bytes that a request to our own routes may send; files come through Streamlit's upload, which has a limit of its
own."""
NEIGHBOURS = 10
"""An address may ask as often as so many sessions: an office shares one."""

_SAFE = ("GET", "HEAD", "OPTIONS")
_KEPT = ("/static/", "/component/", "/assets/ui/", "/assets/vendor/")
"""Code that browsers keep; it is not counted."""
_CLOSED = ("/_stcore/metrics", "/_stcore/agent/")
"""Doors of Streamlit's that no page needs and that ask nobody who he is."""
_STREAMLITS = "/_stcore/"
"""Its uploads: they have a limit and an XSRF token of their own."""
_FILES, _WALL = "/media/", "/wall"
_LEAFLET = "/component/streamlit_folium."

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?", re.IGNORECASE)


def middleware(hosts: Iterable[str], routes: Iterable[Route]) -> list[Middleware]:
    """All of it in its order, for the application.

    Parameters
    ----------
    hosts : iterable of str
        Names under which the platform may be asked; ``*.example.cn`` for every name below one, ``*`` for any.
    routes : iterable of Route
        Our own; their pages get the strict policy.
    """
    own = frozenset(route.path.split("/")[1] for route in routes)
    return [
        Middleware(Headers, own=own),
        Middleware(Callers, hosts=tuple(hosts)),
        Middleware(Limits, own=own, per_minute=settings().rate_per_minute),
    ]


# What an answer says

_COMMON = {
    "default-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}

_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",
    "permissions-policy": ", ".join(
        f"{feature}=()"
        for feature in (
            "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone",
            "midi", "payment", "serial", "usb",
        )
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",  # an answer that says nothing else may be somebody's own
}  # fmt: skip
_HSTS = (b"strict-transport-security", b"max-age=31536000")


@cache
def policies() -> dict[str, str]:
    """Content security policies: of our own pages, the wall among them, of Streamlit's, of the drawing map's frame, and
    of files."""
    own = _COMMON | {
        "img-src": "'self' data: blob:",  # icons and legends of a map, its picture
        "font-src": "'self' data:",
    }
    # wasm-unsafe-eval: deck.gl (as Streamlit's protobuf) compiles a tiny module for long integers when it is loaded; it
    # works without, but the browser's log would report it as an attack. It lets no text become a script.
    wall = own | {"script-src": "'self' 'wasm-unsafe-eval'"}
    page = own | {
        # blob: Streamlit runs a component's module (our maps) from one; only a script that already runs can make one.
        # The one inline script of Streamlit's page is named by its hash, so no 'unsafe-inline'; charts are computed by
        # Vega's interpreter, so no 'unsafe-eval'. wasm-unsafe-eval: see the wall.
        "script-src": f"'self' blob: 'wasm-unsafe-eval' {_inline_scripts()}",
        # unsafe-inline: Streamlit's styles (Emotion) and ours (st.html) are style elements; there is no nonce to give.
        "style-src": "'self' 'unsafe-inline'",
        "media-src": "'self' blob:",
    }
    leaflet = own | {
        # streamlit-folium writes the map as a script into its own frame and evaluates what is put onto it.
        "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src": "'self' 'unsafe-inline'",
    }
    files = {"default-src": "'none'", "frame-ancestors": "'none'", "sandbox": ""}
    named = {"own": own, "wall": wall, "page": page, "leaflet": leaflet, "files": files}
    return {name: "; ".join(" ".join(pair).strip() for pair in policy.items()) for name, policy in named.items()}


def _inline_scripts() -> str:
    """Hashes of the inline scripts of the page that Streamlit ships."""
    page = (Path(find_spec("streamlit").origin).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    return " ".join(f"'sha256-{b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in scripts)


class Headers:
    """Puts the security headers onto every answer; what a route says itself stays.

    Parameters
    ----------
    app : ASGI application
    own : set of str
        First parts of the paths of our own routes.
    """

    def __init__(self, app, own: frozenset[str]):
        self._app, self._own = app, own
        common = [(name.encode(), text.encode()) for name, text in _HEADERS.items()]
        self._said = {name: [(b"content-security-policy", text.encode()), *common] for name, text in policies().items()}

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said, begun = self._said[self._kind(scope["path"])], False
        if scope["scheme"] == "https":
            said = [*said, _HSTS]

        async def sent(message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                there = [*message.get("headers", ())]
                names = {name for name, _ in there}
                message = {**message, "headers": there + [pair for pair in said if pair[0] not in names]}
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception:
            if not begun:
                await _no(500, "something failed; the log says what")(scope, receive, sent)
            raise

    def _kind(self, path: str) -> str:
        if path.split("/", 2)[1] in self._own:
            return "wall" if path == _WALL else "own"
        if path.startswith(_FILES):
            return "files"
        return "leaflet" if path.startswith(_LEAFLET) else "page"


# Under which name and from where


class Callers:
    """Refuses requests and websockets to another name (DNS rebinding), and what another site's page sends.

    Parameters
    ----------
    app : ASGI application
    hosts : sequence of str
        See :func:`middleware`.
    """

    def __init__(self, app, hosts: Sequence[str]):
        self._app = app
        names = [_plain(host) for host in hosts]
        self._any = "*" in names
        self._names = frozenset(names)
        self._below = tuple(name[1:] for name in names if name.startswith("*."))
        self._allowed = lru_cache(maxsize=256)(self._is_allowed)

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "lifespan" or (refusal := self._refusal(scope)) is None:
            await self._app(scope, receive, send)
        else:
            await _refuse(refusal, scope, receive, send)

    def _refusal(self, scope) -> PlainTextResponse | None:
        headers = HeaderMap(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._allowed(hosts[0]):
            return _no(
                400, "the platform is not opened under this name; its administrator can add it: SHUZHI_ALLOWED_HOSTS"
            )
        if (scope["type"] == "websocket" or scope["method"] not in _SAFE) and is_foreign(headers, hosts[0]):
            return _no(403, "this request comes from the page of another site")
        return _no(404, "there is no such page") if scope["path"].startswith(_CLOSED) else None

    def _is_allowed(self, host: str) -> bool:
        """Whether a Host header (name, port) is a name that is allowed."""
        match = _HOST.fullmatch(host)
        if match is None:
            return False
        name = _plain(match[1])
        return self._any or name in self._names or name.endswith(self._below or ("\0",))


def _plain(host: str) -> str:
    """A name as it is compared: small letters, no last dot, an IPv6 address in its shortest form without brackets."""
    name = host.strip().lower().rstrip(".")
    try:
        return str(ipaddress.ip_address(name.removeprefix("[").removesuffix("]")))
    except ValueError:
        return name if name.isascii() else name.encode("idna").decode()


def is_foreign(headers: HeaderMap, host: str) -> bool:
    """Whether a browser says that another site's page asks. What is no browser says nothing and has no cookies of its
    own accord."""
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
    scheme, _, place = origin.partition("://")
    port = {"http": ":80", "https": ":443"}.get(scheme, "\0")
    return place.lower().removesuffix(port) != host.lower().removesuffix(port)


# How often, and how much


class Rate:
    """So many events a minute for each key, and as many at once after a rest.

    The generic cell rate algorithm: a key costs one number, the moment up to which its requests are paid for. (The
    library ``limits`` keeps every request of the minute in a list, never forgets a key, and starts a thread a hundred
    times a second.)
    """

    _WINDOW = 60.0
    _MOST = 100_000

    def __init__(self, per_minute: int):
        self._each = self._WINDOW / per_minute
        self._paid: dict[str, float] = {}

    def wait(self, key: str, now: float) -> float:
        """Seconds until the key may ask again; 0: it may, and has done so."""
        paid = max(self._paid.get(key, 0.0), now) + self._each
        if paid - now > self._WINDOW:
            return paid - now - self._WINDOW
        self._paid[key] = paid
        if len(self._paid) > self._MOST:
            self._paid = {key: paid for key, paid in self._paid.items() if paid > now}
        return 0.0


class Limits:
    """Refuses what asks too often (429), sends too much (413), or sends something to a page (405).

    Parameters
    ----------
    app : ASGI application
    own : set of str
        First parts of the paths of our own routes.
    per_minute : int
        Requests of one session; an address may ask `NEIGHBOURS` times as often. 0: no limit.
    """

    def __init__(self, app, own: frozenset[str], per_minute: int):
        self._app, self._own = app, own
        self._sessions = Rate(per_minute) if per_minute else None
        self._addresses = Rate(per_minute * NEIGHBOURS) if per_minute else None

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif wait := self._wait(scope):
            again = {"Retry-After": str(math.ceil(wait))}
            await _refuse(_no(429, "too many requests; ask again later", again), scope, receive, send)
        elif scope["type"] == "websocket" or scope["method"] in _SAFE or scope["path"].startswith(_STREAMLITS):
            await self._app(scope, receive, send)
        elif scope["path"].split("/", 2)[1] in self._own:
            await self._measured(scope, receive, send)
        else:
            await _no(405, "pages are only read", {"Allow": "GET, HEAD"})(scope, receive, send)

    def _wait(self, scope) -> float:
        if self._sessions is None or scope["path"].startswith(_KEPT):
            return 0.0
        now, token = time.monotonic(), _token(scope)
        client = scope.get("client")
        wait = self._addresses.wait(network(client[0] if client else ""), now)
        return wait or (self._sessions.wait(token, now) if token else 0.0)

    async def _measured(self, scope, receive, send) -> None:
        """Read the whole request, which is small, and hand it on."""
        parts, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            parts.append(message.get("body", b""))
            size, more = size + len(parts[-1]), message.get("more_body", False)
            if size > LARGEST:
                await _no(413, f"at most {LARGEST >> 10} KB can be sent here")(scope, receive, send)
                return
        whole = iter([{"type": "http.request", "body": b"".join(parts), "more_body": False}])

        async def read():
            return next(whole, None) or await receive()

        await self._app(scope, read, send)


def _token(scope) -> str:
    """The session that the request names, shortened: nothing is proved by it here."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return value[:64].decode("latin-1")
        if name == b"cookie":
            return cookie_parser(value.decode("latin-1")).get(COOKIE, "")[:64]
    return ""


@lru_cache(maxsize=1024)
def network(address: str) -> str:
    """An IPv4 address; of an IPv6 address what a single line has: its first half."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ipaddress.ip_network((parsed, 64), strict=False))


def _no(status: int, why: str, headers: dict[str, str] | None = None) -> PlainTextResponse:
    return PlainTextResponse(f"{why}\n", status, headers={"Cache-Control": "no-store", **(headers or {})})


async def _refuse(refusal: PlainTextResponse, scope, receive, send) -> None:
    """Answer in place of the application; a websocket is refused before it is accepted."""
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
    else:
        await refusal(scope, receive, send)
