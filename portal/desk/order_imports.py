"""Reading an old ledger's file: its records by a mapping of columns, each as a row to bring in or as a refusal."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.intake import tables
from portal.intake.import_rules import Options, Record, Refusal
from portal.kernel import files
from portal.kernel.errors import Invalid
from portal.workflows import ledger_import
from portal.workflows.definition import Definition
from portal.workflows.ledger_import import Old

MOST_BYTES = 15 * 1024 * 1024


@dataclass(frozen=True)
class File:
    """A file of an old ledger: the names of its columns and its records below them."""

    names: tuple[str, ...]
    records: list[Record]


def opened(sha256: str) -> File:
    """The kept file. Raises Invalid where it is gone, is neither CSV text nor a workbook, or has no row of names."""
    raw = files.content(sha256) if len(sha256) == 64 and sha256.isalnum() else None
    if raw is None:
        raise Invalid("import_file_gone")
    found = tables.opened(raw, Options(columns={}, channel="")).records()
    first = next(found, None)
    if first is None or first.fault or not any(cell.strip() for cell in first.cells):
        raise Invalid("import_no_header")
    return File(tuple(cell.strip() for cell in first.cells), list(found))


def rows(
    file: File, columns: Mapping[int, str], definition: Definition, unit_id: int, now: datetime
) -> Iterator[Old | Refusal]:
    """Each record as a row or as a refusal with its line; `columns` says what a column (by its place) means."""
    seen: Counter[tuple[str, ...]] = Counter()
    for record in file.records:
        if not any(cell.strip() for cell in record.cells):
            continue
        beginning = " ".join(record.cells)[:60]
        if record.fault or len(record.cells) != len(file.names):
            yield Refusal(record.line, record.fault or "old_cells_wrong", {}, beginning)
            continue
        seen[record.cells] += 1
        key = ledger_import.key_of(definition.flow, unit_id, record.cells, seen[record.cells])
        said = {name: record.cells[place] for place, name in columns.items() if place < len(record.cells)}
        try:
            yield ledger_import.read_row(record.line, key, said, definition, now)
        except Invalid as refused:
            yield Refusal(record.line, refused.code, refused.facts, beginning)
