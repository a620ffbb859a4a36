"""A mail server and a chat service on loopback that take, refuse, hang, are slow or break off, as a test says."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANGS = 20.0  # longer than any time-out of the portal


class Receiver:
    """What it was sent, and how it behaves: ok, hang, slow, refuse, busy, break, redirect, wrong, trickle."""

    def __init__(self) -> None:
        self.does = "ok"
        self.got: list[Any] = []
        self.free = threading.Event()
        self.port = 0

    def pause(self, seconds: float) -> None:
        """Stays silent, but not beyond the end of the test."""
        self.free.wait(seconds)


class _Mail(socketserver.StreamRequestHandler):
    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self) -> None:
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        if receiver.does == "hang":
            receiver.pause(HANGS)
            return
        while receiver.does == "trickle" and not receiver.free.wait(0.1):
            self.wfile.write(b"2")
        self.say("220 here")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"RCPT" and receiver.does in ("refuse", "busy"):
                self.say("550 no such person" if receiver.does == "refuse" else "451 later")
            elif word == b"DATA":
                self.say("354 go on")
                if self.take(receiver):
                    return
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def take(self, receiver: Receiver) -> bool:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        receiver.got.append(message_from_bytes(b"".join(lines), policy=policy.default))
        if receiver.does == "break":  # accepted, but the answer never arrives
            return True
        if receiver.does == "slow":
            receiver.pause(0.5)
        self.say("250 taken")
        return False


class _Chat(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        if receiver.does == "hang":
            receiver.pause(HANGS)
            return
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        receiver.got.append((self.path, said))
        if receiver.does == "break":
            return
        while receiver.does == "trickle" and not receiver.free.wait(0.1):
            self.wfile.write(b"H")
        status = {"busy": 503, "redirect": 302}.get(receiver.does, 200)
        told = {"wrong": "<html>", "refuse": '{"errcode": 93000, "errmsg": "invalid key"}'}
        body = told.get(receiver.does, '{"errcode": 0, "code": 0}').encode()
        self.send_response(status)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


class _MailServer(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address = True, True


@contextmanager
def receiving(what: str) -> Iterator[Receiver]:
    """A `mail` or `chat` receiver for as long as the block."""
    receiver = Receiver()
    kind, handler = {"mail": (_MailServer, _Mail), "chat": (ThreadingHTTPServer, _Chat)}[what]
    with kind(("127.0.0.1", 0), handler) as server:
        server.receiver = receiver
        receiver.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield receiver
        finally:
            receiver.free.set()
            server.shutdown()
