"""Health (健康检查): one route that a supervisor or a load balancer asks."""

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from shuzhi import __version__
from shuzhi.store import open_home


def health(_request: Request) -> JSONResponse:
    """200 with the versions of software and data while the ledger answers."""
    home = open_home()
    return JSONResponse({"status": "ok", "software": __version__, "data": home.version, "kind": home.kind})


routes = [Route("/healthz", health)]
