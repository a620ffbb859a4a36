"""The company's side on loopback: an identity provider and a directory, as small as the tests need them."""

import base64
import hashlib
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit

from portal.kernel import clock

CLIENT, SECRET = "portal", "between us"


class IdentityProvider:
    """Gives codes for whoever `claims` describes; tests bend what it says and with which key it signs."""

    def __init__(self) -> None:
        self.jwk, self.jwt = import_module("joserfc.jwk"), import_module("joserfc.jwt")
        self.keys = [self.jwk.RSAKey.generate_key(2048, {"kid": "k1"}) for _ in range(2)]
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.begin()

    def begin(self) -> None:
        """As on the first day."""
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.claims: dict[str, Any] = {"preferred_username": "agent"}
        self.codes: dict[str, dict[str, str]] = {}
        self.about: dict[str, Any] = {}
        self.key, self.broken, self.header = self.keys[0], False, {"alg": "RS256", "kid": "k1"}
        self.secret_key: Any = None  # signs instead, with HS256

    def grant(self, asked: dict[str, str]) -> str:
        """The code that the browser takes back after its person has signed in there."""
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return code

    def token(self, nonce: str) -> str:
        """A signed ID token."""
        now = clock.now()
        said = {
            "iss": self.issuer, "aud": CLIENT, "sub": "4711", "iat": int(now.timestamp()), "nonce": nonce,
            "exp": int((now + timedelta(minutes=5)).timestamp()),
        }  # fmt: skip
        said = {name: value for name, value in (said | self.claims).items() if value is not None}
        return str(self.jwt.encode(self.header, said, self.secret_key or self.key, algorithms=[self.header["alg"]]))

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        """Status and body for a request."""
        if self.broken:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            places = ("authorization_endpoint", "/enter"), ("token_endpoint", "/token"), ("jwks_uri", "/keys")
            return 200, {"issuer": self.issuer} | {name: self.issuer + end for name, end in places} | self.about
        if path == "/keys":
            return 200, {"keys": [self.keys[0].as_dict(private=False), {"kty": "later", "kid": "k9"}]}
        asked = self.codes.pop(form.get("code", ""), None)
        pair = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()).decode()
        proof = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if asked is None or authorization != f"Basic {pair}" or asked["code_challenge"] != proof:
            return 400, {"error": "invalid_grant"}
        return 200, {"id_token": self.token(asked["nonce"]), "access_token": "x", "token_type": "Bearer"}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                form = {name: values[0] for name, values in parse_qs(self.rfile.read(size).decode()).items()}
                status, said = provider.answer(self.path, form, self.headers.get("Authorization", ""))
                body = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def asked_of(location: str) -> dict[str, str]:
    """What an address to the provider asks."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


class FakeDirectory:
    """Binds names with their passwords, finds entries by attribute and value; keeps what it was asked."""

    def __init__(self) -> None:
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                outer.serve(self.request)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.passwords: dict[str, str] = {}
        self.entries: dict[tuple[str, str], list[str]] = {}
        self.binds: list[str] = []
        self.searches: list[tuple[str, str]] = []
        self.code: int | None = None  # answers every bind

    def serve(self, link: Any) -> None:
        """Answers requests until the other side goes."""
        while head := link.recv(2):
            size = head[1]
            if size & 0x80:
                size = int.from_bytes(link.recv(size & 0x7F), "big")
            body = link.recv(size)
            number, (tag, asked) = body[: 2 + body[1]], parts(body)[1]
            answers = self.bind(asked) if tag == 0x60 else self.search(asked)
            link.sendall(b"".join(made(0x30, number + answer) for answer in answers))

    def bind(self, asked: bytes) -> list[bytes]:
        """The result of a bind; like real ones, it takes an empty password as a visitor's."""
        (_, name), (_, password) = parts(asked)[1:]
        self.binds.append(name.decode())
        good = not password or self.passwords.get(name.decode()) == password.decode()
        code = self.code if self.code is not None else 0 if good else 49
        return [result(0x61, code)]

    def search(self, asked: bytes) -> list[bytes]:
        """The entries whose attribute equals the value, then the end."""
        attribute, value = (text.decode() for _, text in parts(parts(asked)[6][1]))
        self.searches.append((attribute, value))
        names = self.entries.get((attribute, value), [])
        return [made(0x64, made(0x04, name.encode()) + made(0x30, b"")) for name in names] + [result(0x65, 0)]


def parts(data: bytes) -> list[tuple[int, bytes]]:
    """The elements of BER in a row, each shorter than 128 bytes or with a length of one byte more."""
    found = []
    while data:
        start, size = (3, data[2]) if data[1] == 0x81 else (2, data[1])
        found.append((data[0], data[start : start + size]))
        data = data[start + size :]
    return found


def made(tag: int, content: bytes) -> bytes:
    """One short element of BER."""
    return bytes((tag, len(content))) + content


def result(tag: int, code: int) -> bytes:
    """A result: code, no name, no words."""
    return made(tag, bytes((0x0A, 1, code, 0x04, 0, 0x04, 0)))


@contextmanager
def running(server: Any) -> Iterator[None]:
    """Serves on a thread of its own for as long as the block."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
