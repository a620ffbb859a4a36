"""Pages that bring group customers of an old list in: the file, its columns, a preview, refused rows as a file.

As with an old ledger nothing is kept but the file: what is done follows from it and the address.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from portal.corporate import import_actions, import_queries, import_rules
from portal.corporate import queries as group_queries
from portal.corporate.import_rules import Old
from portal.desk import order_imports as reading
from portal.identity import queries as people
from portal.identity.policy import allow, scope
from portal.identity.queries import unit_name
from portal.identity.session import current_actor
from portal.intake.import_rules import Refusal
from portal.kernel import clock, csvs, files
from portal.kernel.db import transaction
from portal.kernel.errors import Busy, Invalid, Missing, Refused
from portal.kernel.headings import matched
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import sentence, term

bp = Blueprint("group_imports", __name__, url_prefix="/corporate/import")
PREVIEW, BATCH, MOST_ROWS = 20, 50, 3_000
Parts = tuple[reading.File, int, dict[int, str]]


def units() -> list[tuple[int, str]]:
    """The departments for which this person may open files."""
    mine = scope(current_actor(), "corporate.edit")
    return [(one.id, unit_name(one)) for one in people.departments() if mine is None or one.id in mine]


def _start(wrong: str = "", status: int = 200) -> Any:
    return render_template("desk/group_import.html", units=units(), wrong=wrong), status


@bp.get("")
def index() -> Any:
    """Where a file is taken."""
    allow(current_actor(), "corporate.edit")
    return _start()


@bp.post("")
def take() -> Any:
    """Keeps the file; its columns are mapped next."""
    allow(current_actor(), "corporate.edit")
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _start(sentence(Invalid("import_no_file")), 422)
    try:
        with files.incoming(upload.stream, reading.MOST_BYTES) as arrived:
            files.keep(arrived)
        reading.opened(arrived.sha256)
    except (Invalid, Busy) as refused:
        facts = {"name": upload.filename[:80], **refused.facts}
        return _start(sentence(type(refused)(refused.code, **facts)), refused.status)
    return redirect(url_for(".one", sha256=arrived.sha256, unit=request.form.get("unit", "")), 303)


def meanings() -> dict[str, str]:
    """What a column can mean: code to word."""
    return {name: term(f"group_column.{name}") for name in import_rules.NAMES}


def _asked(sha256: str) -> Parts:
    """The file, the department and what its columns mean, by the address and by the names of the columns."""
    allow(current_actor(), "corporate.edit")
    file, unit = reading.opened(sha256), request.args.get("unit", "")
    if not unit.isdecimal() or int(unit) not in dict(units()):
        raise Missing("not_found")
    if len(file.records) > MOST_ROWS:
        raise Invalid("import_too_many_rows", most=MOST_ROWS)
    meant = matched(file.names, {code: (word, *import_rules.NAMES[code]) for code, word in meanings().items()})
    columns: dict[int, str] = {}
    for place in range(len(file.names)):
        said = request.args.get(f"c{place}", meant.get(place, ""))
        if said in import_rules.NAMES and said not in columns.values():
            columns[place] = said
    return file, int(unit), columns


def _rows(file: reading.File, unit_id: int, columns: dict[int, str]) -> Iterator[Old | Refusal]:
    known = {name.lower(): number for number, name in group_queries.colleagues()}
    known |= {one.login: one.id for one in people.everybody()}
    seen: Counter[tuple[str, ...]] = Counter()
    for record in file.records:
        if not any(cell.strip() for cell in record.cells):
            continue
        beginning = " ".join(record.cells)[:60]
        if record.fault or len(record.cells) != len(file.names):
            yield Refusal(record.line, record.fault or "old_cells_wrong", {}, beginning)
            continue
        seen[record.cells] += 1
        key = import_rules.key_of(unit_id, record.cells, seen[record.cells])
        said = {name: record.cells[place] for place, name in columns.items()}
        try:
            yield import_rules.read_row(record.line, key, said, known)
        except Invalid as refused:
            yield Refusal(record.line, refused.code, refused.facts, beginning)


def _sorted(file: reading.File, unit_id: int, columns: dict[int, str]) -> tuple[list[Old], int, list[Refusal]]:
    """(rows to bring in, how many are there already, refused ones)."""
    found = list(_rows(file, unit_id, columns))
    good = [row for row in found if isinstance(row, Old)]
    kept = import_queries.standing(good)
    bad = [row for row in found if isinstance(row, Refusal)]
    bad += [Refusal(row.line, "group_person", {}, row.customer) for row in good if kept.get(row.key) == "person"]
    bad.sort(key=lambda row: row.line)
    return [row for row in good if row.key not in kept], sum(why == "there" for why in kept.values()), bad


def reason(row: Refusal) -> str:
    """Why a row is refused, in a sentence, with the column it is about."""
    said = sentence(Refused(row.code, **row.facts))
    field = row.facts.get("field")
    return f"{term(f'group_column.{field}')}: {said}" if field in import_rules.NAMES else said


@bp.get("/<sha256>")
def one(sha256: str) -> Any:
    """The columns of the file, and what would be brought in; writes nothing."""
    file, unit, columns = _asked(sha256)
    good, there, bad = _sorted(file, unit, columns)
    return render_template(
        "desk/group_import_file.html", sha256=sha256, file=file, columns=columns, unit=unit, units=dict(units()),
        meanings=meanings(), good=good[:PREVIEW], bad=[(row, reason(row)) for row in bad[:PREVIEW]],
        names=people.names(), counts=(len(good), there, len(bad)),
        asked={"unit": unit} | {f"c{n}": columns.get(n, "") for n in range(len(file.names))},
    )  # fmt: skip


@bp.post("/<sha256>")
def bring_in(sha256: str) -> Any:
    """Brings in the rows that are not there yet, in batches; again, for the rest of one that was stopped."""
    actor, now = current_actor(), clock.now()
    file, unit, columns = _asked(sha256)
    good, added = _sorted(file, unit, columns)[0], 0
    for first in range(0, len(good), BATCH):
        with transaction():
            added += import_actions.bring_in(actor, now, good[first : first + BATCH], unit)
    flash(_("%(n)s group customers brought in.", n=added), "ok")
    asked: dict[str, Any] = request.args.to_dict()
    return redirect(url_for(".one", sha256=sha256, **asked), 303)


@bp.get("/<sha256>/refused.csv")
def refused(sha256: str) -> Response:
    """The refused rows with line and reason."""
    heads = (_("Line"), _("Reason"), _("Beginning of the row"))
    return csvs.sent(
        [heads, *((row.line, reason(row), row.beginning) for row in _sorted(*_asked(sha256))[2])], "refused"
    )
