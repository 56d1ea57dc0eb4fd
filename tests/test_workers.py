"""Processes that share work."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shuzhi.workers import pool

PARENT = """
from shuzhi.workers import pool

if __name__ == "__main__":
    with pool(2) as workers:
        for _ in range(2):
            workers.submit(exec, "import time; print('here', flush=True); time.sleep(600)")
"""


def test_they_share_the_work():
    with pool(2) as workers:
        assert list(workers.map(pow, [2, 3], [5, 2])) == [32, 9]
        assert workers.submit(os.getpid).result() != os.getpid()


@pytest.mark.timeout(60)
def test_they_end_with_a_parent_that_is_killed(tmp_path):
    file = tmp_path / "parent.py"
    file.write_text(PARENT)
    home = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    with subprocess.Popen([sys.executable, file], stdout=subprocess.PIPE, env=home) as parent:
        assert [parent.stdout.readline() for _ in range(2)] == [b"here\n"] * 2
        parent.kill()
        assert parent.stdout.read() == b""  # each of them holds it open while it lives
