"""Sign-in through an identity provider (单位统一认证): OpenID Connect, authorization code with PKCE.

What the provider knows is found at its issuer; its ID token is checked against its keys. Who a subject is here is said
by the account, never by the provider.
"""

import base64
import hmac
import json
import logging
import secrets
import time
from contextlib import contextmanager
from functools import lru_cache

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from shuzhi.access import secret, signin
from shuzhi.api import assets, pages
from shuzhi.errors import ShuzhiError, SignInError
from shuzhi.i18n import _
from shuzhi.settings import settings

_log = logging.getLogger(__name__)
_COOKIE, _PATH, _PURPOSE = "shuzhi_oidc", "/sign-in/oidc", "oidc"
_LIVES = 600  # seconds for the way through the provider
_PATIENCE = 10  # seconds for one of its answers
_LEEWAY = 60  # seconds between two clocks
_KEPT = 3600  # seconds that its metadata and keys are kept
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with a public key; never ``none``, never one whose key the client knows."""


class ProviderError(ShuzhiError):
    """The identity provider can't be reached, or answers what it should not."""


def name() -> str:
    """What the button says; empty where there is no provider."""
    return (settings().oidc_name or _("单位统一认证")) if settings().oidc_issuer else ""


def begin(request: Request) -> Response:
    """``GET /sign-in/oidc?next=&lang=``: to the provider."""
    lang = pages.speak(request)
    if not settings().oidc_issuer:
        return _refused(request, _("这里没有配置单位统一认证。"), 404)
    wanted = pages.local(request.query_params.get("next", ""), lang)
    begun = {"nonce": secrets.token_urlsafe(24), "verifier": secrets.token_urlsafe(48)}
    try:
        with _answering(), _client(request) as client:
            there, state = client.create_authorization_url(
                _metadata()["authorization_endpoint"], nonce=begun["nonce"], code_verifier=begun["verifier"]
            )
    except ProviderError as error:
        return _unreachable(request, error)
    answer = RedirectResponse(there, 303)
    kept = _packed({**begun, "state": state, "next": wanted, "lang": lang, "until": time.time() + _LIVES})
    secure = request.url.scheme == "https"
    answer.set_cookie(_COOKIE, kept, max_age=_LIVES, path=_PATH, httponly=True, samesite="lax", secure=secure)
    return answer


def back(request: Request) -> Response:
    """``GET /sign-in/oidc/callback?code=&state=``: from the provider."""
    from shuzhi.api import sign_in  # it shows the button

    begun = _unpacked(request.cookies.get(_COOKIE, ""))
    request.state.lang = begun.get("lang", "zh")
    pages.speak(request)
    try:
        issuer, subject = _subject(request, begun)
        token = signin.with_provider(assets.home(), issuer, subject, sign_in.visitor(request))
        answer = sign_in.welcome(request, token, begun["next"])
    except SignInError as error:
        answer = _refused(request, str(error))
    except ProviderError as error:
        answer = _unreachable(request, error)
    answer.delete_cookie(_COOKIE, path=_PATH, httponly=True, samesite="lax")
    return answer


routes = [Route(_PATH, begin), Route(f"{_PATH}/callback", back)]


def _subject(request: Request, begun: dict) -> tuple[str, str]:
    """Issuer and subject that the provider vouches for.

    Raises
    ------
    SignInError
        If this browser has not begun it, the provider has refused, or its token is not the one that was asked for.
    ProviderError
    """
    state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
    if not begun or not hmac.compare_digest(begun["state"].encode(), state.encode()):
        raise SignInError(_("这次认证不是从这个浏览器开始的，或者已经过期。请重新登录。"))
    if not code:
        raise SignInError(_("单位统一认证没有同意这次登录。"))
    try:
        with _answering(), _client(request) as client:
            token = client.fetch_token(_metadata()["token_endpoint"], code=code, code_verifier=begun["verifier"])
            claims = _claims(token, begun["nonce"])
    except (OAuthError, JoseError, KeyError, ValueError) as error:
        _log.warning("the identity provider's answer is refused: %s: %s", type(error).__name__, error)
        raise SignInError(_("单位统一认证的答复没有通过核对。请重新登录。")) from None
    return claims["iss"], claims["sub"]


def _claims(token: dict, nonce: str) -> CodeIDToken:
    """The claims of the ID token, whose signature, issuer, audience, times and nonce are right."""
    known = _metadata()
    offered = known.get("id_token_signing_alg_values_supported", ["RS256"])
    registry = JWSRegistry(algorithms=[one for one in offered if one in _ALGORITHMS], strict_check_header=False)
    try:
        decoded = jwt.decode(token["id_token"], _keys(_hour()), registry=registry)
    except (JoseError, ValueError):  # perhaps signed with a key that is newer than the kept ones
        _keys.cache_clear()
        decoded = jwt.decode(token["id_token"], _keys(_hour()), registry=registry)
    client = settings().oidc_client_id
    rules = {"iss": {"essential": True, "value": known["issuer"]}, "aud": {"essential": True, "value": client}}
    expected = {"nonce": nonce, "client_id": client, "access_token": token.get("access_token")}
    claims = CodeIDToken(decoded.claims, decoded.header, rules, expected)
    claims.validate(leeway=_LEEWAY)
    return claims


def _client(request: Request) -> OAuth2Session:
    return OAuth2Session(
        settings().oidc_client_id,
        _client_secret(),
        scope="openid",
        redirect_uri=str(request.base_url).rstrip("/") + f"{_PATH}/callback",
        code_challenge_method="S256",
        default_timeout=_PATIENCE,
    )


def _client_secret() -> str | None:
    file, given = settings().oidc_client_secret_file, settings().oidc_client_secret
    if file is not None:
        return file.read_text(encoding="utf-8").strip()
    return given.get_secret_value() if given else None


def _metadata() -> dict:
    return _found(settings().oidc_issuer.rstrip("/"), _hour())


@lru_cache(maxsize=2)
def _found(issuer: str, _hour: int) -> dict:
    """What the provider says of itself (OpenID Connect Discovery 1.0), kept for an hour."""
    known = _fetched(f"{issuer}/.well-known/openid-configuration")
    if missing := {"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"} - set(known):
        raise ProviderError(f"the identity provider {issuer} does not say its {', '.join(sorted(missing))}")
    if known["issuer"].rstrip("/") != issuer:
        raise ProviderError(f"the identity provider calls itself {known['issuer']!r}, not {issuer!r}")
    return known


@lru_cache(maxsize=1)
def _keys(_hour: int) -> KeySet:
    return KeySet.import_key_set(_fetched(_metadata()["jwks_uri"]))


def _hour() -> int:
    return int(time.time() // _KEPT)


def _fetched(address: str) -> dict:
    answer = requests.get(address, timeout=_PATIENCE, allow_redirects=False)
    answer.raise_for_status()
    return answer.json()


@contextmanager
def _answering():
    """What the network does as an error of the provider."""
    try:
        yield
    except (requests.RequestException, OSError) as error:
        raise ProviderError(f"the identity provider does not answer: {error}") from error


def _packed(begun: dict) -> str:
    """What the browser keeps for us until it comes back, sealed."""
    text = base64.urlsafe_b64encode(json.dumps(begun).encode()).decode()
    return f"{text}.{secret.seal(assets.home(), _PURPOSE, text)}"


def _unpacked(kept: str) -> dict:
    """The same again; empty where it is not ours or too old."""
    text, _dot, seal = kept.partition(".")
    if not text or not hmac.compare_digest(seal.encode(), secret.seal(assets.home(), _PURPOSE, text).encode()):
        return {}
    begun = json.loads(base64.urlsafe_b64decode(text))
    return begun if begun["until"] > time.time() else {}


def _unreachable(request: Request, error: ProviderError) -> Response:
    _log.error("%s", error)
    return _refused(request, _("单位统一认证现在没有应答。请稍后再试，或用本地账号登录。"), 502)


def _refused(request: Request, why: str, status: int = 403) -> Response:
    lang = pages.speak(request)
    return pages.render(
        request,
        "notice.html",
        status,
        title=_("没有登录"),
        text=why,
        facts=(),
        actions=((_("回到登录页"), pages.address("/sign-in", lang)),),
    )
