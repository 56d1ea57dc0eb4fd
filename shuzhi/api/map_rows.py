"""Rows of the map's smaller layers and what the search finds, as JSON (see ``maps.rows`` and ``maps.search``).

``/assets/rows/{version}/water.json?at=&lang=&mode=``, ``/assets/rows/{version}/names/{kind}.json?lang=``,
``/assets/rows/{version}/flow.json``, ``/assets/search/{version}.json?q=&lang=``. `at` is Beijing time.
"""

import gzip
import json
from functools import lru_cache

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shuzhi import i18n
from shuzhi.api import assets
from shuzhi.api.tiles import scope_of
from shuzhi.errors import InputError
from shuzhi.maps import rows
from shuzhi.maps.search import search as find
from shuzhi.settings import BEIJING
from shuzhi.store import Scope

MEDIA_TYPE = "application/json"


def water(request: Request) -> Response:
    """Sections of water at a moment."""
    home, asked = assets.home(), request.query_params
    return assets.guarded(
        request,
        lambda: _water(
            str(home.path), home.version, scope_of(request), _at(asked.get("at")), _lang(request), asked.get("mode")
        ),
        MEDIA_TYPE,
    )


def names(request: Request) -> Response:
    """Names of a kind of places."""
    home, kind = assets.home(), request.path_params["kind"]
    return assets.guarded(
        request, lambda: _names(str(home.path), home.version, scope_of(request), kind, _lang(request)), MEDIA_TYPE
    )


def flow(request: Request) -> Response:
    """Arrows along the rivers."""
    home = assets.home()
    return assets.guarded(request, lambda: _flow(str(home.path), home.version, scope_of(request)), MEDIA_TYPE)


def search(request: Request) -> Response:
    """What a text means."""
    home, asked = assets.home(), request.query_params

    def make() -> bytes:
        lang = _lang(request)
        return _packed({"found": find(home, scope_of(request), asked.get("q", ""), lang)})

    return assets.guarded(request, make, MEDIA_TYPE)


routes = [
    Route("/assets/search/{version:int}.json", search),
    Route("/assets/rows/{version:int}/water.json", water),
    Route("/assets/rows/{version:int}/names/{kind}.json", names),
    Route("/assets/rows/{version:int}/flow.json", flow),
]


def _lang(request: Request) -> str:
    """The language asked for; also that of the words made now."""
    lang = "en" if request.query_params.get("lang") == "en" else "zh"
    i18n.use(lang)
    return lang


def _at(text: str | None) -> pd.Timestamp | None:
    try:
        stamp = pd.Timestamp(text) if text else None
    except ValueError:
        raise InputError("at: an hour as 2026-08-26T15:00, Beijing time") from None
    return stamp if stamp is None or stamp.tz else stamp.tz_localize(BEIJING)


@lru_cache(maxsize=32)
def _water(_path: str, _version: int, scope: Scope, at: pd.Timestamp | None, lang: str, mode: str | None) -> bytes:
    return _packed(rows.water(assets.home(), scope, at, lang, mode == "dark"))


@lru_cache(maxsize=16)
def _names(_path: str, _version: int, scope: Scope, kind: str, lang: str) -> bytes:
    return _packed(rows.names(assets.home(), scope, kind, lang))


@lru_cache(maxsize=4)
def _flow(_path: str, _version: int, scope: Scope) -> bytes:
    return _packed(rows.flow(assets.home(), scope))


def _packed(found: dict) -> bytes:
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), 6, mtime=0)
