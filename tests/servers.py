"""Real servers for tests."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shuzhi.jobs.serve import web_command
from tests.visitors import token


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int, seconds: float = 90) -> None:
    """Until somebody listens on the port."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nobody listens on port {port}")


@contextmanager
def web(home: Path, **environment: str) -> Iterator[str]:
    """The web process on a home, at which an administrator is signed in; gives its address."""
    port = free_port()
    token(Path(home))
    process = subprocess.Popen(
        web_command("127.0.0.1", port), env={**os.environ, "SHUZHI_HOME": str(home), **environment}
    )
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)
