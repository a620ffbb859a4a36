"""Anchors: what proves a seal from outside the store. One line of text a seal, only ever added to.

number, last entry, how many entries, root in base64, time; separated by spaces.
"""

import base64
import binascii
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import current_app

from portal.journal.seals import Sealed, seals

TAIL = 4_096  # bytes from the end in which the last whole line is looked for; a line has about 100


@dataclass(frozen=True)
class Anchor:
    """One line."""

    seal: int
    last_id: int
    count: int
    root: bytes


class NoAnchors(ValueError):
    """A file in which no line is an anchor."""


def place() -> Path:
    """PORTAL_ANCHORS, or anchors/anchors.txt in the data folder."""
    return current_app.config["PORTAL"].anchors_file  # type: ignore[no-any-return]


def spelled(seal: Sealed) -> str:
    """A seal's line."""
    root, at = base64.b64encode(seal.root).decode(), datetime.fromtimestamp(seal.sealed_at, UTC)
    return f"{seal.id} {seal.last_id} {seal.count} {root} {at:%Y-%m-%dT%H:%M:%SZ}\n"


def short(seal: Sealed) -> str:
    """A seal as paper and mail carry it: its number and the first 16 hex digits of its root."""
    return f"{seal.id} {seal.root.hex()[:16]}"


def parsed(line: str) -> Anchor | None:
    """The anchor of a line; None for one that was broken off or spoilt."""
    try:
        seal, last, count, root, _at = line.split()
        found = Anchor(int(seal), int(last), int(count), base64.b64decode(root, validate=True))
    except (ValueError, binascii.Error):
        return None
    return found if len(found.root) == 32 else None


def lines(file: Path) -> Iterator[Anchor]:
    """The anchors of a file, one by one; unreadable lines prove nothing and are left out.

    Raises OSError, and NoAnchors for a file with text of which no line is an anchor.
    """
    some = any_text = False
    with file.open(encoding="ascii", errors="replace", newline="\n") as text:
        for line in text:
            anchor = parsed(line) if line.endswith("\n") else None
            any_text = any_text or bool(line.strip())
            if anchor:
                some = True
                yield anchor
    if any_text and not some:
        raise NoAnchors(str(file))


def catch_up(file: Path) -> int:
    """Writes the lines of seals that are not in the file yet and waits for the disk; returns how many. Raises OSError.

    The file is opened for appending alone, so that it may lie where nothing can be changed; one writer at a time.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
    written = 0
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        last, whole = _end(descriptor)
        while more := seals(last):
            os.write(descriptor, ("" if whole else "\n").encode() + "".join(map(spelled, more)).encode())
            last, written, whole = more[-1].id, written + len(more), True
        if written:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return written


def _end(descriptor: int) -> tuple[int, bool]:
    """The number of the last seal in the file (0 for none), and whether its last line is whole."""
    size = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, TAIL, max(0, size - TAIL)).decode("ascii", "replace")
    found = [anchor for line in tail.split("\n")[:-1] if (anchor := parsed(line))]
    return (found[-1].seal if found else 0), tail.endswith("\n") or not tail
