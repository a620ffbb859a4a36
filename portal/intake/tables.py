"""A file of another system as records, whatever it is: CSV text, or a sheet of an XLSX workbook."""

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

from portal.intake import import_rules as rules
from portal.intake.import_rules import Options, Record
from portal.kernel import files
from portal.kernel.errors import Invalid

READER = Path(__file__).with_name("sheet_reader.py")
MOST_SECONDS = 120  # of waiting for the reader, whose own bound is processor time
HEAD = 1_000_000  # characters of a CSV file that are enough for its names and first rows


@dataclass(frozen=True)
class Table:
    """What a file holds: how it was read (encoding, or the sheet's name), its sheets, its records from the first."""

    read_as: str
    sheets: tuple[str, ...]
    records: Callable[[], Iterator[Record]]


def opened(raw: bytes, options: Options, *, head: bool = False) -> Table:
    """A file's records. With `head` a CSV text is cut. Raises Invalid for what is neither, broken or too large."""
    if raw.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return _sheet(raw, options.sheet)
    text, encoding = rules.decoded(raw, options.encoding)
    part = text[:HEAD] if head else text
    return Table(encoding, (), lambda: rules.records(part, options.delimiter))


def _sheet(raw: bytes, name: str) -> Table:
    """A sheet of a workbook (the first without a name), read by a child process that has bounds."""
    command = [sys.executable, "-I", str(READER), name]
    try:
        done = subprocess.run(command, input=raw, capture_output=True, timeout=MOST_SECONDS, check=False)
    except subprocess.TimeoutExpired as late:
        raise Invalid("import_sheet_huge") from late
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").split()
        code = said[-1] if said and said[-1].startswith("import_") else "import_sheet_beyond"
        raise Invalid(code, **({"sheet": name} if code == "import_sheet_missing" else {}))
    first, _, rest = done.stdout.partition(b"\n")
    names = tuple(json.loads(first))
    return Table(name or names[0], names, lambda: _records(rest))


def _records(lines: bytes) -> Iterator[Record]:
    for line in io.BytesIO(lines):
        number, cells = json.loads(line)
        yield Record(number, tuple(cells))


@lru_cache(maxsize=16)
def first_rows(sha256: str, encoding: str, delimiter: str, sheet: str, most: int) -> list[tuple[str, ...]]:
    """The first rows of a kept file below the names of its columns. Raises Invalid when it is gone."""
    raw = files.content(sha256)
    if raw is None:
        raise Invalid("import_file_gone")
    options = Options(columns={}, channel="app", encoding=encoding, delimiter=delimiter, sheet=sheet)
    return [record.cells for record in islice(opened(raw, options, head=True).records(), 1, most + 1)]
