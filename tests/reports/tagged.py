"""A small reader of the structure of a PDF that we wrote: its objects, the tree of its tags, what each is called."""

import re
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

TOKEN = re.compile(
    rb"<<|>>|\[|\]|<[0-9A-Fa-f\s]*>|/[^\s/<>\[\]()]*|\d+ \d+ R|[-+]?\d*\.?\d+|true|false|null"
    rb"|\((?:[^()\\]|\\.)*\)",
    re.DOTALL,
)
ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}


class Tag(NamedTuple):
    """One element of structure: its type, its dictionary, what lies in it (marked content has no Tag)."""

    name: str
    facts: dict[str, Any]
    inner: list["Tag"]

    def all(self) -> Iterator["Tag"]:
        """This one and everything in it, in order of reading."""
        yield self
        for one in self.inner:
            yield from one.all()


class Pdf:
    """Objects by number as Python values: dictionaries, lists, names (with their slash), numbers, words, references."""

    def __init__(self, body: bytes) -> None:
        self.objects: dict[int, Any] = {}
        self.trailer: dict[str, Any] = {}
        for match in re.finditer(rb"(?<!\d)(\d+) 0 obj\s*(.*?)\s*endobj", body, re.DOTALL):
            head, _, rest = match[2].partition(b"stream")
            value = _parsed(head)
            self.objects[int(match[1])] = value
            kind = value.get("/Type") if isinstance(value, dict) else None
            if kind == "/ObjStm":
                self._inner(value, zlib.decompress(rest.lstrip(b"\r\n")))
            if kind == "/XRef":
                self.trailer = value
        self.trailer = self.trailer or _parsed(body.rpartition(b"trailer")[2])
        self.catalog: dict[str, Any] = self.get(self.trailer["/Root"])

    def _inner(self, value: dict[str, Any], text: bytes) -> None:
        numbers = [int(one) for one in text[: value["/First"]].split()]
        starts = [(numbers[n], numbers[n + 1] + value["/First"]) for n in range(0, len(numbers), 2)]
        for (number, start), end in zip(starts, [at for _, at in starts[1:]] + [len(text)], strict=True):
            self.objects[number] = _parsed(text[start:end])

    def get(self, value: Any) -> Any:
        """What a reference leads to; anything else as it is."""
        return self.objects[int(value.split()[0])] if isinstance(value, str) and value.endswith(" 0 R") else value

    def tree(self) -> list[Tag]:
        """The elements right below the root of structure."""
        return self._below(self.get(self.catalog["/StructTreeRoot"]))

    def _below(self, facts: dict[str, Any]) -> list[Tag]:
        kids = self.get(facts.get("/K", []))
        found = []
        for one in kids if isinstance(kids, list) else [kids]:
            value = self.get(one)
            if isinstance(value, dict) and "/S" in value:
                found.append(Tag(value["/S"], value, self._below(value)))
        return found

    def attributes(self, tag: Tag) -> dict[str, Any]:
        """The attributes of an element, all owners together."""
        kept = self.get(tag.facts.get("/A", []))
        return {k: v for one in (kept if isinstance(kept, list) else [kept]) for k, v in self.get(one).items()}


def words(value: Any) -> str:
    """A string of a PDF as text."""
    if isinstance(value, bytes):
        return value[2:].decode("utf-16-be") if value.startswith(b"\xfe\xff") else value.decode("latin-1")
    return str(value or "")


def _parsed(text: bytes) -> Any:
    found = list(_values(iter(TOKEN.findall(text))))
    return found[0] if found else None


def _values(tokens: Iterator[bytes]) -> Iterator[Any]:
    for token in tokens:
        if token in (b">>", b"]"):
            return
        if token == b"<<":
            flat = list(_values(tokens))
            yield dict(zip(flat[::2], flat[1::2], strict=True))
        elif token == b"[":
            yield list(_values(tokens))
        else:
            yield _plain(token)


def _plain(token: bytes) -> Any:
    if token.startswith(b"("):
        return re.sub(rb"\\(.)", lambda m: ESCAPED.get(m[1], m[1]), token[1:-1], flags=re.S)
    if token.startswith(b"<"):
        return bytes.fromhex(token[1:-1].decode())
    if token in (b"true", b"false", b"null"):
        return {b"true": True, b"false": False}.get(token)
    if token.startswith(b"/") or token.endswith(b"R"):
        return token.decode()
    return float(token) if b"." in token else int(token)
