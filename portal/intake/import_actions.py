"""An import as its page leads it: a file is taken, its columns get their fields, it is tried, it is brought in."""

from dataclasses import asdict
from datetime import datetime
from typing import IO, Any

from sqlalchemy import delete, select

from portal.attachments.models import Attachment
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.intake import import_rules as rules
from portal.intake.import_rules import Options
from portal.intake.models import ImportRefusal, ImportRun
from portal.kernel import files
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Refused

MOST = 60 * 1024 * 1024  # bytes by the page; `portal import` takes larger files
COUNTS = ("total", "rows", "added", "already", "incomplete", "refused")


def take_file(actor: Actor, now: datetime, source: IO[bytes], name: str) -> ImportRun:
    """Keeps a CSV file and proposes how to read it, as this person read the last file with such columns.

    Opens no transaction for the content: it is in its place before the row is written. Raises Invalid for no CSV.
    """
    allow(actor, "case.import")
    with files.incoming(source, MOST) as arrived:
        raw = arrived.path.read_bytes()
        wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))  # UTF-16 has a NUL in every plain letter
        if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) or (b"\0" in raw[:4096] and not wide):
            raise Invalid("import_not_csv", field="file")
        text, encoding = rules.decoded(raw)
        delimiter = max((",", ";", "\t", "|"), key=text[: text.find("\n") + 1 or None].count)
        names = rules.header(next(rules.records(text[:1_000_000], delimiter), None), Options(columns={}, channel="app"))
        files.keep(arrived)
    named = name.replace("\\", "/").rsplit("/", 1)[-1][:120] or "import.csv"
    run = ImportRun(
        person_id=actor.id, name=named, sha256=arrived.sha256, names=list(names), state="mapping", trial=True, at=now,
        options=_remembered(actor, names) | {"delimiter": delimiter, "encoding": encoding}, total=0, rows=0, added=0,
        already=0, incomplete=0, refused=0, first_no="", last_no="", fault={},
    )  # fmt: skip
    db.session.add(run)
    db.session.add(
        Attachment(person_id=actor.id, form="import", name=named, kind="text/csv", size=arrived.size,
                   sha256=arrived.sha256, at=now)
    )  # fmt: skip
    db.session.flush()
    return run


def _remembered(actor: Actor, names: tuple[str, ...]) -> dict[str, Any]:
    """How this person read the last file that had one of these columns."""
    latest = select(ImportRun).where(ImportRun.person_id == actor.id).order_by(ImportRun.id.desc()).limit(20)
    for run in db.session.scalars(latest):
        columns = {column: name for column, name in run.options.get("columns", {}).items() if column in names}
        if columns:
            return {**run.options, "columns": columns}
    columns = {name: name for name in names if name in rules.FIELDS}
    return {"columns": columns, "channel": "app", "customer_prefix": "", "defaults": {}, "source": ""}


def map_columns(actor: Actor, run: ImportRun, options: Options) -> None:
    """Says what is where, and asks for a trial. Raises Invalid for a mapping that fits no file."""
    allow(actor, "case.import")
    _at_rest(run)
    rules.check(options)
    lacking = [column for column in options.columns if column not in run.names]
    if lacking:
        raise Invalid("import_column_missing", column=", ".join(lacking), found=", ".join(run.names)[:200])
    run.options = asdict(options)
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
