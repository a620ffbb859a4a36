"""An import as its page leads it: a file is taken, its columns get their fields, it is tried, it is brought in."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import IO, Any, NamedTuple

from sqlalchemy import delete, select

from portal.attachments.models import Attachment
from portal.attachments.rules import XLSX
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.intake import headings, tables
from portal.intake import import_rules as rules
from portal.intake.import_queries import content_of, options_of
from portal.intake.import_rules import Options
from portal.intake.models import ImportRefusal, ImportRun
from portal.intake.spellings import spelled
from portal.intake.tables import HEAD
from portal.kernel import files
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Refused

MOST = 60 * 1024 * 1024  # bytes by the page; `portal import` takes larger files
COUNTS = ("total", "rows", "added", "already", "incomplete", "refused")


class Read(NamedTuple):
    """A file in its place, not yet in the store: its digest, size, type, columns, and how it is read."""

    sha256: str
    size: int
    kind: str
    names: tuple[str, ...]
    how: dict[str, Any]


def read_in(actor: Actor, source: IO[bytes]) -> Read:
    """Keeps a CSV file or a workbook and finds its columns; outside transaction(), so that nobody's saving waits.

    Raises Invalid for what is neither, broken, or too large.
    """
    allow(actor, "case.import")
    with files.incoming(source, MOST) as arrived:
        kind, names, how = _read(arrived.path.read_bytes())
        files.keep(arrived)
    return Read(arrived.sha256, arrived.size, kind, names, how)


def take_file(actor: Actor, now: datetime, read: Read, name: str) -> ImportRun:
    """An import begins; how to read the file is proposed as this person read the last one with such columns."""
    allow(actor, "case.import")
    named = name.replace("\\", "/").rsplit("/", 1)[-1][:120] or "import"
    run = ImportRun(
        person_id=actor.id, name=named, sha256=read.sha256, names=list(read.names), state="mapping", trial=True, at=now,
        options=_remembered(actor, read.names) | read.how, total=0, rows=0, added=0,
        already=0, incomplete=0, refused=0, first_no="", last_no="", fault={},
    )  # fmt: skip
    db.session.add(run)
    db.session.add(
        Attachment(person_id=actor.id, form="import", name=named, kind=read.kind, size=read.size,
                   sha256=read.sha256, at=now)
    )  # fmt: skip
    db.session.flush()
    return run


def _read(raw: bytes) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    """(type, names of the columns, how it is read) of a file that has just arrived."""
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))  # UTF-16 has a NUL in every plain letter
    options = Options(columns={}, channel="app")
    if raw.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        table = tables.opened(raw, options)
        how: dict[str, Any] = {"sheet": table.read_as, "sheets": table.sheets, "delimiter": ",", "encoding": ""}
        return XLSX, rules.header(next(table.records(), None), options), how
    if b"\0" in raw[:4096] and not wide:
        raise Invalid("import_not_csv", field="file")
    text, encoding = rules.decoded(raw)
    delimiter = max((",", ";", "\t", "|"), key=text[: text.find("\n") + 1 or None].count)
    names = rules.header(next(rules.records(text[:HEAD], delimiter), None), options)
    return "text/csv", names, {"sheet": "", "sheets": [], "delimiter": delimiter, "encoding": encoding}


def names_of(actor: Actor, run: ImportRun, sheet: str) -> tuple[str, ...]:
    """The columns of another sheet of the same workbook; outside transaction(). Raises Invalid where there is none."""
    allow(actor, "case.import")
    table = tables.opened(content_of(run), replace(options_of(run.options), sheet=sheet))
    return rules.header(next(table.records(), None), Options(columns={}, channel="app"))


def choose_sheet(actor: Actor, run: ImportRun, sheet: str, names: tuple[str, ...]) -> None:
    """Another sheet of the same workbook is to be read; its columns are mapped anew."""
    allow(actor, "case.import")
    _at_rest(run)
    how = {name: run.options[name] for name in ("sheets", "delimiter", "encoding")}
    run.names, run.state, run.trial = list(names), "mapping", True
    run.options = _remembered(actor, names) | how | {"sheet": sheet}


def _remembered(actor: Actor, names: tuple[str, ...]) -> dict[str, Any]:
    """How this person read the last file that had one of these columns, else what their names suggest."""
    latest = select(ImportRun).where(ImportRun.person_id == actor.id).order_by(ImportRun.id.desc()).limit(20)
    for run in db.session.scalars(latest):
        columns = {column: name for column, name in run.options.get("columns", {}).items() if column in names}
        if columns:
            return {**run.options, "columns": columns}
    return {
        "columns": headings.columns_of(names),
        "channel": "app",
        "customer_prefix": "",
        "defaults": {},
        "source": "",
    }


def map_columns(actor: Actor, run: ImportRun, options: Options) -> None:
    """Says what is where, and asks for a trial. Raises Invalid for a mapping that fits no file."""
    allow(actor, "case.import")
    _at_rest(run)
    rules.check(replace(options, spelled=spelled()))
    lacking = [column for column in options.columns if column not in run.names]
    if lacking:
        raise Invalid("import_column_missing", column=", ".join(lacking), found=", ".join(run.names)[:200])
    run.options = asdict(options) | {"sheets": run.options.get("sheets", [])}
    _ask(run, trial=True)


def bring_in(actor: Actor, run: ImportRun) -> None:
    """After its trial: the rows are to be brought in, once."""
    allow(actor, "case.import")
    _at_rest(run)
    if run.state != "done" or not run.trial:
        raise Refused("import_trial_first")
    _ask(run, trial=False)


def _at_rest(run: ImportRun) -> None:
    if run.state in ("waiting", "running"):
        raise Refused("import_under_way")


def _ask(run: ImportRun, *, trial: bool) -> None:
    run.trial, run.state, run.fault, run.begun_at, run.ended_at = trial, "waiting", {}, None, None
    for name in COUNTS:
        setattr(run, name, 0)
    db.session.execute(delete(ImportRefusal).where(ImportRefusal.run_id == run.id))
