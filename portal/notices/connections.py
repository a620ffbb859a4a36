"""Connections to receivers that end after a while, however lively the receiver: a time-out alone lets it trickle."""

import http.client
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib import request

TIME_OUT = 5.0  # seconds a receiver may stay silent
AT_MOST = 40.0  # seconds of one handing over in all: less than the lease of a row
Connect = Callable[..., socket.socket]


@contextmanager
def limited() -> Iterator[Connect]:
    """Gives a way to connect whose connections are cut when the time of one handing over is up."""
    held: list[socket.socket] = []

    def connect(*args: Any, **kwargs: Any) -> socket.socket:
        made = socket.create_connection(*args, **kwargs)
        held.append(made.dup())  # the first one may be wrapped for TLS, which takes it over
        return made

    def cut() -> None:
        for link in held:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(AT_MOST, cut)
    timer.daemon = True
    timer.start()
    try:
        yield connect
    finally:
        timer.cancel()
        for link in held:
            link.close()


class Plain(smtplib.SMTP):
    """A mail server reached in the clear, perhaps encrypted later by STARTTLS."""

    def __init__(self, connect: Connect, host: str, port: int, here: str) -> None:
        self._connect = connect
        super().__init__(host, port, here, timeout=TIME_OUT)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._connect((host, port), timeout)


class Tls(smtplib.SMTP_SSL):
    """A mail server that is encrypted from the first byte."""

    def __init__(self, connect: Connect, host: str, port: int, here: str, secure: ssl.SSLContext) -> None:
        self._connect = connect
        super().__init__(host, port, here, timeout=TIME_OUT, context=secure)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self.context.wrap_socket(self._connect((host, port), timeout), server_hostname=host)


class Http(request.HTTPHandler):
    """http for urllib on such connections."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        super().__init__()

    def http_open(self, asked: request.Request) -> Any:
        """Opens a plain address."""
        return self.do_open(_over(self._connect, http.client.HTTPConnection), asked)


class Https(request.HTTPSHandler):
    """https for urllib on such connections; certificates are checked, proxies of the environment used as ever."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        super().__init__()

    def https_open(self, asked: request.Request) -> Any:
        """Opens an encrypted address."""
        return self.do_open(_over(self._connect, http.client.HTTPSConnection), asked)


def _over(connect: Connect, kind: Any) -> Any:
    """Makes connections of a kind that are reached by `connect`."""

    def make(host: str, **kwargs: Any) -> Any:
        link = kind(host, **kwargs)
        link._create_connection = connect
        return link

    return make


class NoRedirect(request.HTTPRedirectHandler):
    """An address that leads elsewhere is not followed."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Nothing to go to; the answer itself is an error."""
