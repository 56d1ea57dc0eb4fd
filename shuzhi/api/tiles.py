"""``/tiles/{layer}/{version}/{z}/{x}/{y}.mvt``: the large registers on the map, a square at a time.

The query is a selection as in the address of a list (``store.selection``), and ``amount``, the pollutant that is summed
up. Made tiles are kept, gzipped, up to a number of bytes; a browser asks again and is answered by the tag.
"""

import gzip
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shuzhi.api import assets
from shuzhi.api.gate import scope_of
from shuzhi.errors import InputError
from shuzhi.maps import tiles
from shuzhi.store.selection import read

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
KEPT = 64 * 2**20
"""Bytes of tiles that are kept, gzipped."""

_MOMENT = 600  # seconds for which "seen within 24 hours" may stay as it was
_OVERHEAD = 500  # bytes of a key and of the bookkeeping
_LEVEL = 3


class Kept:
    """Tiles by what was asked, the ones asked for last, up to a number of bytes. Safe to share between threads."""

    def __init__(self, limit: int):
        self._limit = limit
        self._lock = threading.Lock()
        self._tiles: OrderedDict[tuple, bytes] = OrderedDict()
        self._size = 0

    def get(self, key: tuple, make: Callable[[], bytes]) -> bytes:
        """The tile of this key, made where it is not kept."""
        with self._lock:
            if key in self._tiles:
                self._tiles.move_to_end(key)
                return self._tiles[key]
        made = make()
        with self._lock:
            if key not in self._tiles:
                self._tiles[key] = made
                self._size += len(made) + _OVERHEAD
            while self._size > self._limit and len(self._tiles) > 1:
                _, oldest = self._tiles.popitem(last=False)
                self._size -= len(oldest) + _OVERHEAD
        return made

    def __len__(self) -> int:
        return len(self._tiles)


kept = Kept(KEPT)


def tile(request: Request) -> Response:
    """One tile; 404 for a layer or an amount that does not exist, 400 for a query that can't be understood."""
    return assets.guarded(request, lambda: _tile(request), MEDIA_TYPE)


routes = [Route("/tiles/{layer}/{version:int}/{z:int}/{x:int}/{y:int}.mvt", tile)]


def _tile(request: Request) -> bytes:
    home, scope, asked = assets.home(), scope_of(request), request.path_params
    layer, amount = asked["layer"], request.query_params.get("amount") or None
    tiles.layer_named(layer)
    selection = read(layer, request.query_params)
    place = (layer, asked["z"], asked["x"], asked["y"])
    if max(place[1:]) > 2**tiles.MAX_ZOOM:
        raise InputError(f"there is no such tile; the zoom goes from 0 to {tiles.MAX_ZOOM}")
    moment = int(time.time()) // _MOMENT if layer == "machines" else 0
    key = (str(home.path), home.version, scope, *place, selection, amount, moment)
    return kept.get(key, lambda: gzip.compress(tiles.tile(home, scope, *place, selection, amount), _LEVEL, mtime=0))
