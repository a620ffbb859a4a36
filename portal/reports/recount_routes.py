"""URL of counting a figure anew (RO8): as the report has it, and as its limits give it."""

from typing import Any

from flask import render_template, request

from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.errors import Invalid
from portal.kernel.i18n import local, sentence, term
from portal.reports import recount
from portal.reports.door import bp
from portal.reports.metrics.definitions import KPIS
from portal.reports.rules import previous, quarter_code

OFFERED = 8


@bp.get("/recount")
def recounted() -> Any:
    """One figure of one quarter, counted anew from its cases."""
    actor, now = current_actor(), clock.now()
    allow(actor, "report.view")
    here = quarter_code(local(now))
    figures = recount.figures()
    figure, quarter = request.args.get("figure", figures[0]), request.args.get("quarter", here)
    wrong, found, status = "", None, 200
    try:
        found = recount.recount(quarter, figure, now) if "figure" in request.args else None
    except Invalid as refused:
        wrong, status = sentence(refused), refused.status
    names = {code: " · ".join(map(term, KPIS[code].name)) for code in figures}
    page = render_template(
        "reports/recount.html", found=found, names=names, figure=figure, quarter=quarter, wrong=wrong,
        quarters=[(code, code) for code in (previous(here, n) for n in range(OFFERED))],
    )  # fmt: skip
    return page, status
