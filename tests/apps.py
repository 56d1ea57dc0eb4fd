"""Pages as scripts, in Streamlit's own test runner."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from shuzhi.settings import ROOT, settings
from shuzhi.ui import state
from tests.visitors import ADMINISTRATOR, token

SHELL = ROOT / "shuzhi" / "ui" / "shell.py"

# Every test's page would look for components in all installed packages anew, which takes longer than the page.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@contextmanager
def visiting(
    monkeypatch, page: str | None = None, role: str | None = ADMINISTRATOR, places: tuple[str, ...] = ()
) -> Iterator[Callable[..., AppTest]]:
    """A function that opens a page (file name without its end; None: the first) of a home with URL parameters.

    ``role``, ``places``: who is signed in; None: nobody.
    """

    def go(home, **parameters) -> AppTest:
        monkeypatch.setenv("SHUZHI_HOME", str(home.path))
        settings.cache_clear()
        monkeypatch.setattr(state, "token", lambda: role and token(home.path, role, places))
        app = AppTest.from_file(str(SHELL), default_timeout=60)
        for key, value in parameters.items():
            app.query_params[key] = value
        if page is not None:
            app.switch_page(str(ROOT / "pages" / f"{page}.py"))
        app.run()
        assert not app.exception
        return app

    yield go
    settings.cache_clear()


def html(app: AppTest) -> str:
    """What the page wrote, without the stylesheet."""
    bodies = (element.proto.body for element in app.get("html"))
    return "".join(body for body in bodies if not body.startswith("<style>"))


def text(app: AppTest) -> str:
    """The same without tags."""
    return re.sub(r"<[^>]+>", "", html(app))
