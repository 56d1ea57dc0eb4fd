"""The ASGI entry: pages, assets and health in one process and origin.

``make run`` serves it through uvicorn; ``streamlit run app.py`` serves the same pages and routes.
"""

import asyncio
import gc
from contextlib import asynccontextmanager, suppress

import streamlit as st

from shuzhi.api import assets, health
from shuzhi.settings import ROOT
from shuzhi.ui import failure

_COLLECT_EVERY = 20  # seconds; Streamlit's own collection after each rerun is switched off in .streamlit/config.toml


async def _collect_garbage() -> None:
    while True:
        await asyncio.sleep(_COLLECT_EVERY)
        await asyncio.to_thread(gc.collect, 1)


@asynccontextmanager
async def lifespan(_app: st.App):
    """Keep garbage collection out of the reruns while the server lives."""
    gc.collect()
    gc.freeze()
    collector = asyncio.create_task(_collect_garbage())
    yield
    collector.cancel()
    with suppress(asyncio.CancelledError):
        await collector


app = st.App(
    ROOT / "shuzhi" / "ui" / "shell.py",
    routes=[*assets.routes, *health.routes],
    lifespan=lifespan,
    on_script_error=failure.on_script_error,
)
