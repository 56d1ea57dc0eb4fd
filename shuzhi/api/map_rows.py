"""Base layers, frames of air, rows of the map's smaller layers and what the search finds, as JSON (see ``maps``).

``/assets/rows/{version}/water.json?at=&lang=&mode=``, ``/assets/rows/{version}/names/{kind}.json?lang=``,
``/assets/rows/{version}/flow.json``, ``/assets/search/{version}.json?q=&lang=``. `at` is Beijing time.
"""

import json
from functools import lru_cache

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shuzhi import i18n
from shuzhi.api import assets
from shuzhi.api.gate import scope_of
from shuzhi.errors import InputError
from shuzhi.maps import rows
from shuzhi.maps.frames import HOURS, frames
from shuzhi.maps.search import search as find
from shuzhi.registry import places
from shuzhi.settings import BEIJING
from shuzhi.status.snapshot import FACTORS
from shuzhi.store import Scope

MEDIA_TYPE = "application/json"
LONGEST = 24 * 7
"""Hours that one request for frames may span."""


def base_layer(request: Request) -> Response:
    """``/assets/layers/{version}/{kind}.geojson``: districts, zones or rivers at a version of the home."""
    home, kind = assets.home(), request.path_params["kind"]
    return assets.guarded(
        request, lambda: _layer(str(home.path), home.version, _city_wide(request), kind), "application/geo+json"
    )


def air_frames(request: Request) -> Response:
    """``/assets/frames/{version}.json?factor=&end=&hours=&edition=``: see ``maps.frames``; `end` in Beijing time."""
    home, asked = assets.home(), request.query_params
    return assets.guarded(
        request,
        lambda: _frames(str(home.path), home.version, _city_wide(request), *_question(asked)),
        MEDIA_TYPE,
    )


def water(request: Request) -> Response:
    """Sections of water at a moment."""
    home, asked = assets.home(), request.query_params
    return assets.guarded(
        request,
        lambda: _water(
            str(home.path), home.version, _city_wide(request), _at(asked.get("at")), _lang(request), asked.get("mode")
        ),
        MEDIA_TYPE,
    )


def names(request: Request) -> Response:
    """Names of a kind of places."""
    home, kind = assets.home(), request.path_params["kind"]
    return assets.guarded(
        request, lambda: _names(str(home.path), home.version, _city_wide(request), kind, _lang(request)), MEDIA_TYPE
    )


def flow(request: Request) -> Response:
    """Arrows along the rivers."""
    home = assets.home()
    return assets.guarded(request, lambda: _flow(str(home.path), home.version, _city_wide(request)), MEDIA_TYPE)


def search(request: Request) -> Response:
    """What a text means."""
    home, asked = assets.home(), request.query_params

    def make() -> bytes:
        lang = _lang(request)
        return _squeezed({"found": find(home, scope_of(request), asked.get("q", ""), lang)})

    return assets.guarded(request, make, MEDIA_TYPE)


routes = [
    Route("/assets/layers/{version:int}/{kind}.geojson", base_layer),
    Route("/assets/frames/{version:int}.json", air_frames),
    Route("/assets/search/{version:int}.json", search),
    Route("/assets/rows/{version:int}/water.json", water),
    Route("/assets/rows/{version:int}/names/{kind}.json", names),
    Route("/assets/rows/{version:int}/flow.json", flow),
]


def _question(asked) -> tuple[str, str, int, str]:
    """Factor, end, hours and edition of a request for frames, checked."""
    factor, edition, hours = asked.get("factor", "aqi"), asked.get("edition", "auto"), asked.get("hours", str(HOURS))
    if factor not in FACTORS:
        raise InputError(f"factor: unknown '{factor}'; use one of {', '.join(FACTORS)}")
    if edition not in ("auto", "2012", "2026"):
        raise InputError("edition: use auto, 2012 or 2026")
    if not (hours.isdecimal() and 1 <= int(hours) <= LONGEST):
        raise InputError(f"hours: a number from 1 to {LONGEST}")
    return factor, _end(asked.get("end", "")).isoformat(), int(hours), edition


def _end(text: str) -> pd.Timestamp:
    try:
        stamp = pd.Timestamp(text) if text else pd.NaT
    except ValueError:
        stamp = pd.NaT
    if pd.isna(stamp):
        raise InputError("end: an hour as 2019-08-26T15:00, Beijing time")
    stamp = stamp.tz_convert("UTC") if stamp.tz else stamp.tz_localize(BEIJING).tz_convert("UTC")
    return stamp.floor("h")


@lru_cache(maxsize=128)
def _frames(_path: str, _version: int, scope: Scope, factor: str, end: str, hours: int, edition: str) -> bytes:
    return assets.squeezed(frames(assets.home(), scope, pd.Timestamp(end), hours, factor, edition))


@lru_cache(maxsize=16)
def _layer(_path: str, _version: int, scope: Scope, kind: str) -> bytes:
    return _squeezed(places.layer(assets.home(), scope, kind))


def _city_wide(request: Request) -> Scope:
    """The asker's rights without places, under which what no place binds is kept: everybody shares it."""
    return scope_of(request).city_wide


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
    return _squeezed(rows.water(assets.home(), scope, at, lang, mode == "dark"))


@lru_cache(maxsize=16)
def _names(_path: str, _version: int, scope: Scope, kind: str, lang: str) -> bytes:
    return _squeezed(rows.names(assets.home(), scope, kind, lang))


@lru_cache(maxsize=4)
def _flow(_path: str, _version: int, scope: Scope) -> bytes:
    return _squeezed(rows.flow(assets.home(), scope))


def _squeezed(found: dict) -> bytes:
    return assets.squeezed(json.dumps(found, ensure_ascii=False, separators=(",", ":")))
