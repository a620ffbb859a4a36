"""As much of LDAP (RFC 4511) as a sign-in needs: bind, StartTLS, and looking for one entry by one attribute.

Values travel as lengths and bytes, never inside a filter's text, so nothing typed can be read as part of a filter.
Referrals are not followed.
"""

import socket
import ssl
from collections.abc import Iterator

from portal.kernel.company import Directory

TIME_OUT = 5.0  # seconds the directory may stay silent
LARGEST = 262_144  # bytes of one message
MOST = 50  # messages that answer one question
SEQUENCE, INTEGER, OCTETS, ENUMERATED, BOOLEAN = 0x30, 0x02, 0x04, 0x0A, 0x01
BIND, BOUND, SEARCH, ENTRY, FOUND, EXTENDED, DONE = 0x60, 0x61, 0x63, 0x64, 0x65, 0x77, 0x78
PASSWORD, EQUALS, NAME = 0x80, 0xA3, 0x80
STARTTLS = b"1.3.6.1.4.1.1466.20037"
WHOLE_TREE, NEVER_DEREFERENCE, NO_ATTRIBUTES = 2, 0, b"1.1"
SUCCESS = 0
# what the person gave is not right, or the directory will not have this person: constraintViolation, noSuchObject,
# invalidDNSyntax, inappropriateAuthentication, invalidCredentials, insufficientAccessRights, unwillingToPerform
REFUSALS = frozenset((19, 32, 34, 48, 49, 50, 53))


class Trouble(Exception):
    """The directory cannot be reached, or answers with what is no answer."""


def packed(tag: int, *parts: bytes) -> bytes:
    """One element of BER: tag, length, content."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    long = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(long))) + long + content


def number(value: int, tag: int = INTEGER) -> bytes:
    """A number of BER that is not negative."""
    return packed(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def taken(data: bytes) -> tuple[int, bytes, bytes]:
    """The first element of some bytes: (tag, content, what follows). Raises Trouble."""
    if len(data) < 2:
        raise Trouble("an answer ends too early")
    tag, size, start = data[0], data[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(data[2:start], "big")
    if start > 6 or len(data) < start + size:
        raise Trouble("an answer ends too early")
    return tag, data[start : start + size], data[start + size :]


class Link:
    """A connection to the directory, encrypted unless it stays on this machine. Use as a context manager."""

    def __init__(self, directory: Directory) -> None:
        self._where, self._last = directory, 0

    def __enter__(self) -> "Link":
        where = self._where
        try:
            self._socket = socket.create_connection((where.host, where.port), TIME_OUT)
        except (OSError, UnicodeError) as error:
            raise Trouble(f"cannot connect: {error}") from error
        try:
            self._encrypt()
        except Trouble:
            self._socket.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _encrypt(self) -> None:
        where = self._where
        if where.tls == "starttls" and self._result(packed(EXTENDED, packed(NAME, STARTTLS)), DONE) != SUCCESS:
            raise Trouble("the directory refuses StartTLS")
        try:
            if where.tls != "none":
                trust = ssl.create_default_context(cafile=where.authority or None)
                self._socket = trust.wrap_socket(self._socket, server_hostname=where.host)
        except (OSError, ValueError) as error:
            raise Trouble(f"no encrypted connection: {error}") from error

    def bind(self, name: str, password: str) -> bool:
        """Whether the directory takes this name with this password. Raises Trouble; an empty one proves nothing."""
        if not name or not password:
            return False
        asked = packed(BIND, number(3), packed(OCTETS, name.encode()), packed(PASSWORD, password.encode()))
        code = self._result(asked, BOUND)
        if code not in REFUSALS | {SUCCESS}:
            raise Trouble(f"bind was answered by result {code}")
        return code == SUCCESS

    def entries(self, base: str, attribute: str, value: str) -> list[str]:
        """The names (DN) of at most two entries under `base` whose attribute has this value. Raises Trouble."""
        asked = packed(
            SEARCH, packed(OCTETS, base.encode()), number(WHOLE_TREE, ENUMERATED),
            number(NEVER_DEREFERENCE, ENUMERATED), number(2), number(int(TIME_OUT)), packed(BOOLEAN, b"\xff"),
            packed(EQUALS, packed(OCTETS, attribute.encode()), packed(OCTETS, value.encode())),
            packed(SEQUENCE, packed(OCTETS, NO_ATTRIBUTES)),
        )  # fmt: skip
        found = []
        for tag, content in self._answers(asked):
            if tag == ENTRY:
                found.append(taken(content)[1].decode(errors="replace"))
            if tag == FOUND:
                code = int.from_bytes(taken(content)[1], "big")
                if code not in (SUCCESS, 4, 32):  # 4: more than two, 32: no such base
                    raise Trouble(f"the search was answered by result {code}")
                return found
        raise Trouble("the search has no end")

    def _result(self, asked: bytes, expected: int) -> int:
        """The result code that answers a request. Raises Trouble."""
        for tag, content in self._answers(asked):
            kind, code, _ = taken(content)
            if tag != expected or kind != ENUMERATED:
                raise Trouble("the directory answered with something else")
            return int.from_bytes(code, "big")
        raise Trouble("no answer")

    def _answers(self, asked: bytes) -> Iterator[tuple[int, bytes]]:
        """The messages that answer a request: (tag, content). Raises Trouble."""
        self._last += 1
        try:
            self._socket.sendall(packed(SEQUENCE, number(self._last), asked))
            for _ in range(MOST):
                kind, message, _rest = taken(self._message())
                tag, its_number, rest = taken(message)
                if kind != SEQUENCE or tag != INTEGER or int.from_bytes(its_number, "big") != self._last:
                    raise Trouble("the directory answered something else")
                yield taken(rest)[:2]
        except OSError as error:
            raise Trouble(f"the connection broke: {error}") from error

    def _message(self) -> bytes:
        """One message as it came."""
        head = self._exactly(2)
        if head[1] & 0x80:
            head += self._exactly(head[1] & 0x7F)
        size = int.from_bytes(head[2:], "big") if head[1] & 0x80 else head[1]
        if size > LARGEST:
            raise Trouble("an answer is too large")
        return head + self._exactly(size)

    def _exactly(self, size: int) -> bytes:
        got = b""
        while len(got) < size:
            piece = self._socket.recv(size - len(got))
            if not piece:
                raise Trouble("the directory closed the connection")
            got += piece
        return got
