"""Talking with the company's identity provider: where people are sent, what their code is worth, who the token names.

OpenID Connect Core 1.0, authorization code flow, with PKCE (RFC 7636, S256). Every failure is NotProven with words for
the log; none of them holds a code, a token or a secret.
"""

import base64
import hashlib
import hmac
import http.client
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib import error, parse, request

from portal.kernel import clock
from portal.kernel.company import Provider, trusted

TIME_OUT = 5.0  # seconds the provider may stay silent
LARGEST = 262_144  # bytes of one of its answers
REMEMBERED = 300.0  # seconds: how long the document about the provider is believed
LEEWAY = 60  # seconds by which the two clocks may differ
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")  # no shared secrets
PLACES = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_known: dict[str, tuple[float, dict[str, Any]]] = {}


class NotProven(Exception):
    """Nobody was proven. `away`: the provider could not be asked, so trying again later may help."""

    def __init__(self, words: str, *, away: bool = False) -> None:
        super().__init__(words)
        self.away = away


@dataclass(frozen=True)
class Attempt:
    """One way out and back, known to the browser that began it: random texts, epoch seconds, where to go on inside."""

    state: str
    nonce: str
    verifier: str
    at: int
    way: str


class NoRedirect(request.HTTPRedirectHandler):
    """An address that leads elsewhere is not followed."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Nothing to go to; the answer itself is an error."""


def begun(now: int, way: str) -> Attempt:
    """A new attempt; `now` in epoch seconds."""
    return Attempt(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), now, way)


def address(provider: Provider, attempt: Attempt, back: str) -> str:
    """Where the browser is sent to prove who is in front of it. Raises NotProven."""
    there = str(about(provider)["authorization_endpoint"])
    challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": provider.client, "redirect_uri": back, "scope": "openid profile email",
        "state": attempt.state, "nonce": attempt.nonce, "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    return f"{there}{'&' if '?' in there else '?'}{parse.urlencode(asked)}"


def leaving(provider: Provider, back: str) -> str:
    """Where the browser is sent to end the session at the provider too; empty where it offers no such place.

    OpenID Connect RP-Initiated Logout 1.0, by the client's name: no ID token is kept. Raises NotProven.
    """
    there = str(about(provider).get("end_session_endpoint") or "")
    if not trusted(there):
        return ""
    asked = parse.urlencode({"client_id": provider.client, "post_logout_redirect_uri": back})
    return f"{there}{'&' if '?' in there else '?'}{asked}"


def login(provider: Provider, attempt: Attempt, code: str, back: str, now: int) -> str:
    """The login that the provider vouches for; `now` in epoch seconds. Raises NotProven."""
    known = about(provider)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": attempt.verifier}
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    ways = known.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if provider.secret and "client_secret_basic" in ways:
        pair = f"{parse.quote_plus(provider.client)}:{parse.quote_plus(provider.secret)}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    else:
        form |= {"client_id": provider.client} | ({"client_secret": provider.secret} if provider.secret else {})
    asked = request.Request(known["token_endpoint"], parse.urlencode(form).encode(), headers)
    token = _answer(asked).get("id_token")
    if not isinstance(token, str):
        raise NotProven("the provider gave no ID token")
    return named(provider, claims(provider, known, token, attempt.nonce, now))


def claims(provider: Provider, known: dict[str, Any], token: str, nonce: str, now: int) -> dict[str, Any]:
    """What an ID token says, after signature, issuer, audience, times and nonce were checked. Raises NotProven."""
    from joserfc import errors, jwt  # only where a provider is set: an extra of the installation

    keys = _answer(request.Request(known["jwks_uri"])).get("keys")
    try:
        said = jwt.decode(token, _key_set(keys), algorithms=list(ALGORITHMS)).claims
        jwt.JWTClaimsRegistry(
            now=now, leeway=LEEWAY, iss={"essential": True, "value": known["issuer"]}, sub={"essential": True},
            aud={"essential": True, "value": provider.client}, exp={"essential": True}, iat={"essential": True},
        ).validate(said)  # fmt: skip
    except (errors.JoseError, ValueError, KeyError, TypeError) as refused:
        raise NotProven(f"the ID token does not hold: {type(refused).__name__} {refused}"[:200]) from refused
    given = said.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise NotProven("the ID token was made for another sign-in (nonce)")
    if said.get("azp", provider.client) != provider.client:
        raise NotProven("the ID token was made for another client (azp)")
    return dict(said)


def named(provider: Provider, said: dict[str, Any]) -> str:
    """The portal's login in an ID token's claims. Raises NotProven."""
    login = said.get(provider.claim)
    if not isinstance(login, str) or not login.strip() or not login.isprintable():
        raise NotProven(f"the ID token has no text in {provider.claim} (OIDC_LOGIN_CLAIM)")
    if provider.claim == "email" and said.get("email_verified") is False:
        raise NotProven("the provider has not verified this mail address")
    return login.strip()


def about(provider: Provider) -> dict[str, Any]:
    """The provider's document about itself (OpenID Connect Discovery), believed for five minutes. Raises NotProven."""
    seen, now = _known.get(provider.issuer), clock.monotonic()
    if seen is not None and now - seen[0] < REMEMBERED:
        return seen[1]
    found = _answer(request.Request(provider.issuer.rstrip("/") + "/.well-known/openid-configuration"))
    if str(found.get("issuer", "")).rstrip("/") != provider.issuer.rstrip("/"):
        raise NotProven("the provider calls itself by another name than OIDC_ISSUER")
    for place in PLACES:
        if not trusted(str(found.get(place, ""))):
            raise NotProven(f"the provider's {place} is not an https address")
    _known[provider.issuer] = (now, found)
    return found


def forget() -> None:
    """Forgets what is known of providers (tests)."""
    _known.clear()


def _key_set(keys: Any) -> Callable[[Any], Any]:
    """Chooses a token's key: by the name in its header, or the only one of its kind where it names none."""
    from joserfc import jwk

    kinds = {"RS": "RSA", "PS": "RSA", "ES": "EC"}
    usable = [
        key for key in keys if isinstance(key, dict) and key.get("kty") in kinds.values() and key.get("use") != "enc"
    ] if isinstance(keys, list) else []  # fmt: skip

    def choose(token: Any) -> Any:
        header = token.headers()
        fitting = [key for key in usable if key["kty"] == kinds.get(str(header.get("alg"))[:2])]
        if "kid" in header:
            fitting = [key for key in fitting if key.get("kid") == header["kid"]]
        if len(fitting) != 1:
            raise ValueError("no key of the provider fits")
        return jwk.import_key(fitting[0], fitting[0]["kty"])

    return choose


def _answer(asked: request.Request) -> dict[str, Any]:
    """The JSON object that an address answers with. Raises NotProven."""
    where = parse.urlsplit(asked.full_url).path
    try:
        with request.build_opener(NoRedirect).open(asked, timeout=TIME_OUT) as answer:
            found = json.loads(answer.read(LARGEST))
    except error.HTTPError as refused:
        with refused:
            raise NotProven(f"{where} answered {refused.code}", away=refused.code >= 500) from refused
    except (OSError, http.client.HTTPException) as failed:
        raise NotProven(f"{where} cannot be reached: {failed}"[:200], away=True) from failed
    except ValueError as failed:
        raise NotProven(f"{where} did not answer with JSON", away=True) from failed
    if not isinstance(found, dict):
        raise NotProven(f"{where} did not answer with an object")
    return found
