"""What stands behind figures that other rooms count: one shape of rows for orders, reports, plans of incidents."""

from collections.abc import Callable
from typing import Any, NamedTuple

from portal.corporate import queries as corporate
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.incidents import queries as incidents
from portal.kernel.i18n import span as length_of
from portal.kernel.i18n import term
from portal.kernel.instants import epoch, epoch_or_none
from portal.reports import paper_view
from portal.reports.metrics.definitions import Kpi
from portal.reports.paper_actions import Place
from portal.reports.paper_models import Paper
from portal.reports.paper_queries import fell_due
from portal.reports.rules import Span
from portal.workflows import timeliness
from portal.workflows.opening import Door, doors
from portal.workflows.sheet_print import hidden


class Row(NamedTuple):
    """One order, report or plan: its number, what it is, its department, instants in epoch seconds, how it went."""

    no: str
    what: str
    unit: int
    due: int | None
    done: int | None
    met: bool | None  # None of a length
    said: str
    path: str  # where it opens for those who may
    why: str = ""  # why it does not, where that is known


def rows(kpi: Kpi, span: Span, actor: Actor) -> list[Row]:
    """Everything that was counted, the latest first; titles are for those who may read them in their own room."""
    return sorted(_WAYS[kpi.code.partition(".")[0]](kpi, span, actor), key=lambda row: -(row.done or row.due or 0))


def opening(found: list[Row], actor: Actor) -> list[Row]:
    """These rows as they open for this reader: an order of others, or a disposed one, has a word instead of a path."""
    ways = doors(actor, [row.no for row in found if row.path.startswith("/orders/")])
    return [_through(row, ways[row.no]) if row.no in ways else row for row in found]


def _through(row: Row, way: Door) -> Row:
    return row._replace(path=way.url, why=term(f"order_door.{way.why}") if way.why else "")


def _verdict(met: bool) -> str:
    return term(f"part.attainment.{'hit' if met else 'miss'}")


def _orders(kpi: Kpi, span: Span, actor: Actor) -> list[Row]:
    told = may(actor, "order.figures")
    period = timeliness.Period(span.start, span.end, span.until)
    return [
        Row(one.no, hidden(one.title) if told else "", one.unit_id, one.due, one.done, one.met, _verdict(one.met),
            f"/orders/{one.no}")
        for one in timeliness.orders(period, (kpi.only,))
    ]  # fmt: skip


def _cycles(kpi: Kpi, span: Span, actor: Actor) -> list[Row]:
    told = may(actor, "order.figures")
    period = timeliness.Period(span.start, span.end, span.until)
    return [
        Row(no, hidden(title) if told else "", 0, None, None, None, length_of(spent), f"/orders/{no}")
        for no, title, spent in sorted(timeliness.cycles(period), key=lambda row: -row[2])
    ]  # fmt: skip


def _reports(kpi: Kpi, span: Span, actor: Actor) -> list[Row]:
    return [_report(one, actor) for one in corporate.fell_due("report", span.start, span.until)]


def _report(one: corporate.FellDue, actor: Actor) -> Row:
    told = may(actor, "corporate.view", Place(frozenset({one.unit})))
    title, path = (one.title, f"/corporate/{one.customer}") if told else ("", "")
    return Row(f"KH{one.customer:06d}", title, one.unit, one.due, one.done, one.met, _verdict(one.met), path)


def _papers(kpi: Kpi, span: Span, actor: Actor) -> list[Row]:
    return [_paper(one, actor) for one in fell_due(span.start, span.until)]


def _paper(one: Paper, actor: Actor) -> Row:
    due, done, met = epoch(one.due_at), epoch_or_none(one.published_at), one.on_time
    path = f"/reports/papers/{one.id}" if may(actor, "report.view", one) else ""
    return Row(one.period, paper_view.name_of(one), one.unit_id, due, done, met, _verdict(met), path)


def _plans(kpi: Kpi, span: Span, actor: Actor) -> list[Row]:
    told = may(actor, "incident.view")
    return [
        Row(one.no, one.title if told else "", 0, one.due, one.done, one.met, _verdict(one.met),
            f"/incidents/{one.no}" if told else "")
        for one in incidents.owed_to_complaints(span.start, span.until)
    ]  # fmt: skip


_WAYS: dict[str, Callable[[Kpi, Span, Actor], list[Any]]] = {
    "on_time": _orders, "provisioning_cycle": _cycles, "service_reports": _reports, "report_on_time": _papers,
    "major_complaint": _plans,
}  # fmt: skip
