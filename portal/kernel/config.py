"""Settings, read once from the environment."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from portal.kernel.company import BadSetting, Directory, Provider, directory_of, provider_of

ROOT = Path(__file__).resolve().parents[2]
ZONE = "Asia/Shanghai"
PORTS = {"starttls": 587, "tls": 465, "none": 25}
STORES = ("sqlite:///", "postgresql+psycopg://")


@dataclass(frozen=True)
class Smtp:
    """The mail server. `tls` is starttls, tls (from the first byte) or none; the password is read from its file."""

    host: str
    sender: str
    port: int = 587
    tls: str = "starttls"
    user: str = ""
    password_file: str = ""


@dataclass(frozen=True)
class Settings:
    """Where the store is and how the portal is reached. Paths are absolute."""

    data: Path
    database_url: str
    secret_key: str
    port: int = 8000
    secure: bool = False
    proxies: int = 0
    owner_url: str = ""
    url: str = "http://localhost:8000"  # as people reach the portal; never taken from a request
    smtp: Smtp | None = None
    robot_hosts: tuple[str, ...] = ()
    file_mb: int = 20
    files_an_act: int = 10
    anchors: Path | None = None
    kit: Path | None = None  # where the emergency kit is written every day, outside the portal (EM5)
    kit_days: int = 14  # old kits are kept so long
    status_dir: Path | None = None  # where the status page is written as files for the world outside
    provider: Provider | None = None  # OpenID Connect
    directory: Directory | None = None  # LDAP

    @property
    def anchors_file(self) -> Path:
        """Where the seals of the journal are written down outside the store."""
        return self.anchors or self.data / "anchors" / "anchors.txt"


def _secret(data: Path) -> str:
    """The signing key of this installation: made once, readable by its owner alone."""
    file = data / "secret.key"
    try:
        if not file.exists():
            data.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as out:
                out.write(secrets.token_hex(32))
        return file.read_text().strip()
    except OSError as error:
        raise BadSetting(f"PORTAL_DATA has to be a folder of one's own; {data}: {error.strerror}") from error


def database_url(raw: str | None, data: Path) -> str:
    """`DATABASE_URL`, with PostgreSQL addresses led to the psycopg 3 driver; default is SQLite under `data`.

    Raises BadSetting for another kind of store and for what is no address; its message repeats none, for a password.
    """
    if not raw:
        return f"sqlite:///{data / 'portal.db'}"
    for prefix in ("postgres://", "postgresql://"):
        if raw.startswith(prefix):
            raw = STORES[1] + raw.removeprefix(prefix)
    try:
        make_url(raw)
    except (ArgumentError, ValueError):
        raw = ""
    if not raw.startswith(STORES):
        raise BadSetting("DATABASE_URL has to be postgresql://name:password@host/store, or sqlite:/// and a path")
    return raw


def number(name: str, usual: int, most: int) -> int:
    """A whole number from the environment, 0 to `most`. Raises BadSetting."""
    written = os.environ.get(name, "").strip()
    if not written:
        return usual
    if not written.isascii() or not written.isdigit() or len(written) > 9 or int(written) > most:
        raise BadSetting(f"{name} has to be a whole number from 0 to {most}, not {written[:40]!r}")
    return int(written)


def smtp_of(env: Mapping[str, str]) -> Smtp | None:
    """PORTAL_SMTP_HOST, _PORT, _TLS, _USER, _PASSWORD_FILE and PORTAL_MAIL_FROM; None without a host.

    Raises BadSetting for a kind of TLS that does not exist and for a missing sender.
    """
    host, tls = env.get("PORTAL_SMTP_HOST", "").strip(), env.get("PORTAL_SMTP_TLS") or "starttls"
    if not host:
        return None
    if tls not in PORTS:
        raise BadSetting("PORTAL_SMTP_TLS is starttls, tls or none")
    sender = env.get("PORTAL_MAIL_FROM", "").strip()
    if "@" not in sender:
        raise BadSetting("PORTAL_MAIL_FROM has to be the address from which mail is sent")
    return Smtp(
        host, sender, int(env.get("PORTAL_SMTP_PORT") or PORTS[tls]), tls,
        env.get("PORTAL_SMTP_USER", ""), env.get("PORTAL_SMTP_PASSWORD_FILE", ""),
    )  # fmt: skip


def _path(name: str) -> Path | None:
    written = os.environ.get(name)
    return Path(written).resolve() if written else None


def from_environment() -> Settings:
    """PORTAL_DATA (folder, default ./var), DATABASE_URL, DATABASE_OWNER_URL, PORT, PORTAL_SECURE=1, PORTAL_PROXIES=n,
    PORTAL_SECRET_KEY, PORTAL_URL, PORTAL_ROBOT_HOSTS, PORTAL_FILE_MB=20, PORTAL_FILES_AN_ACT=10, PORTAL_ANCHORS,
    PORTAL_KIT_DIR, PORTAL_KIT_DAYS=14, PORTAL_STATUS_DIR, mail, OIDC_..., LDAP_...;
    docs/operations.md says what each means."""
    owner = os.environ.get("DATABASE_OWNER_URL")
    data = Path(os.environ.get("PORTAL_DATA") or ROOT / "var").resolve()
    port = number("PORT", 8000, 65_535)
    return Settings(
        data=data,
        database_url=database_url(os.environ.get("DATABASE_URL"), data),
        secret_key=os.environ.get("PORTAL_SECRET_KEY") or _secret(data),
        port=port,
        secure=os.environ.get("PORTAL_SECURE") == "1",
        proxies=number("PORTAL_PROXIES", 0, 9),
        owner_url=database_url(owner, data) if owner else "",
        url=(os.environ.get("PORTAL_URL") or f"http://localhost:{port}").rstrip("/"),
        smtp=smtp_of(os.environ),
        robot_hosts=tuple((os.environ.get("PORTAL_ROBOT_HOSTS") or "").lower().replace(",", " ").split()),
        file_mb=number("PORTAL_FILE_MB", 20, 10_000),
        files_an_act=number("PORTAL_FILES_AN_ACT", 10, 1_000),
        anchors=_path("PORTAL_ANCHORS"),
        kit=_path("PORTAL_KIT_DIR"),
        kit_days=number("PORTAL_KIT_DAYS", 14, 10_000),
        status_dir=_path("PORTAL_STATUS_DIR"),
        provider=provider_of(os.environ),
        directory=directory_of(os.environ),
    )
