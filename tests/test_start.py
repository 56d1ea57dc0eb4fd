"""Both ways of starting serve the same pages and routes."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
import websockets

from bench.clients import Client
from shuzhi.access.session import COOKIE
from shuzhi.jobs.serve import web_command
from tests.servers import free_port, wait_for
from tests.visitors import known, token

pytestmark = pytest.mark.slow


def answers(port: int, path: str) -> bytes:
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Cookie": f"{COOKIE}={known()}"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return answer.read()


async def load(port: int, page: str) -> int:
    client = Client(f"ws://127.0.0.1:{port}/_stcore/stream", page, known())
    await client.open()
    await client.close()
    return client.received


@pytest.mark.parametrize("way", ["uvicorn", "streamlit"])
def test_pages_and_routes(small_city, way):
    port = free_port()
    if way == "uvicorn":
        command = web_command("127.0.0.1", port)
    else:
        options = ["--server.port", str(port), "--server.headless", "true", "--server.address", "127.0.0.1"]
        command = [sys.executable, "-m", "streamlit", "run", "app.py", *options]
    token(small_city.path)
    process = subprocess.Popen(command, env={**os.environ, "SHUZHI_HOME": str(small_city.path)})
    try:
        wait_for(port)
        health = json.loads(answers(port, "/healthz"))
        assert (health["status"], health["kind"]) == ("ok", "simulated")
        assert b"<script" in answers(port, "/station")
        assert b'data-text="now.aqi"' in answers(port, "/wall")
        assert b"wall" in answers(port, "/wall")
        for page in ("", "map", "station", "water", "sources", "machines", "briefing"):
            assert asyncio.run(load(port, page)) > 2_000
    finally:
        process.terminate()
        process.wait(timeout=20)


def opens_as(port: int, host: str) -> bool:
    """Whether a page's websocket opens for a browser that knows the server by this name."""

    async def ask() -> bool:
        with socket.create_connection(("127.0.0.1", port)) as line:
            try:
                connection = websockets.connect(
                    f"ws://{host}:{port}/_stcore/stream", subprotocols=["streamlit"], sock=line
                )
                async with connection:
                    return True
            except websockets.exceptions.WebSocketException:
                return False

    return asyncio.run(ask())


def test_other_names_of_the_machine_are_allowed_one_by_one(tmp_path):
    port = free_port()
    named = {"SHUZHI_HOME": str(tmp_path), "SHUZHI_ALLOWED_HOSTS": "huanjing.example"}
    process = subprocess.Popen(web_command("127.0.0.1", port), env={**os.environ, **named})
    try:
        wait_for(port)
        assert opens_as(port, "localhost")
        assert opens_as(port, "huanjing.example")
        assert not opens_as(port, "evil.example")
    finally:
        process.terminate()
        process.wait(timeout=20)


def test_serve_starts_both_processes_and_ends_them(small_city):
    port = free_port()
    command = [sys.executable, "-m", "shuzhi", "serve", "--port", str(port)]
    token(small_city.path)
    process = subprocess.Popen(command, env={**os.environ, "SHUZHI_HOME": str(small_city.path)})
    try:
        wait_for(port)
        assert json.loads(answers(port, "/healthz"))["status"] == "ok"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            answers(port, "/healthz")
        except OSError:
            return
        time.sleep(0.2)
    pytest.fail("the web process outlived its supervisor")
