"""Settings of signing in with the company's accounts: its identity provider (OpenID Connect), its directory (LDAP)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
LDAP_PORTS = {"ldap": 389, "ldaps": 636}


class BadSetting(ValueError):
    """An environment variable cannot be used; the message names it and says what it has to be."""


@dataclass(frozen=True)
class Provider:
    """The company's identity provider and what the portal is to it. `claim` is what holds the portal's login."""

    issuer: str
    client: str
    secret: str = ""
    claim: str = "preferred_username"


@dataclass(frozen=True)
class Directory:
    """The company's directory. People are bound by `user_dn` with their login in it, or found under `base` first."""

    host: str
    port: int = 636
    tls: str = "tls"  # tls (from the first byte), starttls or none (this machine alone)
    user_dn: str = ""
    base: str = ""
    attribute: str = "uid"
    bind_dn: str = ""
    bind_password: str = ""
    authority: str = ""  # file of the certificates that are believed; empty: those of this machine


def secret_of(env: Mapping[str, str], name: str) -> str:
    """A secret, from the variable itself or from the file that `name`_FILE names."""
    file = env.get(f"{name}_FILE", "")
    try:
        return Path(file).read_text().strip() if file else env.get(name, "")
    except OSError as error:
        raise BadSetting(f"{name}_FILE cannot be read: {error.strerror}") from error


def trusted(url: str) -> bool:
    """Whether an address is encrypted or on this machine."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        )
    except ValueError:
        return False


def provider_of(env: Mapping[str, str]) -> Provider | None:
    """OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET or _FILE, OIDC_LOGIN_CLAIM; None without an issuer."""
    issuer, client = env.get("OIDC_ISSUER", "").strip(), env.get("OIDC_CLIENT_ID", "").strip()
    if not issuer:
        return None
    if not trusted(issuer):
        raise BadSetting("OIDC_ISSUER has to be an https address")
    if not client:
        raise BadSetting("OIDC_CLIENT_ID is needed with OIDC_ISSUER")
    claim = env.get("OIDC_LOGIN_CLAIM", "").strip() or Provider.claim
    return Provider(issuer, client, secret_of(env, "OIDC_CLIENT_SECRET"), claim)


def directory_of(env: Mapping[str, str]) -> Directory | None:
    """LDAP_URL, LDAP_STARTTLS, LDAP_CA_FILE, LDAP_USER_DN or LDAP_BASE with LDAP_LOGIN_ATTRIBUTE, LDAP_BIND_DN and
    LDAP_BIND_PASSWORD or _FILE; None without an address."""
    url = env.get("LDAP_URL", "").strip()
    if not url:
        return None
    user_dn, base = env.get("LDAP_USER_DN", "").strip(), env.get("LDAP_BASE", "").strip()
    if bool(user_dn) == bool(base):
        raise BadSetting("one of LDAP_USER_DN and LDAP_BASE is needed with LDAP_URL")
    if user_dn and user_dn.count("{login}") != 1:
        raise BadSetting("LDAP_USER_DN has to hold {login} once, as in uid={login},ou=people,dc=example,dc=com")
    attribute = env.get("LDAP_LOGIN_ATTRIBUTE", "").strip() or Directory.attribute
    if not ATTRIBUTE.fullmatch(attribute):
        raise BadSetting("LDAP_LOGIN_ATTRIBUTE has to be the name of an attribute, as uid or sAMAccountName")
    host, port, tls = _place(url, env.get("LDAP_STARTTLS") == "1")
    authority = env.get("LDAP_CA_FILE", "").strip()
    if authority and not Path(authority).is_file():
        raise BadSetting("LDAP_CA_FILE is not a file")
    bind_dn, password = env.get("LDAP_BIND_DN", "").strip(), secret_of(env, "LDAP_BIND_PASSWORD")
    if bool(bind_dn) != bool(password):
        raise BadSetting("LDAP_BIND_DN and LDAP_BIND_PASSWORD are needed together")
    return Directory(host, port, tls, user_dn, base, attribute, bind_dn, password, authority)


def _place(url: str, starttls: bool) -> tuple[str, int, str]:
    """Host, port and kind of TLS of a directory's address."""
    wrong = BadSetting("LDAP_URL has to be ldaps://host[:port], or ldap://host[:port] with LDAP_STARTTLS=1")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in LDAP_PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise wrong
    tls = "tls" if parts.scheme == "ldaps" else "starttls" if starttls else "none"
    if tls == "none" and parts.hostname not in LOOPBACK:
        raise wrong
    return parts.hostname, port or LDAP_PORTS[parts.scheme], tls
