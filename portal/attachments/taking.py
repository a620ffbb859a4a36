"""Taking one file in: arrived whole, known by its content, called by a plain name, put in its place."""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from flask import current_app

from portal.attachments import rules
from portal.kernel import files
from portal.kernel.errors import Invalid


@dataclass(frozen=True)
class Taken:
    """A file in its place, not yet in the store."""

    name: str
    kind: str
    size: int
    sha256: str


def limits() -> tuple[int, int]:
    """(bytes of one file, files of one act), as the installation is set."""
    settings = current_app.config["PORTAL"]
    return settings.file_mb * 1024 * 1024, settings.files_an_act


def take(source: IO[bytes], name: str) -> Taken:
    """Keeps the content and says what it is. Raises Invalid naming the file, Busy when the disk does not take it."""
    said = rules.called(name, "application/pdf").removesuffix(".pdf")
    try:
        with files.incoming(source, limits()[0]) as arrived:
            kind = _kind(arrived.path)
            files.keep(arrived)
    except Invalid as refused:
        raise Invalid(refused.code, **refused.facts | {"name": said}) from refused
    return Taken(rules.called(name, kind), kind, arrived.size, arrived.sha256)


def _kind(path: Path) -> str:
    content = path.read_bytes()
    kind = rules.type_of(content, lambda: _listing(path))
    if not kind:
        raise Invalid("file_type", field="files")
    if rules.pixels(content, kind) > rules.MOST_PIXELS:
        raise Invalid("file_pixels", field="files", most=rules.MOST_PIXELS // 1_000_000)
    return kind


def _listing(path: Path) -> rules.Listing | None:
    """The table of contents of a zip, whose members stay packed; None when it cannot be read."""
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
            first = entries[0] if entries else None
            plain = first is not None and first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED
            said = packed.read(first)[:100].decode("ascii", "replace") if first and plain and _small(first) else ""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return None
    return rules.Listing(tuple(e.filename for e in entries), sum(e.file_size for e in entries), said)


def _small(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size <= 100 and entry.compress_size <= 100
