"""Things that some tests need and a machine may lack: a throw-away PostgreSQL, a Chromium, an extra library."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

OLDEST_POSTGRES = 15
START_SECONDS = 30
ATTEMPTS = 3
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Unavailable(Exception):
    """A service is not on this machine; the text says in plain words what is missing."""


def postgres_binaries() -> Path:
    """The folder with initdb and postgres, newest first; Debian keeps it off the PATH."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version_of, reverse=True)
    if packaged and _version_of(packaged[0]) >= OLDEST_POSTGRES:
        return packaged[0]
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    raise Unavailable(f"PostgreSQL {OLDEST_POSTGRES} or newer is not installed (package postgresql).")


def chromium_path() -> str:
    """The browser for the browser tests, rather one without windows: a quarter less work. Root needs --no-sandbox."""
    for name in CHROMIUM_NAMES:
        found = shutil.which(name)
        if found:
            return found
    raise Unavailable("Chromium is not installed (package chromium-headless-shell).")


def poppler_path() -> str:
    """pdftotext, with which the tests read PDF files."""
    found = shutil.which("pdftotext")
    if not found:
        raise Unavailable("pdftotext is not installed (package poppler-utils).")
    return found


def joserfc_there() -> None:
    """The library that checks tokens of an identity provider; an extra of the portal, part of the lock."""
    if find_spec("joserfc") is None:
        raise Unavailable("joserfc is not installed (requirements.lock has it).")


NEEDS: dict[str, Callable[[], object]] = {
    "postgres": postgres_binaries,
    "browser": chromium_path,
    "poppler": poppler_path,
    "joserfc": joserfc_there,
}


def need(service: str) -> None:
    """Skip the test where the service is missing; with CI=true a missing service is a failure."""
    try:
        NEEDS[service]()
    except Unavailable as missing:
        give_up(missing)


def give_up(missing: Unavailable) -> None:
    """End the running test: skipped on a laptop, failed with CI=true."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{missing} With CI=true that is a failure.", pytrace=False)
    pytest.skip(str(missing))


@contextmanager
def temporary_postgres(keep: Path | None = None) -> Iterator[str]:
    """Run an own PostgreSQL cluster for as long as the block; yields its SQLAlchemy address.

    It listens on a free loopback port and on a socket in its temporary folder, and never syncs to disk. In a folder to
    keep, what an earlier run has left there is used again.
    """
    binaries = postgres_binaries()
    folder = keep or Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path must stay short
    server: subprocess.Popen[bytes] | None = None
    try:
        if not (folder / "data" / "PG_VERSION").exists():
            _initialise(binaries, folder)
        server, port = _start(binaries, folder, "" if keep else str(folder))
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        if server is not None:
            _stop(server, signal.SIGINT if keep else signal.SIGQUIT)
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def reachable(folder: Path) -> bool:
    """Whether PostgreSQL's user may go into a folder, which as root need not be so."""
    words = ["sh", "-c", 'cd "$1"', "sh", str(folder.parent)]
    return subprocess.run([*_unprivileged(), *words], capture_output=True).returncode == 0


@contextmanager
def empty_database(
    server_url: str, *, name: str = "", template: str = "template1", keep: bool = False
) -> Iterator[str]:
    """A database of its own on a running server, a copy of `template`; yields its SQLAlchemy address.

    It is dropped afterwards, unless it is kept for as long as the server runs.
    """
    name = name or f"t_{uuid4().hex[:12]}"
    administration = server_url.replace("+psycopg", "", 1)
    administer(administration, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")  # a tenth of WAL_LOG
    try:
        yield f"{server_url.rsplit('/', 1)[0]}/{name}"
    finally:
        if not keep:
            administer(administration, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _version_of(folder: Path) -> int:
    """15 for /usr/lib/postgresql/15/bin, 0 for what is not a version."""
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def administer(url: str, statement: str) -> None:
    """Run one statement that may not stand inside a transaction."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]  # names are made here, never read


def _unprivileged() -> list[str]:
    """The words before a command that drop root, which PostgreSQL refuses, and tie its life to ours."""
    setpriv = shutil.which("setpriv")
    tied = [setpriv, "--pdeathsig=QUIT"] if setpriv else []
    if os.geteuid() != 0:
        return tied
    if not setpriv:
        raise Unavailable("PostgreSQL does not run as root, and setpriv (package util-linux) is missing.")
    return [*tied, "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def _initialise(binaries: Path, folder: Path) -> None:
    """Lay out the cluster's files in the folder."""
    folder.chmod(0o700)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    layout = [
        "-D",
        str(folder / "data"),
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "-N",
    ]
    done = subprocess.run(
        [*_unprivileged(), str(binaries / "initdb"), *layout], cwd=folder, capture_output=True, text=True
    )
    if done.returncode:
        raise Unavailable(f"PostgreSQL's initdb failed: {done.stderr.strip()}")


def _start(binaries: Path, folder: Path, socket_folder: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server; a port that somebody else took in between is tried again with another."""
    log = folder / "log"
    for _ in range(ATTEMPTS):
        port = _free_port()
        settings = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={socket_folder}"]
        settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "timezone=UTC"]
        command = [*_unprivileged(), str(binaries / "postgres"), "-D", str(folder / "data")]
        command += [word for setting in settings for word in ("-c", setting)]
        with log.open("ab") as output:
            server = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        if _answers(server, port):
            return server, port
        _stop(server)
    raise Unavailable(f"PostgreSQL did not start: {log.read_text(errors='replace')[-500:]}")


def _answers(server: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until the server takes connections; False when it ended or took too long."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return server.poll() is None
    return False


def _stop(server: subprocess.Popen[bytes], how: signal.Signals = signal.SIGQUIT) -> None:
    """End the server: at once where its data is thrown away (SIGQUIT), in good order where it is kept (SIGINT)."""
    if server.poll() is not None:
        return
    server.send_signal(how)
    try:
        server.wait(10 if how == signal.SIGQUIT else 120)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _free_port() -> int:
    """A loopback port that is free right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
