"""``/wall``: the situation room's screen (大屏), a page of our own beside Streamlit's.

The page is fetched once. Its script (``ui/static/wall.js``) asks ``/wall/data.json`` again and again and is answered
by the tag while nothing has changed. What is sent is made once for a version of the home, an hour, a language and a
layout.
"""

import gzip
import hashlib
import json
import math
import threading
import time
from functools import cache, lru_cache
from string import Template

import pandas as pd
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from shuzhi import i18n
from shuzhi.api import assets
from shuzhi.api.gate import scope_of
from shuzhi.api.wall_text import LAYOUTS, content, words
from shuzhi.settings import BEIJING
from shuzhi.status.wall import wall
from shuzhi.store import Scope

EVERY = 15.0
"""Seconds between two questions of a screen; ``/wall?every=`` asks for others."""
_SHORTEST, _LONGEST = 0.1, 3600.0

_making = threading.Lock()


def page(request: Request) -> Response:
    """``/wall?lang=&every=``: the page."""
    html = _page(_language(request), _every(request.query_params.get("every", "")))
    return HTMLResponse(html, headers={"Cache-Control": "no-cache"})


def data(request: Request) -> Response:
    """``/wall/data.json?lang=&layout=``: what the screen shows now; ``X-Time`` is the server's clock [ms]."""
    home = assets.home()
    layout = request.query_params.get("layout", "")
    hour = pd.Timestamp.now(BEIJING).floor("h")
    with _making:  # two screens that ask together are answered from one work
        packed = _packed(
            str(home.path),
            home.version,
            scope_of(request),
            hour,
            _language(request),
            layout if layout in LAYOUTS else "screen",
        )
    answer = assets.answer(request, packed, "application/json", False)
    answer.headers["X-Time"] = str(round(time.time() * 1000))
    return answer


routes = [Route("/wall", page), Route("/wall/data.json", data)]


def _language(request: Request) -> str:
    asked = request.query_params.get("lang", "zh")
    return asked if asked in i18n.LANGUAGES else "zh"


def _every(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        return EVERY
    return EVERY if math.isnan(seconds) else min(max(seconds, _SHORTEST), _LONGEST)


@lru_cache(maxsize=64)
def _packed(_path: str, _version: int, scope: Scope, _hour: pd.Timestamp, lang: str, layout: str) -> bytes:
    i18n.use(lang)
    home = assets.home()
    now = pd.Timestamp.now(BEIJING)
    body = {"page": revision(lang), "lang": lang, **content(home, scope, wall(home, scope, now), now, layout)}
    return gzip.compress(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(), 6, mtime=0)


@cache
def revision(lang: str) -> str:
    """Fingerprint of the page and its code; a screen that shows another one loads itself again."""
    return hashlib.sha256(_page(lang, EVERY, "").encode()).hexdigest()[:12]


def _page(lang: str, every: float, mark: str | None = None) -> str:
    i18n.use(lang)
    told = {
        "page": revision(lang) if mark is None else mark,
        "lang": lang,
        "every": every,
        "code": assets.code_version(),
        "words": words(),
    }
    template = Template((assets.STATIC / "wall.html").read_text(encoding="utf-8"))
    return template.substitute(
        lang={"zh": "zh-CN"}.get(lang, lang),
        title=i18n._("数智环境 · 态势大屏"),
        code=assets.code_version(),
        told=json.dumps(told, ensure_ascii=False).replace("<", "\\u003c"),
    )
