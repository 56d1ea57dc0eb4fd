"""A service that dies is started again, after a pause that grows."""

import sys
import time

from shuzhi.jobs.serve import Service


def tend_until(service: Service, condition, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        service.tend()
        time.sleep(0.02)


def test_a_service_that_dies_is_started_again_later_each_time():
    service = Service("short", [sys.executable, "-c", "raise SystemExit(3)"], pause=0.1)
    tend_until(service, lambda: service.process is not None)
    first = service.process
    tend_until(service, lambda: service.process is None)
    assert service.pause == 0.2
    tend_until(service, lambda: service.process is not None)
    assert service.process.pid != first.pid
    service.stop()


def test_stopping_ends_the_process():
    service = Service("long", [sys.executable, "-c", "import time; time.sleep(60)"])
    tend_until(service, lambda: service.process is not None)
    service.stop()
    assert service.process.poll() is not None
