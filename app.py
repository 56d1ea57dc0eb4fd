"""The ASGI entry: pages, assets and health in one process and origin.

``make run`` serves it through uvicorn; ``streamlit run app.py`` serves the same pages and routes.
"""

import asyncio
import gc
import itertools
import sys
from contextlib import asynccontextmanager, suppress

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from streamlit import config

from shuzhi.access import Person
from shuzhi.api import account, assets, gate, health, hygiene, map_rows, oidc, sign_in, tiles, wall
from shuzhi.settings import ROOT, settings
from shuzhi.ui import failure, menu

_HOSTS = "server.allowedHosts"
_COLLECT_EVERY = 5  # seconds
_WHOLE_HEAP_EVERY = 12  # collections
_SWITCH = 0.0005  # seconds; a page sends dozens of messages, and each waits this long for another page's thread


async def _collect_garbage() -> None:
    for turn in itertools.count(1):
        await asyncio.sleep(_COLLECT_EVERY)
        await asyncio.to_thread(gc.collect, 2 if turn % _WHOLE_HEAP_EVERY == 0 else 1)


@asynccontextmanager
async def lifespan(_app: st.App):
    """Keep garbage collection out of the reruns while the server lives.

    Streamlit's own collection after each rerun is switched off in .streamlit/config.toml; Python's would come in the
    middle of one and look at every cached table.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    sys.setswitchinterval(_SWITCH)
    collector = asyncio.create_task(_collect_garbage())
    yield
    collector.cancel()
    with suppress(asyncio.CancelledError):
        await collector
    gc.enable()


def _name_hosts() -> None:
    """Let the pages be opened under the names of SHUZHI_ALLOWED_HOSTS as well: Streamlit's own variable has no effect
    under uvicorn."""
    named = [host.strip() for host in settings().allowed_hosts.split(",") if host.strip()]
    if named:
        config.set_option(_HOSTS, [*config.get_option(_HOSTS), *named])


def _refused(request: Request, person: Person) -> Response:
    """Somebody known who may not open a page is told which one by its title."""
    titles = {f"/{path or ''}": title for _group, pages in menu.existing() for _file, title, path in pages}
    return sign_in.refused_page(request, person, titles.get(request.url.path))


_name_hosts()
routes = [
    *assets.routes,
    *health.routes,
    *map_rows.routes,
    *tiles.routes,
    *wall.routes,
    *sign_in.routes,
    *oidc.routes,
    *account.routes,
]
app = st.App(
    ROOT / "shuzhi" / "ui" / "shell.py",
    routes=gate.guard(routes),
    middleware=[
        *hygiene.middleware(config.get_option(_HOSTS), routes),
        Middleware(gate.Gate, pages=menu.paths(), refused=_refused),
    ],
    lifespan=lifespan,
    on_script_error=failure.on_script_error,
)
