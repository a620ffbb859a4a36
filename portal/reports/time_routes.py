"""URLs of the reports on time: who used it, and what was paused, as pages and as files for spreadsheets."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from portal.cases.rules import LEVELS
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.errors import Invalid
from portal.kernel.i18n import local
from portal.reports import quarterly, timeuse
from portal.reports.rules import Span, previous, quarter_code

bp = Blueprint("time_reports", __name__, url_prefix="/reports")
OFFERED = 4


def _asked() -> Span:
    """The quarter asked for, else the one that runs. First of all whether this person may see reports."""
    allow(current_actor(), "report.view")
    now = clock.now()
    return quarterly.quarter_span(request.args.get("quarter") or quarter_code(local(now)), now)


def _level() -> str:
    level = request.args.get("level", "")
    if level and level not in LEVELS:
        raise Invalid("no_such_figure", field="level", figure=level[:20])
    return level


def _page(template: str, span: Span, report: timeuse.Report, **more: Any) -> str:
    here = quarter_code(local(clock.now()))
    return render_template(
        template, report=report, span=span, title=quarterly.title_of(span), period=quarterly.up_to(span),
        quarters=[previous(here, n) for n in reversed(range(OFFERED))], shown=timeuse.shown, **more,
    )  # fmt: skip


def _file(name: str, table: quarterly.Table) -> Response:
    answer = make_response(timeuse.csv_of(table))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


@bp.get("/time")
def used() -> str:
    """Who used the time: each department's, with the way down to the cases."""
    span, level = _asked(), _level()
    return _page("reports/time.html", span, timeuse.used(span, level), level=level, levels=LEVELS)


@bp.get("/time.csv")
def used_file() -> Response:
    """The same table as a file."""
    span, level = _asked(), _level()
    name = f"time-{span.code}-{level}" if level else f"time-{span.code}"
    return _file(name, timeuse.used(span, level).tables["unit"])


@bp.get("/pauses")
def stopped() -> str:
    """What was paused: by reason, department and person, and what was begun too late to cure anything."""
    span = _asked()
    return _page("reports/pauses.html", span, timeuse.stopped(span))


@bp.get("/pauses/<by>.csv")
def stopped_file(by: str) -> Response:
    """One of its tables as a file: by code (the reason), unit or person."""
    tables = timeuse.stopped(_asked()).tables
    if by not in tables:
        raise Invalid("no_such_figure", field="by", figure=by[:20])
    return _file(f"pauses-{by}-{_asked().code}", tables[by])
