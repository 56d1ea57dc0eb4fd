"""One command for all processes of a platform (一键启动): web and worker, each restarted when it dies."""

import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

from shuzhi.jobs.first import begin
from shuzhi.settings import ROOT, settings
from shuzhi.store import open_home

_log = logging.getLogger(__name__)
_LONGEST_PAUSE = 60.0


@dataclass
class Service:
    """A child process that is kept alive, with a pause that doubles each time it dies young."""

    name: str
    command: list[str]
    process: subprocess.Popen | None = None
    pause: float = 1.0
    start_at: float = field(default_factory=time.monotonic)

    def tend(self) -> None:
        """Start the process if it is due, notice if it died."""
        if self.process is None:
            if time.monotonic() >= self.start_at:
                self.process = subprocess.Popen(self.command, cwd=ROOT)
                self.start_at = time.monotonic()
        elif (code := self.process.poll()) is not None:
            lived = time.monotonic() - self.start_at
            self.pause = 1.0 if lived > _LONGEST_PAUSE else min(self.pause * 2, _LONGEST_PAUSE)
            _log.error("%s ended with status %s; starting it again in %.0f s", self.name, code, self.pause)
            self.process, self.start_at = None, time.monotonic() + self.pause

    def stop(self) -> None:
        """End the process, by force if it does not listen."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def web_command(host: str, port: int) -> list[str]:
    """Command of the web process."""
    options = [
        "--host",
        host,
        "--port",
        str(port),
        "--log-level",
        "warning",
        "--no-access-log",
        "--ws-max-size",
        "16777216",
        # A rerun's 50 messages would each be compressed alone, between two thread switches: 4 ms CPU for little.
        "--ws-per-message-deflate",
        "false",
    ]
    return [sys.executable, "-m", "uvicorn", "app:app", *options]


def serve(host: str, port: int, demo: bool = False) -> None:
    """Run web and worker until a signal ends them; the first start makes the accounts.

    Parameters
    ----------
    host, port
        Where the web process listens.
    demo : bool
        Demo mode: anybody enters as any role of a simulated city.

    Raises
    ------
    ShuzhiError
        If a demo is wanted of a real city.
    """
    demo = demo or settings().demo
    address = f"http://{host}:{port}"
    begin(open_home(), address, demo)
    if demo:
        os.environ["SHUZHI_DEMO"] = "1"  # for the children
        print(f"Demo mode: whoever opens {address} enters as any role, without a password.", file=sys.stderr)
    services = [
        Service("web", web_command(host, port)),
        Service("worker", [sys.executable, "-m", "shuzhi", "worker"]),
    ]
    stopping = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.append(True))
    while not stopping:
        for service in services:
            service.tend()
        time.sleep(0.2)
    for service in services:
        service.stop()
