"""Sign-in through a real identity provider, and every answer of one that must be refused."""

import re
import time
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, RSAKey
from joserfc.jws import JWSRegistry
from starlette.applications import Starlette

from shuzhi.access import accounts, audit, operator
from shuzhi.api import oidc
from shuzhi.settings import settings
from shuzhi.store import open_home
from tests.asgi import Client
from tests.browsing import Browser, text
from tests.oidc_provider import CLIENT, PASSWORD, SECRET, USER, provider
from tests.servers import web

CALLBACK = "/sign-in/oidc/callback"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    """Issuer and subject of the provider."""
    with provider(tmp_path_factory.mktemp("provider"), f"http://127.0.0.1{CALLBACK}") as found:
        yield found


@pytest.fixture(scope="module")
def home(tmp_path_factory, issuer):
    made = open_home(tmp_path_factory.mktemp("home"))
    accounts.create(made, operator(), "li.na", "李娜", "leader", oidc=issuer)
    return made


@pytest.fixture(scope="module")
def server(home, issuer, tmp_path_factory):
    secret = tmp_path_factory.mktemp("secret") / "oidc"
    secret.write_text(f"{SECRET}\n")
    named = {"ISSUER": issuer[0], "CLIENT_ID": CLIENT, "CLIENT_SECRET_FILE": str(secret), "NAME": "市局统一认证"}
    with web(home.path, **{f"SHUZHI_OIDC_{name}": value for name, value in named.items()}) as address:
        yield address


def through_provider(browser: Browser, address: str) -> str:
    """Sign in at the provider; the address to which it sends the browser back."""
    page = browser.session.get(address, timeout=60)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
    fields = {"csrfmiddlewaretoken": token, "username": USER, "password": PASSWORD}
    while CALLBACK not in urlsplit(address).path:
        said = {"referer": page.url}
        page = browser.session.request(
            "POST" if fields else "GET", page.url if fields else address, data=fields, headers=said,
            allow_redirects=False, timeout=60,
        )  # fmt: skip
        address, fields = urljoin(page.url, page.headers["location"]), None
    return address


def begun(browser: Browser, query: str = "") -> str:
    """Begin at the platform; the address of the provider."""
    return browser.open(f"/sign-in/oidc{query}", follow=False).headers["location"]


def changed(address: str, **parameters: str) -> str:
    """The address with other parameters."""
    parts = urlsplit(address)
    query = {name: texts[0] for name, texts in parse_qs(parts.query).items()} | parameters
    return parts._replace(query=urlencode(query)).geturl()


def back(browser: Browser, address: str):
    """Open the address to which the provider sent the browser."""
    return browser.open(address.removeprefix(browser.server), follow=False)


def test_the_button_leads_through_the_provider_to_the_page_that_was_wanted(server):
    browser = Browser(server)
    page = browser.open("/map?lang=en", follow=True)
    assert "市局统一认证" in text(page)
    there = re.search(r'href="(/sign-in/oidc\?[^"]+)"', page.text)[1].replace("&amp;", "&")
    address = browser.open(there, follow=False).headers["location"]
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert len(asked["state"][0]) >= 20
    assert len(asked["nonce"][0]) >= 20
    answer = back(browser, through_provider(browser, address))
    assert (answer.status_code, answer.headers["location"]) == (303, "/map?lang=en")
    page = browser.open("/account")
    assert "李娜" in text(page)
    assert "单位统一认证" in text(page)
    assert 'type="password"' not in page.text


def test_what_is_kept_on_the_way_is_short_lived_and_not_for_scripts(server):
    answer = Browser(server).open("/sign-in/oidc", follow=False)
    said = next(one for one in answer.raw.headers.getlist("set-cookie") if one.startswith("shuzhi_oidc"))
    for part in ("HttpOnly", "SameSite=lax", "Path=/sign-in/oidc", "Max-Age=600"):
        assert part in said


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(server):
    browser = Browser(server)
    address = through_provider(browser, begun(browser))
    for asked in (changed(address, state="x" * 30), changed(address, state="")):
        stranger = Browser(server)
        begun(stranger)
        assert back(stranger, asked).status_code == 403
    assert back(Browser(server), address).status_code == 403
    refused = back(browser, changed(address, state="other"))
    assert "不是从这个浏览器开始的" in text(refused)
    assert browser.cookie is None


def test_a_token_for_another_question_is_refused(server):
    browser = Browser(server)
    address = changed(begun(browser), nonce="somebody-else's")
    refused = back(browser, through_provider(browser, address))
    assert refused.status_code == 403
    assert "没有通过核对" in text(refused)
    assert browser.cookie is None


def test_a_code_is_taken_once_and_only_by_whom_it_was_made_for(server):
    browser = Browser(server)
    address = through_provider(browser, begun(browser))
    kept = browser.session.cookies.get("shuzhi_oidc")
    assert back(browser, address).status_code == 303
    assert browser.session.cookies.get("shuzhi_oidc") is None
    assert back(browser, address).status_code == 403
    again = Browser(server)
    again.session.cookies.set("shuzhi_oidc", kept, domain="127.0.0.1", path="/sign-in/oidc")
    assert "没有通过核对" in text(back(again, address))
    victim, thief = Browser(server), Browser(server)
    stolen = parse_qs(urlsplit(through_provider(thief, begun(thief))).query)["code"][0]
    own = through_provider(victim, begun(victim))
    assert back(victim, changed(own, code=stolen)).status_code == 403
    assert victim.cookie is None


def test_what_is_kept_on_the_way_cannot_be_changed(server):
    browser = Browser(server)
    address = through_provider(browser, begun(browser))
    kept = browser.session.cookies.get("shuzhi_oidc")
    for forged in (f"x{kept}", kept[:-1], kept.partition(".")[0], ".", ""):
        other = Browser(server)
        other.session.cookies.set("shuzhi_oidc", forged, domain="127.0.0.1", path="/sign-in/oidc")
        assert back(other, address).status_code == 403


def test_whom_the_provider_does_not_let_is_told_so(server):
    browser = Browser(server)
    state = parse_qs(urlsplit(begun(browser)).query)["state"][0]
    refused = browser.open(f"{CALLBACK}?error=access_denied&state={state}")
    assert refused.status_code == 403
    assert "没有同意" in text(refused)


def test_the_way_leads_to_no_other_site(server):
    browser = Browser(server)
    address = through_provider(browser, begun(browser, "?next=//evil.example"))
    assert back(browser, address).headers["location"] == "/"


def test_a_subject_without_an_account_does_not_enter(home, server, issuer):
    id = accounts.table(home, operator()).set_index("login")["id"]["li.na"]
    accounts.disable(home, operator(), id)
    browser = Browser(server)
    refused = back(browser, through_provider(browser, begun(browser)))
    accounts.enable(home, operator(), id)
    assert refused.status_code == 403
    assert "没有对应的账号" in text(refused)
    assert browser.cookie is None
    events, _total = audit.search(home, operator(), actions=["sign_in"], outcomes=["refused"])
    assert events["object"].iloc[0] == f"{issuer[0]}|{issuer[1]}"[:64]


@pytest.fixture
def configured(tmp_path, monkeypatch):
    """Asks our routes with the given settings of a provider."""

    def client(issuer: str) -> Client:
        monkeypatch.setenv("SHUZHI_HOME", str(tmp_path))
        monkeypatch.setenv("SHUZHI_OIDC_ISSUER", issuer)
        monkeypatch.setenv("SHUZHI_OIDC_CLIENT_ID", CLIENT)
        settings.cache_clear()
        return Client(Starlette(routes=oidc.routes), role=None)

    yield client
    settings.cache_clear()


def test_a_provider_that_does_not_answer_is_no_error_of_ours(configured):
    answer = configured("http://127.0.0.1:1/o").get("/sign-in/oidc")
    assert answer.status_code == 502
    assert "没有应答" in answer.text


def test_without_a_provider_there_is_no_way_in(configured):
    assert configured("").get("/sign-in/oidc").status_code == 404
    assert configured("").get(f"{CALLBACK}?state=&code=x").status_code == 403


KEY, OTHER = RSAKey.generate_key(2048, {"kid": "a"}), RSAKey.generate_key(2048, {"kid": "a"})
ISSUER = "https://sso.example"


@pytest.fixture
def keys(configured, monkeypatch):
    configured(ISSUER)
    known = {"issuer": ISSUER, "jwks_uri": "keys", "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"]}
    monkeypatch.setattr(oidc, "_found", lambda *_: known)
    monkeypatch.setattr(oidc, "_fetched", lambda _address: {"keys": [KEY.as_dict(private=False)]})
    oidc._keys.cache_clear()
    yield
    oidc._keys.cache_clear()


def token(key=KEY, alg: str = "RS256", **claims) -> dict:
    """An answer of the token endpoint."""
    moment = int(time.time())
    body = {"iss": ISSUER, "sub": "7", "aud": CLIENT, "iat": moment, "exp": moment + 60, "nonce": "n"} | claims
    body = {name: value for name, value in body.items() if value is not None}
    made = jwt.encode({"alg": alg, "kid": "a"}, body, key, registry=JWSRegistry(algorithms=[alg]))
    return {"id_token": made}


def test_a_token_that_is_right_is_taken(keys):
    assert oidc._claims(token(), "n")["sub"] == "7"


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://other.example"},
        {"aud": "another"},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"sub": None},
        {"nonce": "other"},
        {"nonce": None},
        {"key": OTHER},
        {"key": OctKey.import_key(SECRET), "alg": "HS256"},
        {"key": OctKey.import_key("x" * 32), "alg": "none"},
    ],
)
def test_a_token_that_is_wrong_is_refused(keys, wrong):
    with pytest.raises((JoseError, ValueError, KeyError)):
        oidc._claims(token(**wrong), "n")
