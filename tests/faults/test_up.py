"""`portal up` as an operator meets it: one command starts all, a signal stops all, a dead child comes back."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.fault
ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "portal.cli"]


def environment(folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "PORT", "LANG")}
    return kept | {"PORTAL_DATA": str(folder), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def until(true: object, seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():  # type: ignore[operator]
            return True
        time.sleep(0.1)
    return False


def family(pid: int) -> set[int]:
    """A process and everything descended from it."""
    found = {pid}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(FileNotFoundError):
            found |= family(int(child))
    return found


def alive(pids: set[int]) -> set[int]:
    """Those that still run (a zombie does not)."""
    running = set()
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                running.add(pid)
    return running


class Running:
    """A portal that runs for a test, with what it has said."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.said = folder / "said.txt"
        self.out = self.said.open("w")
        self.process = subprocess.Popen(
            [*COMMAND, "up", "--port", "0", "--workers", "1", *more],
            env=environment(folder), stdout=self.out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        until(lambda: "The portal is at" in self.said.read_text() or self.process.poll() is not None)
        found = re.search(r"localhost:(\d+)", self.said.read_text())
        if found is None:
            self.close()
        assert found, self.said.read_text()
        self.port = int(found[1])

    def status(self, path: str) -> int:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            link.request("GET", path, headers={"Connection": "close"})
            return link.getresponse().status
        finally:
            link.close()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.out.close()


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Running]:
    """A running portal on a store of its own."""
    running = Running(tmp_path)
    yield running
    running.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_every_process(portal, number):
    everybody = family(portal.process.pid)
    assert len(everybody) >= 4
    portal.process.send_signal(number)
    assert portal.process.wait(30) == 0
    assert alive(everybody) == set()


def test_nothing_is_left_when_the_supervisor_itself_is_killed(portal):
    everybody = family(portal.process.pid)
    portal.process.kill()
    portal.process.wait()
    assert until(lambda: not alive(everybody))


def test_a_dead_web_process_and_a_dead_watch_come_back(portal):
    first, threads = family(portal.process.pid), Path(f"/proc/{portal.process.pid}/task")
    assert len(list(threads.iterdir())) == 1  # what another thread holds at a fork is held for ever in the child
    for child in Path(f"/proc/{portal.process.pid}/task/{portal.process.pid}/children").read_text().split():
        os.kill(int(child), signal.SIGKILL)
    assert until(lambda: len(family(portal.process.pid) - first) >= 3)
    assert until(lambda: portal.status("/session/sign-in") == 200)
    assert "The web process ended (-9)" in portal.said.read_text()


def test_a_fresh_store_prints_a_way_in_that_is_good_and_no_password(portal):
    found = re.search(r"/session/setup/\S+", portal.said.read_text())
    assert found
    assert portal.status(found[0]) == 200
    assert portal.status("/session/setup/something-else") == 404
    assert "password" not in portal.said.read_text()


def test_a_taken_port_is_said_in_a_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        answer = subprocess.run(
            [*COMMAND, "up", "--port", str(port)], env=environment(tmp_path), capture_output=True, text=True
        )
    assert answer.returncode == 1
    assert answer.stderr == f"Error: Port {port} is taken by another program. Choose another one: PORT={port + 1}\n"
    assert not (tmp_path / "portal.db").exists()
