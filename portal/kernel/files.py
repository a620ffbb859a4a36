"""Files that people hand in: written whole or not at all, kept inert under PORTAL_DATA/files by their SHA-256."""

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from flask import current_app

from portal.kernel.errors import Busy, Invalid

CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Incoming:
    """A file that has arrived whole beside its place: where it lies, its digest in hex, its size in bytes."""

    path: Path
    sha256: str
    size: int


def folder() -> Path:
    """Where contents are kept; made when first needed, readable by the portal alone."""
    found: Path = current_app.config["PORTAL"].data / "files"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def place(sha256: str) -> Path:
    """Where the content with this digest lies."""
    return folder() / sha256[:2] / sha256


@contextmanager
def incoming(source: IO[bytes], most: int) -> Iterator[Incoming]:
    """Writes a stream of at most `most` bytes into a temporary file that is gone after the block unless kept.

    Raises Invalid (file_too_large, file_empty), Busy (disk_full) when the disk does not take it.
    """
    descriptor, name = tempfile.mkstemp(prefix="incoming-", dir=folder())
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as out:
            digest, size = _copied(source, out, most)
        if not size:
            raise Invalid("file_empty", field="files")
        yield Incoming(path, digest, size)
    except OSError as error:
        raise _unwritten(error) from error
    finally:
        path.unlink(missing_ok=True)


def _copied(source: IO[bytes], out: IO[bytes], most: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        size += len(chunk)
        if size > most:
            raise Invalid("file_too_large", field="files", most=most // CHUNK)
        digest.update(chunk)
        out.write(chunk)
    out.flush()
    os.fsync(out.fileno())
    return digest.hexdigest(), size


def _unwritten(error: OSError) -> Exception:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return Busy("disk_full" if full else "files_unwritable", field="files")


def keep(arrived: Incoming) -> None:
    """Puts it in its place; the same content is kept once. The name is on disk when this returns."""
    target = place(arrived.sha256)
    if sound(arrived.sha256):
        return
    target.parent.mkdir(mode=0o700, exist_ok=True)
    os.replace(arrived.path, target)
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest_of(path: Path) -> str:
    """SHA-256 of a file's content in hex; empty when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def state(sha256: str) -> str:
    """Whether the content still is what its checksum says: sound, changed or missing."""
    found = digest_of(place(sha256))
    if not found:
        return "missing"
    return "sound" if found == sha256 else "changed"


def content(sha256: str) -> bytes | None:
    """The content with this digest, read whole; None when it is missing or changed."""
    try:
        found = place(sha256).read_bytes()
    except OSError:
        return None
    return found if hashlib.sha256(found).hexdigest() == sha256 else None


def sound(sha256: str) -> bool:
    """Whether the content is here and unchanged."""
    return state(sha256) == "sound"


def names() -> Iterator[Path]:
    """Everything that lies in the folder, temporary files included."""
    return (path for path in folder().rglob("*") if path.is_file())
