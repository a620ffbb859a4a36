"""Sheets for paper (DK7): a case with room for signatures, a queue; masked by role, each printing written down."""

from typing import Any

from flask import render_template

from portal.cases import looks, queries
from portal.cases.guard import whole
from portal.clocks.kept import clocks_of
from portal.desk import case_view, reading
from portal.desk.caches import units, vocabulary
from portal.desk.case_page import cases_bp
from portal.desk.queue_pages import asked, bp, title_of
from portal.desk.rows import masked
from portal.identity.policy import may
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.i18n import locale

MOST = 200  # rows of a printed queue: four sheets


@cases_bp.get("/<no>/sheet")
def case_sheet(no: str) -> str:
    """The case on A4, as this person may see it."""
    actor, now = current_actor(), clock.now()
    case = whole(queries.case_by_no(actor, no))
    looks.note_print(actor, now, no=case.no)
    shown = case_view.view(actor, case, now, clocks_of(case.id))
    return render_template("desk/print_case.html", view=shown, case=case, now=now)


@bp.get("/queues/<code>/sheet")
def queue_sheet(code: str) -> Any:
    """The queue as it is filtered on the screen, on A4."""
    actor, now = current_actor(), clock.now()
    view = asked(code)
    looks.note_print(actor, now, what=f"queue {code}")
    rows = reading.page(view, int(now.timestamp()), MOST)
    if not may(actor, "customer.contact"):
        rows = [masked(row) for row in rows]
    return render_template(
        "desk/print_queue.html", rows=[(row, row.customer_name) for row in rows], title=title_of(view, locale()),
        now=now,
        words=vocabulary(locale()), unit_names={u.id: u.called(locale()) for u in units().values()}, view=view,
        most=MOST,
    )  # fmt: skip
