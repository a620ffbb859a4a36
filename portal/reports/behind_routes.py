"""URLs of what stands behind figures that are not of cases: orders, reports, plans, calls; each as files too (RE4)."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import Blueprint, Response, render_template, request

from portal.cases import looks
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock, csvs, sheets
from portal.kernel.errors import Invalid
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import instant, term
from portal.reports import quarterly, queries
from portal.reports.kpi_routes import asked_span
from portal.reports.metrics import calls, elsewhere, elsewhere_rows, lines
from portal.reports.metrics.definitions import KPIS, Kpi
from portal.reports.metrics.elsewhere_rows import Row
from portal.reports.rules import Span

bp = Blueprint("behind", __name__, url_prefix="/reports/behind")
MOST_CALLS = 1_000  # of one reading


class Asked(NamedTuple):
    """A figure, its period, and everything behind it."""

    kpi: Kpi
    span: Span
    rows: list[Row]


def _asked() -> Asked:
    actor = current_actor()
    allow(actor, "report.view")
    kpi, span = KPIS.get(request.args.get("figure", "")), asked_span()
    if kpi is None or kpi.mode != "elsewhere":
        raise Invalid("no_such_figure", field="figure", figure=request.args.get("figure", "")[:40])
    return Asked(kpi, span, elsewhere_rows.rows(kpi, span, actor))


def _units() -> dict[int, str]:
    units = queries.unit_names()
    return {key: quarterly.unit_name(units, key) for key in units}


@bp.get("")
def index() -> str:
    """The orders, reports or plans behind a figure, fifty at a time."""
    asked, number = _asked(), queries.page_number(request.args.get("page", "1"))
    first = (number - 1) * queries.PAGE
    rows = elsewhere_rows.opening(asked.rows[first : first + queries.PAGE], current_actor())
    return render_template(
        "reports/behind.html", kpi=asked.kpi, span=asked.span, rows=rows,
        total=len(asked.rows), page=number, pages=-(-len(asked.rows) // queries.PAGE), units=_units(),
        line=lines.line(asked.kpi, elsewhere.figure(asked.kpi, asked.span)), title=lines.title_of(asked.span),
    )  # fmt: skip


def _table(asked: Asked) -> Iterator[list[sheets.Cell]]:
    units = _units()
    for row in asked.rows:
        due, done = (instant(at) if at else "" for at in (row.due, row.done))
        yield [row.no, row.what, units.get(row.unit, ""), due, done, row.said]


def _heads() -> list[str]:
    return [_("Number"), _("Subject"), _("Department"), _("Due"), _("Actual"), _("Result")]


@bp.get("/file.csv")
def as_csv() -> Response:
    """All of it as a CSV file."""
    asked = _asked()
    _noted(asked.kpi.code, asked.span)
    return csvs.sent([_heads(), *_table(asked)], f"{asked.kpi.code}-{asked.span.code}")


@bp.get("/file.xlsx")
def as_xlsx() -> Response:
    """All of it as a spreadsheet."""
    asked = _asked()
    _noted(asked.kpi.code, asked.span)
    columns = [sheets.Column(head, 30 if n == 1 else 18) for n, head in enumerate(_heads())]
    made = sheets.table(lines.name_of(asked.kpi), columns, _table(asked), foot=_("%d rows"))
    return sheets.sent(made, f"{asked.kpi.code}-{asked.span.code}")


def _noted(code: str, span: Span) -> None:
    looks.note_print(current_actor(), clock.now(), what=f"figure {code} {span.code}")


@bp.get("/calls.csv")
def calls_csv() -> Response:
    """All calls of a period as a CSV file."""
    return csvs.sent([_call_heads(), *_calls(_calls_asked())], f"calls-{request.args.get('period', '')}")


@bp.get("/calls.xlsx")
def calls_xlsx() -> Response:
    """All calls of a period as a spreadsheet."""
    span = _calls_asked()
    columns = [sheets.Column(head, 18) for head in _call_heads()]
    return sheets.sent(sheets.table(term("kpi.calls"), columns, _calls(span), foot=_("%d rows")), f"calls-{span.code}")


def _calls_asked() -> Span:
    allow(current_actor(), "report.view")
    span = asked_span()
    _noted("calls", span)
    return span


def _call_heads() -> list[str]:
    return [
        _("Offered at"), _("Result"), _("Waited (s)"), _("Talked (s)"), _("On hold (s)"), _("Work after the call (s)"),
    ]  # fmt: skip


def _calls(span: Span) -> Iterator[list[Any]]:
    """Every call, the latest first; no number of a caller is kept."""
    number = 1
    while some := calls.listed(span, number, MOST_CALLS):
        for one in some:
            talked = one.ended - one.answered if one.answered else None
            waited = (one.answered or one.ended) - one.offered
            yield [instant(one.offered), term(f"call_outcome.{one.outcome}"), waited, talked, one.hold, one.after]
        number += 1
