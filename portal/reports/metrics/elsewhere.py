"""Figures that other rooms count: orders of group customers on time, the provisioning cycle, reports due for them."""

from portal.corporate import queries as corporate
from portal.incidents import queries as incidents
from portal.reports.metrics.definitions import Kpi
from portal.reports.paper_queries import fell_due
from portal.reports.rules import Figure, Span, share
from portal.workflows import timeliness
from portal.workflows.bottlenecks import rank


def figure(kpi: Kpi, span: Span) -> Figure:
    """The figure of a period and of the one before it, as the room that knows it counts."""
    family = kpi.code.partition(".")[0]
    ways = {
        "on_time": _on_time, "provisioning_cycle": _cycle, "service_reports": _reports, "report_on_time": _papers,
        "major_complaint": _complaints,
    }  # fmt: skip
    count = ways[family]
    now = count(kpi, span.start, span.end, span.until)
    before = count(kpi, span.before, span.start, span.start)
    return Figure(
        kpi.code, now.value, now.unit, now.numerator, now.denominator, before.value, mean=now.mean, p90=now.p90,
        more_is_better=kpi.unit == "%", filter={"elsewhere": kpi.code, "period": span.code}, missing=now.missing,
    )  # fmt: skip


def _papers(kpi: Kpi, start: int, end: int, until: int) -> Figure:
    """First editions of all reports by calendar that fell due; one that is not published yet is late."""
    found = [one.on_time for one in fell_due(start, until)]
    return Figure(kpi.code, share(sum(found), len(found)), "%", sum(found), len(found))


def _complaints(kpi: Kpi, start: int, end: int, until: int) -> Figure:
    """Plans and solutions that major complaints were owed by an instant of the period, and those given by it (EM11)."""
    found = [one.met for one in incidents.owed_to_complaints(start, until)]
    due, met = len(found), sum(found)
    return Figure(kpi.code, share(met, due), "%", met, due, missing="" if due else "no_milestones")


def _on_time(kpi: Kpi, start: int, end: int, until: int) -> Figure:
    met = [item.met for item in timeliness.orders(timeliness.Period(start, end, until), (kpi.only,))]
    return Figure(kpi.code, share(sum(met), len(met)), "%", sum(met), len(met))


def _cycle(kpi: Kpi, start: int, end: int, until: int) -> Figure:
    spent = sorted(length for _no, _title, length in timeliness.cycles(timeliness.Period(start, end, until)))
    mean = round(sum(spent) / len(spent), 1) if spent else None
    return Figure(kpi.code, rank(spent, 0.5), "s", len(spent), len(spent), mean=mean, p90=rank(spent, 0.9))


def _reports(kpi: Kpi, start: int, end: int, until: int) -> Figure:
    kept = corporate.kept("report", start, until).values()
    met, due = sum(one.met for one in kept), sum(one.due for one in kept)
    return Figure(kpi.code, share(met, due), "%", met, due)
