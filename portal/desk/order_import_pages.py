"""Pages that bring an old ledger in: the file, its columns, a preview, slices, refused rows as a file.

Nothing is kept but the file: what is done follows from it and the address, so a stopped import goes on where it was.
"""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from portal.desk import order_imports as reading
from portal.identity.policy import allow
from portal.identity.queries import unit_names
from portal.identity.session import current_actor
from portal.intake.import_rules import Refusal
from portal.kernel import clock, csvs, files
from portal.kernel.db import transaction
from portal.kernel.errors import Busy, Invalid, Missing, Refused
from portal.kernel.headings import matched
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import sentence, term
from portal.workflows import ledger_import, ledger_import_actions, ledger_import_queries, versions
from portal.workflows.definition import Definition
from portal.workflows.ledger_import import Old
from portal.workflows.order_forms import called

bp = Blueprint("order_imports", __name__, url_prefix="/orders/import")
PREVIEW, BATCH, SLICE = 20, 50, 1_000  # rows shown, of one transaction, of one request


def _start(wrong: str = "", status: int = 200) -> Any:
    flows = [(one.flow, called(one.name)) for one in versions.all_newest(clock.now())]
    units = [(str(unit), name) for unit, name in unit_names().items()]
    page = render_template(
        "desk/order_import.html", flows=flows, units=units, wrong=wrong, flow=request.form.get("flow", ""),
        unit=request.form.get("unit", ""),
    )  # fmt: skip
    return page, status


@bp.get("")
def index() -> Any:
    """Where a file is taken."""
    allow(current_actor(), "order.import")
    return _start()


@bp.post("")
def take() -> Any:
    """Keeps the file; its columns are mapped next."""
    allow(current_actor(), "order.import")
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
    flow, unit = request.form.get("flow", ""), request.form.get("unit", "")
    return redirect(url_for(".one", sha256=arrived.sha256, flow=flow, unit=unit), 303)


def _meanings(definition: Definition) -> list[tuple[str, str]]:
    """What a column can mean: (code, word)."""
    own = [(name, term(f"old.{name}")) for name in ledger_import.OWN]
    return own + [(one.code, called(one.name)) for one in definition.fields]


def _asked(sha256: str) -> tuple[reading.File, Definition, int, dict[int, str]]:
    """The file and how it is to be read, by the address; columns called as what they mean are mapped already."""
    allow(current_actor(), "order.import")
    file, now = reading.opened(sha256), clock.now()
    definition = versions.newest(request.args.get("flow", ""), now)
    unit = request.args.get("unit", "")
    if not unit.isdecimal() or int(unit) not in unit_names():
        raise Missing("not_found")
    words = {code: (word, *ledger_import.NAMES.get(code, ())) for code, word in _meanings(definition)}
    words |= {one.code: (one.name.zh, one.name.en) for one in definition.fields}
    known, meant = set(words), matched(file.names, words)
    columns: dict[int, str] = {}
    for place in range(len(file.names)):
        said = request.args.get(f"c{place}", meant.get(place, ""))
        if said in known and said not in columns.values():
            columns[place] = said
    return file, definition, int(unit), columns


@bp.get("/<sha256>")
def one(sha256: str) -> Any:
    """The columns of the file, and what would be brought in; writes nothing."""
    file, definition, unit, columns = _asked(sha256)
    found = list(reading.rows(file, columns, definition, unit, clock.now()))
    good, bad = [row for row in found if isinstance(row, Old)], [row for row in found if isinstance(row, Refusal)]
    known = sum(len(ledger_import_queries.there([r.key for r in good[n : n + 500]])) for n in range(0, len(good), 500))
    return render_template(
        "desk/order_import_file.html", sha256=sha256, file=file, columns=columns, definition=definition, unit=unit,
        meanings=_meanings(definition), good=good[:PREVIEW], bad=[(r, reason(r)) for r in bad[:PREVIEW]],
        counts=(len(found), len(good) - known, known, len(bad)), called=called, names=unit_names(),
        asked={"flow": definition.flow, "unit": unit} | {f"c{n}": columns.get(n, "") for n in range(len(file.names))},
    )  # fmt: skip


def reason(row: Refusal) -> str:
    """Why a row is refused, in a sentence, with the column it is about."""
    said = sentence(Refused(row.code, **row.facts))
    field = row.facts.get("field")
    return f"{term(f'old.{field}') if field in ledger_import.OWN else field}: {said}" if field else said


@bp.post("/<sha256>")
def bring_in(sha256: str) -> Any:
    """Brings in the next rows that are not there yet; again, for the rest."""
    actor, now = current_actor(), clock.now()
    file, definition, unit, columns = _asked(sha256)
    good = [row for row in reading.rows(file, columns, definition, unit, now) if isinstance(row, Old)]
    added = 0
    for first in range(0, len(good), BATCH):
        with transaction():
            added += ledger_import_actions.bring_in(actor, now, good[first : first + BATCH], definition, unit)[0]
        if added >= SLICE:
            break
    flash(_("%(n)s orders brought in from the old ledger.", n=added), "ok")
    asked: dict[str, Any] = request.args.to_dict()
    return redirect(url_for(".one", sha256=sha256, **asked), 303)


@bp.get("/<sha256>/refused.csv")
def refused(sha256: str) -> Response:
    """The refused rows with line and reason."""
    file, definition, unit, columns = _asked(sha256)
    found = reading.rows(file, columns, definition, unit, clock.now())
    heads = (_("Line"), _("Reason"), _("Beginning of the row"))
    return csvs.sent(
        [heads, *((row.line, reason(row), row.beginning) for row in found if isinstance(row, Refusal))], "refused"
    )
