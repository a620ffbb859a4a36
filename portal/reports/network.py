"""Section 3 of the quarterly report: verification, provisioning and faults of group customers (QA2)."""

from typing import Any

from portal.identity.queries import unit_names
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import term
from portal.reports.rules import Span
from portal.workflows import timeliness, used, versions
from portal.workflows.order_forms import called
from portal.workflows.order_view import length

Rows = list[tuple[str, list[Any]]]
HEADS = ("counted", "in_time_orders", "late_orders", "rate_orders")


def _period(found: Span) -> timeliness.Period:
    return timeliness.Period(found.start, found.end, found.until)


def _cells(share: timeliness.Share) -> list[Any]:
    rate = f"{share.rate:.1f} %" if share.rate is not None else "–"
    return [share.met + share.missed, share.met, share.missed, rate]


def flows(found: Span) -> tuple[str, list[str], Rows]:
    """On time by flow; a flow of which nothing counts has no row: caption, columns, rows."""
    shares = {one.key: one for one in timeliness.shares(timeliness.orders(_period(found)), "flow")}
    rows: Rows = [
        (called(versions.definition(kind, 1).name), _cells(shares[kind])) for kind in timeliness.KINDS if kind in shares
    ]
    return term("report.table.flows"), [term(f"report.col.{head}") for head in ("flow", *HEADS)], rows


def departments(found: Span) -> tuple[str, list[str], Rows]:
    """Steps of these flows on time by department, as it held them: caption, columns, rows."""
    names = unit_names() | {used.ELSEWHERE: _("Outside the portal")}
    shares = timeliness.shares(timeliness.steps(_period(found)), "unit_id")
    rows: Rows = [(names.get(one.key, "–"), _cells(one)) for one in sorted(shares, key=lambda one: one.key)]
    return term("report.table.flow_units"), [term(f"report.col.{head}") for head in ("unit", *HEADS)], rows


def cycle(found: Span) -> tuple[str, list[str], Rows]:
    """How long it took to open a service: caption, columns, one row or none."""
    took = timeliness.cycle(_period(found))
    columns = [term(f"report.col.{head}") for head in ("flow", "orders_ended", "median", "p90")]
    if took.median is None or took.p90 is None:
        return term("report.table.cycle"), columns, []
    name = called(versions.definition("provisioning", 1).name)
    return term("report.table.cycle"), columns, [(name, [took.orders, length(took.median), length(took.p90)])]
