"""The dashboards that show figures of a period: department, month, hotline, management. Tiles, drawings, tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.cases.rules import LEVELS
from portal.kernel.i18n import term
from portal.reports import queries
from portal.reports.metrics import lines, room
from portal.reports.metrics.counting import Counts
from portal.reports.metrics.definitions import KPIS
from portal.reports.quarterly import Chart, Table, unit_name
from portal.reports.rules import ATTAINMENT_TARGET, Figure, share

MONTH_TILES = (
    "received", "closed", "attainment.first_response", "attainment.result", "satisfaction", "reopen", "late_entry",
    "backlog",
)  # fmt: skip
MANAGEMENT_TILES = (
    "received", "attainment", "attainment_original", "satisfaction", "resolution", "first_contact_net", "staff_solved",
    "closing",
)  # fmt: skip
HOTLINE_TILES = ("received", "attainment.entry", "attainment.answer", "first_call", "satisfaction", "chase")
BUSY = ("received", "moved", "agreed", "closings")  # what says that a department had something to do
CALLS = ("service_level", "busy_level", "answer_rate", "abandon", "asa", "aht", "call_transfer")
DEPARTMENT_TILES = (
    "attainment.acceptance", "attainment.department_result", "attainment.result", "staff_solved", "reopen", "returned",
    "satisfaction", "closing",
)  # fmt: skip


@dataclass(frozen=True)
class Board:
    """A page of figures: tiles, drawings with their tables, tables, lines of figures in words."""

    tiles: list[lines.Line]
    charts: list[Chart] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    rows: list[lines.Line] = field(default_factory=list)


def said(counts: Counts, codes: Iterable[str], **want: Any) -> list[lines.Line]:
    """Figures by their codes, as lines."""
    return [lines.line(KPIS[code], room.figure(counts, code, **want)) for code in codes]


def month(counts: Counts, want: dict[str, Any]) -> Board:
    """The quality manager's: volumes by step, attainment by level and kind, departments, all rates."""
    charts = [flow(counts, want), by_level(counts, want), satisfied(counts, want)]
    rates = [code for code, kpi in KPIS.items() if kpi.group == "rate"]
    return Board(said(counts, MONTH_TILES, **want), charts, [departments(counts, want)], said(counts, rates, **want))


def management(counts: Counts, want: dict[str, Any]) -> Board:
    """The management's: what was reached and what was not, by level and department; nobody is named."""
    charts = [by_level(counts, want), flow(counts, want), satisfied(counts, want)]
    due = {code for name in ("agreed", "original") for code in counts.values(name, "code")}
    aimed = {code: kpi for code, kpi in KPIS.items() if kpi.target}
    fell = [code for code, kpi in aimed.items() if kpi.group != "attainment" or not kpi.only or kpi.only in due]
    missed = [code for code in fell if room.figure(counts, code, **want).missed]
    return Board(
        said(counts, MANAGEMENT_TILES, **want), charts, [departments(counts, want)], said(counts, missed, **want)
    )


def hotline(counts: Counts, want: dict[str, Any]) -> Board:
    """The hotline's: requests taken in calls, what was solved in them, and the figures of the telephone system."""
    asked = want | {"channel": "hotline"}
    return Board(said(counts, HOTLINE_TILES, **asked), [flow(counts, asked)], [], said(counts, CALLS))


def department(counts: Counts, want: dict[str, Any]) -> Board:
    """A department's: what it accepted, worked out and told in time, with the period before."""
    kinds = [code for code, kpi in KPIS.items() if kpi.group == "attainment"]
    rows = dict(lines.grouped(said(counts, kinds, **want)))["attainment"]
    return Board(said(counts, DEPARTMENT_TILES, **want), [flow(counts, want), by_level(counts, want)], [], rows)


def flow(counts: Counts, want: dict[str, Any]) -> Chart:
    """Received (of a department: or taken over) and closed by step; steps that have not begun are left out."""
    span = counts.span
    begun = [(n, label) for n, (label, at) in enumerate(span.steps, counts.first) if at < span.until]
    received, closed = (
        [counts.pair(name, buckets=range(n, n + 1), **want)[0] for n, _ in begun] for name in ("received", "closings")
    )
    code = "board.flow"
    if "unit" in want:
        code, took = "board.flow_unit", want | {"code": "in"}
        more = (counts.pair("moved", buckets=range(n, n + 1), **took)[0] for n, _ in begun)
        received = [sum(both) for both in zip(received, more, strict=True)]
    names = (term("board.came_in" if "unit" in want else "report.col.received"), term("report.col.closed"))
    title = term(code) % {"received": f"{sum(received):,}", "closed": f"{sum(closed):,}"}
    return Chart(
        "chart-flow", "bars", title, [label for _, label in begun], _numbers(received), _numbers(closed), names
    )


def _numbers(values: Sequence[int]) -> list[float | None]:
    return [float(value) for value in values]


def by_level(counts: Counts, want: dict[str, Any]) -> Chart:
    """Results in time by level, with the period before and the target."""
    found = [room.figure(counts, "attainment.result", **(want | {"level": level})) for level in LEVELS]
    title = finding("attainment", [f.value for f in found], ATTAINMENT_TARGET)
    names = (term("board.now"), term("kpi.col.before"))
    return Chart(
        "chart-level", "bars", title, list(LEVELS), [f.value for f in found], [f.before for f in found], names,
        ATTAINMENT_TARGET, " %",
    )  # fmt: skip


def satisfied(counts: Counts, want: dict[str, Any]) -> Chart:
    """Satisfaction by step, against its target; steps without ratings are gaps."""
    span, target = counts.span, KPIS["satisfaction"].target
    begun = [(n, label) for n, (label, at) in enumerate(span.steps, counts.first) if at < span.until]
    pairs = [counts.pair("rated", buckets=range(n, n + 1), **want) for n, _ in begun]
    values = [share(hits, n) for n, hits in pairs]
    title = finding("satisfaction", [room.figure(counts, "satisfaction", **want).value], target or 0)
    return Chart("chart-satisfaction", "line", title, [label for _, label in begun], values, target=target, unit=" %")


def finding(code: str, values: list[float | None], target: float) -> str:
    """The title of a chart with what it shows."""
    known = [value for value in values if value is not None]
    below = sum(1 for value in known if value < target)
    state = "none" if not known else "below" if below else "reached"
    return term(f"board.{code}") + term(f"report.finding.{state}") % {"target": f"{target:g}", "n": below}


def departments(counts: Counts, want: dict[str, Any]) -> Table:
    """Each department that had something to do, and all together."""
    names = queries.unit_names()
    there = {unit for name in BUSY for unit in counts.values(name, "unit")}
    if "unit" in want:
        there &= {want["unit"]}
    heads = (
        "unit",
        "received",
        "taken_over",
        "closed",
        "first_response_met",
        "result_met",
        "median",
        "p90",
        "reopen",
        "satisfaction",
    )
    rows = [(unit_name(names, unit), _row(counts, want | {"unit": unit})) for unit in names if unit in there]
    total = (term("report.total"), _row(counts, want))
    return Table(term("report.table.unit"), [term(f"report.col.{head}") for head in heads], rows, total)


def _row(counts: Counts, want: dict[str, Any]) -> list[Any]:
    codes = ("received", "taken_over", "closed", "attainment.first_response", "attainment.result")
    solved = room.figure(counts, "staff_solved", **want)
    p90 = Figure(solved.code, solved.p90, "s", solved.numerator, solved.denominator, filter=solved.filter)
    after = [room.figure(counts, code, **want) for code in ("reopen", "satisfaction")]
    return [*(room.figure(counts, code, **want) for code in codes), solved, p90, *after]
