"""URLs of the ledger: the table, its further rows, the spreadsheet of the same filter."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, render_template, request

from portal.cases import looks
from portal.identity.policy import allow
from portal.identity.queries import unit_names
from portal.identity.session import current_actor
from portal.kernel import clock, sheets
from portal.kernel.i18n import day, locale
from portal.kernel.i18n import gettext as _
from portal.kernel.instants import epoch
from portal.kernel.web import is_htmx
from portal.workflows import ledger, ledger_view, versions
from portal.workflows.order_forms import called

bp = Blueprint("ledger", __name__, url_prefix="/orders/ledger")


@bp.get("")
def index() -> Any:
    """The orders of a flow, newest first."""
    actor, now = current_actor(), clock.now()
    allow(actor, "order.view")
    wanted = ledger.asked(actor, request.args, now)
    definition = versions.newest(wanted.flow, now) if wanted.flow else None
    rows, after = ledger.page(wanted, epoch(now))
    seen = wanted.units
    units = [(str(i), name) for i, name in unit_names().items() if seen is None or i in seen]
    return render_template(
        "workflows/_ledger_rows.html" if is_htmx() and wanted.after else "workflows/ledger.html", wanted=wanted,
        lines=ledger_view.lines(actor, rows, definition, epoch(now)), after=after, definition=definition, units=units,
        flows=[(d.flow, called(d.name)) for d in versions.all_newest(now)], called=called, states=ledger.STATES,
        fields=ledger.choices_of(definition), chosen=dict(wanted.chosen),
    )  # fmt: skip


@bp.get("/file.xlsx")
def file() -> Any:
    """The same list as a spreadsheet, all of it; written down as a printing is."""
    actor, now = current_actor(), clock.now()
    allow(actor, "order.export")
    wanted = ledger.asked(actor, request.args, now)
    looks.note_print(actor, now, what=f"ledger {wanted.query()}")
    definition = versions.newest(wanted.flow, now) if wanted.flow else None
    title = called(definition.name) if definition else _("Orders")

    def rows() -> Iterator[list[sheets.Cell]]:
        for chunk in ledger.every(wanted, epoch(now)):
            for line in ledger_view.lines(actor, chunk, definition, epoch(now)):
                yield ledger_view.cells(line, definition)

    found = sheets.table(title, ledger_view.heads(definition), rows(), foot=_("%d orders"))
    return sheets.sent(found, f"{_('Ledger')} {title} {day(now)}" if locale() == "en" else f"{title}台帐 {day(now)}")
