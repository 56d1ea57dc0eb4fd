"""What a browser fetches for the maps: our own and vendored code; and how every route answers.

Plain ``def`` routes: they run in a thread. Everything is gzipped once and kept. Code carries its fingerprint in its
address and is immutable; data is asked for again and answered by its ETag, for two homes may share an address. No
address leads outside this origin.
"""

import gzip
import hashlib
from collections.abc import Callable
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from shuzhi.errors import NotFoundError, ScopeError, ShuzhiError
from shuzhi.settings import ROOT, settings
from shuzhi.store import Home, open_home

STATIC = ROOT / "shuzhi" / "ui" / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".geojson": "application/geo+json", ".json": "application/json"}
_FONT_FACE, _FONT = "font.css", "SourceSansVF-Upright*.woff2"
_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "private, no-cache"


@lru_cache(maxsize=4)
def _home(path: str) -> Home:
    return open_home(path)


def home() -> Home:
    """The home of this process, opened once for all routes."""
    return _home(str(settings().home))


@cache
def code_version() -> str:
    """Fingerprint of our own browser code; part of its address."""
    digest = hashlib.sha256(font_face().encode())
    for file in sorted(STATIC.glob("*.*")):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def code(request: Request) -> Response:
    """``/assets/ui/{version}/{name}``: a module or stylesheet of ``shuzhi/ui/static``, or ``font.css``."""
    current = request.path_params["version"] == code_version()
    if request.path_params["name"] == _FONT_FACE:
        return answer(request, squeezed(font_face()), "text/css", current)
    file = _file(STATIC, request.path_params["name"], (".js", ".css"))
    if file is None:
        return refused(404, "there is no such file")
    return answer(request, _packed(file), _TYPES[file.suffix], current)


@cache
def font_face() -> str:
    """The pages' font, which Streamlit ships and serves, for pages of our own; without it the system's is taken."""
    shipped = Path(find_spec("streamlit").origin).parent / "static" / "static" / "media"
    address = next((f"../../../static/media/{file.name}" for file in shipped.glob(_FONT)), "data:,")
    return (
        '@font-face { font-family: "Source Sans"; font-weight: 200 900; font-display: swap; '
        f'src: url("{address}") format("woff2"); }}'
    )


def vendor(request: Request) -> Response:
    """``/assets/vendor/{name}``: a library, stored gzipped; its version is in its name."""
    file = _file(STATIC / "vendor", request.path_params["name"] + ".gz", (".gz",))
    if file is None:
        return refused(404, "there is no such file")
    return answer(request, _read(file), _TYPES[Path(file.stem).suffix], True)


routes = [
    Route("/assets/ui/{version}/{name}", code),
    Route("/assets/vendor/{name}", vendor),
]


def squeezed(text: str) -> bytes:
    """A text as it is sent: the same text gives the same bytes."""
    return gzip.compress(text.encode(), 6, mtime=0)


@cache
def _packed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), 9, mtime=0)


@cache
def _read(file: Path) -> bytes:
    return file.read_bytes()


def _file(folder: Path, name: str, suffixes: tuple[str, ...]) -> Path | None:
    """A file directly inside the folder, or None; names that lead elsewhere are not files."""
    file = folder / name
    return file if file.suffix in suffixes and file.parent == folder and file.is_file() else None


def guarded(request: Request, make: Callable[[], bytes], media_type: str) -> Response:
    """The gzipped content that `make` makes, to be asked for again; its errors as 400, 403 and 404."""
    try:
        body = make()
    except NotFoundError as error:
        return refused(404, str(error))
    except ScopeError as error:
        return refused(403, str(error))
    except ShuzhiError as error:
        return refused(400, str(error))
    return answer(request, body, media_type, False)


def answer(request: Request, packed: bytes, media_type: str, immutable: bool) -> Response:
    """Gzipped content, or 304 where the browser has it already; `immutable` content is never asked for again."""
    tag = f'"{hashlib.sha256(packed).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": _FOREVER if immutable else _ASK_AGAIN, "Vary": "Accept-Encoding"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, media_type=media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(gzip.decompress(packed), media_type=media_type, headers=headers)


def refused(status: int, message: str) -> Response:
    """Why there is no answer."""
    return PlainTextResponse(message, status, headers={"Cache-Control": "no-store"})
