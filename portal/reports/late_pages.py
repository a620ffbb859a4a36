"""URL of the departments by how often they were late; period, filters and order stand in the address."""

from typing import Any

from flask import Blueprint, render_template, request

from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.errors import Invalid
from portal.kernel.i18n import local
from portal.reports import quarterly
from portal.reports.kpi_routes import asked_filters, asked_span, frame
from portal.reports.lateness import SORTS, lateness
from portal.reports.metrics import source
from portal.reports.rules import quarter_code

bp = Blueprint("lateness", __name__, url_prefix="/reports/late")


@bp.get("")
def index() -> str:
    """Which department was late most often in a month or a quarter: limits, and cases with at least one."""
    allow(current_actor(), "report.view")
    want, by = asked_filters("level", "channel"), request.args.get("sort", SORTS[0])
    if by not in SORTS:
        raise Invalid("no_such_figure", field="sort", figure=by[:20])
    counts = source.counts(asked_span(), want)
    shared: dict[str, Any] = frame(counts.span, want)
    return render_template(
        "reports/late.html", rows=lateness(counts, want, by), by=by, quarter=_quarter(counts.span.start),
        percent=lambda value: quarterly.value_of(value, "%"), **shared | {"kinds": _kinds(shared["kinds"])},
    )  # fmt: skip


def _kinds(kinds: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Months and quarters first of what the other pages offer: a day says little."""
    return [one for one in kinds if one[0] in ("month", "quarter", "year")] or kinds


def _quarter(start: int) -> str:
    """The quarter of a period, for the way to the other reports."""
    return quarter_code(min(local(start), local(clock.now())))
