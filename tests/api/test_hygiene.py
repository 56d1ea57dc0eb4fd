"""What every answer says, whom it is given to, how often and how much: at a real server, and at the middlewares."""

import asyncio
import http.client
import re
from urllib.parse import urlsplit

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from shuzhi.api import hygiene
from shuzhi.api.hygiene import LARGEST, Callers, Headers, Limits, Rate
from tests.servers import web
from tests.visitors import header

OWN = frozenset({"wall", "assets", "tiles", "sign-in"})
STREAM = "/_stcore/stream"
KINDS = {
    "page": ["/", "/map", "/nowhere", "/_stcore/health", "/_stcore/host-config", "/favicon.png", "STATIC"],
    "own": [
        "/sign-in",
        "/account",
        "/healthz",
        "/assets/ui/0/wall.js",
        "/assets/nowhere",
        "/tiles/sources/1/9/9/9.mvt",
        "/wall/data.json",
    ],
    "wall": ["/wall"],
    "leaflet": ["/component/streamlit_folium.st_folium/index.html"],
    "files": ["/media/nowhere.xlsx"],
}
"""Kind of policy → paths that have it."""


@pytest.fixture(scope="module")
def server(two_days):
    with web(two_days.path, SHUZHI_ALLOWED_HOSTS="eco.example.cn, *.city.example.cn") as address:
        yield address


def ask(server: str, path: str, method: str = "GET", body: bytes | None = None, **headers):
    """Status, headers (lower case) and text of an answer."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=60)
    connection.request(method, path, body, {name.replace("_", "-"): text for name, text in headers.items()})
    answer = connection.getresponse()
    found = (
        answer.status,
        {name.lower(): text for name, text in answer.getheaders()},
        answer.read().decode(errors="replace"),
    )
    connection.close()
    return found


def test_every_answer_has_its_headers(server, two_days):
    signed_in = header(two_days.path)
    index = ask(server, "/nowhere", **signed_in)[2]
    script = "/" + re.search(r'src="\./(static/js/[^"]+)"', index)[1]
    for kind, paths in KINDS.items():
        for path in paths:
            _status, headers, _text = ask(server, path.replace("STATIC", script), **signed_in)
            assert headers["content-security-policy"] == hygiene.policies()[kind], path
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"
            assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
            assert "camera=()" in headers["permissions-policy"]
            assert headers["cache-control"]
            assert "strict-transport-security" not in headers  # http


def test_no_policy_names_a_host_or_lets_text_become_a_script():
    for kind, policy in hygiene.policies().items():
        rules = dict(rule.partition(" ")[::2] for rule in policy.split("; "))
        assert "//" not in policy
        assert "*" not in policy
        if kind != "files":
            assert rules["object-src"] == "'none'"
            assert rules["base-uri"] == rules["form-action"] == rules["frame-ancestors"] == "'self'"
        scripts = rules.get("script-src", rules["default-src"])
        assert ("'unsafe-inline'" in scripts or "'unsafe-eval'" in scripts) == (kind == "leaflet")
        if kind in ("own", "files"):
            assert "unsafe" not in policy


def test_what_is_personal_is_not_kept(server, two_days):
    for path in ("/media/nowhere.xlsx", "/healthz", "/tiles/none/1/1/1/1.mvt"):
        assert ask(server, path, **header(two_days.path))[1]["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST.:8501", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8501", 200),
        ("[0:0:0:0:0:0:0:1]", 200),
        ("eco.example.cn", 200),
        ("a.city.example.cn:443", 200),
        ("city.example.cn", 400),
        ("evil.example", 400),
        ("eco.example.cn.evil.example", 400),
        ("localhost@evil.example", 400),
        ("evil.example/localhost", 400),
        ("[::2]", 400),
        ("::1", 400),
        ("", 400),
    ],
)
def test_names_under_which_it_is_asked(server, host, status):
    answered, _headers, text = ask(server, "/healthz", Host=host)
    assert answered == status
    assert status == 200 or "SHUZHI_ALLOWED_HOSTS" in text


def test_no_name_and_two_names_are_refused():
    for names in ([], ["localhost", "evil.example"]):
        assert answer(Callers(well, ["localhost"]), host=names)[0] == 400


def test_any_name_where_a_proxy_checks_it():
    assert answer(Callers(well, ["*"]), host=["eco.example.cn"])[0] == 200
    assert answer(Callers(well, ["北京.example.cn"]), host=["xn--1lq90i.example.cn"])[0] == 200


def refused(server: str, **headers) -> int:
    """Status with which a websocket is refused; 101: it is not."""
    extra = {name: text for name, text in headers.items() if name != "origin"}
    try:
        address = server.replace("http", "ws") + STREAM
        with connect(address, origin=headers.get("origin"), additional_headers=extra, subprotocols=["streamlit"]):
            return 101
    except InvalidStatus as error:
        return error.response.status_code


def test_a_websocket_is_opened_from_here_only(server):
    assert refused(server, origin=server) == 101
    assert refused(server) == 101  # no browser
    for origin in ("http://evil.example", "null", "https://127.0.0.1", "http://localhost:1", server + ".evil.example"):
        assert refused(server, origin=origin) == 403


def test_a_websocket_under_another_name_is_refused(server):
    port = urlsplit(server).port
    raw = (
        f"GET {STREAM} HTTP/1.1\r\nHost: evil.example:{port}\r\nOrigin: http://evil.example:{port}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=60)
    connection.connect()
    connection.sock.sendall(raw.encode())
    assert connection.sock.recv(100).startswith(b"HTTP/1.1 400")
    connection.close()


def test_pages_of_other_sites_send_nothing(server):
    for headers in (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ):
        assert ask(server, "/wall", "POST", b"x", **headers)[0] == 403
    assert ask(server, "/wall", "POST", b"x", Origin=server)[0] == 405  # from here: but it takes nothing


def test_uploads_need_streamlits_token(server, two_days):
    """Its XSRF protection is on."""
    upload = "/_stcore/upload_file/session/file"
    status, _headers, text = ask(server, upload, "PUT", b"x", Origin=server, **header(two_days.path))
    assert status == 403
    assert "XSRF" in text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
def test_methods_that_nobody_declared(server, two_days, method):
    for path in (
        "/healthz",
        "/wall",
        "/map",
        "/",
        "/assets/vendor/leaflet-1.9.4.js",
        "/static/js/a.js",
        "/media/a.png",
    ):
        assert ask(server, path, method, **header(two_days.path))[0] == 405, path


def test_doors_that_no_page_needs_are_closed(server, two_days):
    for path in ("/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/agent/interact"):
        assert ask(server, path, **header(two_days.path))[0] == 404


# The middlewares


async def well(scope, receive, send):
    """Answers with the number of bytes that came."""
    body = await Request(scope, receive).body() if scope["type"] == "http" else b""
    await PlainTextResponse(str(len(body)))(scope, receive, send)


def answer(
    app, path="/healthz", method="GET", host=("localhost",), cookie="", client="10.0.0.1", scheme="http", body=()
):
    """Status, headers and text of an answer to an ASGI request that comes in parts."""
    headers = [(b"host", name.encode()) for name in host]
    headers += [(b"cookie", f"a=b; shuzhi_session={cookie}".encode())] if cookie else []
    scope = {
        "type": "http",
        "method": method,
        "scheme": scheme,
        "path": path,
        "query_string": b"",
        "headers": headers,
        "client": (client, 1),
    }
    parts = [{"type": "http.request", "body": part, "more_body": True} for part in body] + [
        {"type": "http.request", "body": b"", "more_body": False}
    ]
    sent = []

    async def receive():
        return parts.pop(0)

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    found = {name.decode(): text.decode() for name, text in sent[0]["headers"]}
    return sent[0]["status"], found, b"".join(message.get("body", b"") for message in sent[1:]).decode()


def test_https_is_remembered_where_it_is_used():
    assert "strict-transport-security" in answer(Headers(well, OWN), scheme="https")[1]


def test_a_route_may_say_more():
    async def told(scope, receive, send):
        await PlainTextResponse("", headers={"Content-Security-Policy": "default-src 'none'"})(scope, receive, send)

    assert answer(Headers(told, OWN))[1]["content-security-policy"] == "default-src 'none'"


def test_a_failure_has_the_headers_too():
    async def broken(_scope, _receive, _send):
        raise ValueError("secret")

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "scheme": "http", "path": "/", "headers": []}
    with pytest.raises(ValueError, match="secret"):
        asyncio.run(Headers(broken, OWN)(scope, None, send))
    assert sent[0]["status"] == 500
    assert b"content-security-policy" in dict(sent[0]["headers"])
    assert b"secret" not in sent[1]["body"]


def test_streams_and_websockets_pass_untouched():
    async def own(scope, receive, send):
        seen.append((receive, send))

    seen = []
    for app in (Headers(own, OWN), Limits(own, OWN, 10)):
        asyncio.run(app({"type": "websocket", "path": STREAM, "headers": [], "scheme": "ws"}, "receive", "send"))
    assert seen == [("receive", "send")] * 2


def test_too_many_requests_of_a_session():
    app = Limits(well, OWN, 5)
    assert [answer(app, cookie="one")[0] for _ in range(7)] == [200] * 5 + [429] * 2
    assert answer(app, cookie="two")[0] == 200
    status, headers, _text = answer(app, cookie="one")
    assert status == 429
    assert 1 <= int(headers["retry-after"]) <= 12


def test_another_cookie_each_time_helps_nobody():
    app = Limits(well, OWN, 2)
    assert [answer(app, cookie=str(n))[0] for n in range(22)] == [200] * 20 + [429] * 2
    assert answer(app, client="10.0.0.2")[0] == 200
    assert answer(app, cookie="x", path="/assets/vendor/a.js")[0] == 200  # code is not counted


def test_neighbours_of_an_ipv6_network_are_one():
    app = Limits(well, OWN, 1)
    assert [answer(app, client=f"2001:db8::{n}")[0] for n in range(1, 12)] == [200] * 10 + [429]
    assert answer(app, client="2001:db8:0:1::1")[0] == 200


def test_no_limit_where_none_is_wanted():
    app = Limits(well, OWN, 0)
    assert {answer(app, cookie="one")[0] for _ in range(50)} == {200}


def test_the_rate_recovers_and_forgets(monkeypatch):
    rate = Rate(60)
    assert [rate.wait("a", 0.0) > 0 for _ in range(61)] == [False] * 60 + [True]
    assert rate.wait("a", 1.0) == 0
    assert rate.wait("a", 1.0) == pytest.approx(1)
    monkeypatch.setattr(Rate, "_MOST", 3)
    for n in range(4):
        rate.wait(str(n), 1000.0)
    assert "a" not in rate._paid


def test_large_requests_to_own_routes_are_refused():
    app = Limits(well, OWN, 0)
    half = b"x" * (LARGEST // 2)
    assert answer(app, "/sign-in", "POST", body=[half, half])[::2] == (200, str(LARGEST))
    assert answer(app, "/sign-in", "POST", body=[half, half, b"x"])[0] == 413
    assert answer(app, "/_stcore/upload_file/a/b", "PUT", body=[half, half, b"x"])[0] == 200
    assert answer(app, "/map", "POST", body=[half])[0] == 405
