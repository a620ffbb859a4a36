"""The processes of one portal: started together, restarted when one dies, stopped together."""

import ctypes
import errno
import http.client
import os
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from portal.jobs.webworker import Worker
from portal.kernel import clock

LONGEST_BACK_OFF = 30.0
STEADY = 60.0
GRACE = 10.0
PARENT_DIED = 1  # PR_SET_PDEATHSIG
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FORK = get_context("fork")  # the program is loaded once and shared


class CannotListen(RuntimeError):
    """The address cannot be used; the message says why, in a sentence."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, kept over restarts of the web process. Raises CannotListen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except socket.gaierror as error:
        raise CannotListen(f"This machine has no address {host}.") from error
    except OSError as error:
        reasons = {
            errno.EADDRINUSE: f"Port {port} is taken by another program. Choose another one: PORT={port + 1}",
            errno.EACCES: f"Port {port} needs administrator's rights. Choose one above 1023.",
            errno.EADDRNOTAVAIL: f"This machine has no address {host}.",
        }
        raise CannotListen(reasons.get(error.errno or 0, str(error))) from error


@dataclass
class Child:
    """One process that runs as long as the portal does, forked from the supervisor with the program loaded."""

    name: str
    work: Callable[[], None]
    process: BaseProcess | None = None
    started: float = 0.0
    failures: int = 0
    again: float = 0.0

    def start(self) -> None:
        """Starts it in a session of its own, so that Ctrl-C reaches the supervisor alone."""
        self.process = FORK.Process(target=_become, args=(self.work, os.getpid()), name=self.name)
        self.process.start()
        self.started = clock.monotonic()

    def look_after(self, say: Callable[[str], None]) -> None:
        """Restarts it when it has died: after 1 s, doubling to 30 s while it keeps dying early."""
        now = clock.monotonic()
        if self.process is not None and not self.process.is_alive():
            early = now - self.started < STEADY
            self.failures = self.failures + 1 if early else 1
            wait = min(2.0 ** (self.failures - 1), LONGEST_BACK_OFF)
            say(f"{self.name} ended ({self.process.exitcode}); starting it again in {wait:.0f} s")
            self._sweep()
            self.process, self.again = None, now + wait
        elif self.process is None and now >= self.again:
            self.start()

    def ask_to_end(self) -> None:
        """Sends SIGTERM, if it runs."""
        if self.process is not None and self.process.is_alive():
            self.process.terminate()

    def see_out(self, seconds: float) -> bool:
        """Waits for its end, then kills whatever is left of it; returns whether it ended by itself."""
        if self.process is None:
            return True
        self.process.join(seconds)
        ended = not self.process.is_alive()
        self._sweep()
        self.process.join()
        return ended

    def _sweep(self) -> None:
        """Kills the process and all of its own children, as far as there are any left."""
        try:
            os.killpg(self.process.pid if self.process and self.process.pid else 0, signal.SIGKILL)
        except ProcessLookupError:
            return


def _become(work: Callable[[], None], supervisor: int) -> None:
    """In the child: a session of its own, default signals, and an end with the supervisor (on Linux)."""
    os.setsid()
    for number in STOPS:
        signal.signal(number, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DIED, signal.SIGTERM)
    if os.getppid() == supervisor:
        work()


@dataclass
class Group:
    """All processes of one portal."""

    children: list[Child]
    say: Callable[[str], None]
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self, ready: Callable[[], bool], greet: Callable[[], None]) -> None:
        """Runs until SIGINT, SIGTERM or SIGHUP; greets once the portal answers."""
        for number in STOPS:
            signal.signal(number, lambda *_: self.stopping.set())
        greeted = False
        try:
            for child in self.children:
                child.start()
            while not self.stopping.wait(0.5 if greeted else 0.1):
                for child in self.children:
                    child.look_after(self.say)
                if not greeted and ready():
                    greeted = True
                    greet()
        finally:
            self.stop()

    def stop(self) -> None:
        """Asks every process to end, waits ten seconds in all, then insists."""
        for child in self.children:
            child.ask_to_end()
        until = clock.monotonic() + GRACE
        for child in self.children:
            if not child.see_out(max(0.1, until - clock.monotonic())):
                self.say(f"{child.name} did not end by itself")


def answers(host: str, port: int, secure: bool) -> bool:
    """Whether the portal answers a request on this address."""
    if secure:
        unverified = ssl._create_unverified_context()
        link: http.client.HTTPConnection = http.client.HTTPSConnection(host, port, timeout=1, context=unverified)
    else:
        link = http.client.HTTPConnection(host, port, timeout=1)
    try:
        link.request("GET", "/healthz", headers={"Connection": "close"})
        return link.getresponse().status < 600
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def web_settings(
    descriptor: int, *, workers: int, threads: int, certificate: str | None, key: str | None
) -> dict[str, Any]:
    """Gunicorn's settings for serving on a listening socket it inherits."""
    return {
        "bind": f"fd://{descriptor}",
        "worker_class": Worker,
        "workers": workers,
        "threads": threads,
        "keepalive": 75,
        "worker_connections": 6000,
        "graceful_timeout": 5,
        "timeout": 60,
        "loglevel": "warning",
        "control_socket_disable": True,
        "certfile": certificate,
        "keyfile": key,
    }


class Web(BaseApplication):  # type: ignore[misc]
    """The web process: gunicorn around an application that is already built and holds no connection."""

    def __init__(self, app: Flask, settings: dict[str, Any]) -> None:
        self.application, self.settings = app, settings
        super().__init__()

    def load_config(self) -> None:
        """Takes over the settings."""
        for name, value in self.settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application each worker serves."""
        return self.application
