"""Time used by department, and the report of pauses (SL4): the same tables for the page and for the CSV file."""

import csv
import io
from typing import Any, NamedTuple

from portal.identity import queries as people
from portal.kernel.i18n import term
from portal.reports import queries, spent
from portal.reports.holidays import provisional, warning
from portal.reports.quarterly import Table, unit_name, value_of
from portal.reports.rules import Figure, Span, share
from portal.reports.spent import Spent, Stopped

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would take such a text for a formula


class Report(NamedTuple):
    """One report: what it found in a sentence, parts for its drawing (word, number), its tables by name."""

    finding: str
    parts: list[tuple[str, float]]
    tables: dict[str, Table]
    warning: str


def used(span: Span, level: str = "") -> Report:
    """Who used the time of the cases whose result was first told in the period; `level` keeps one level."""
    groups, total = spent.spent(span, level=level)
    names = queries.unit_names()
    everything = total.total + total.paused if total else 0
    rows = [(unit_name(names, g.key), _times(span, g, everything, level, unit=str(g.key))) for g in groups]
    foot = (term("report.total"), _times(span, total, everything, level)) if total else None
    heads = ("unit", "told", "held_median", "held_p90", "held", "time_share", "paused")
    table = Table(term("report.table.used"), [term(f"report.col.{head}") for head in heads], rows, foot)
    parts = [(unit_name(names, g.key), round(g.total / 3600, 1)) for g in groups]
    return Report(_longest(parts), parts, {"unit": table}, warning(provisional(span)))


def _longest(parts: list[tuple[str, float]]) -> str:
    whole = sum(hours for _, hours in parts)
    if not whole:
        return term("report.finding.no_time")
    return term("report.finding.longest") % {"unit": parts[0][0], "share": f"{100 * parts[0][1] / whole:.0f}"}


def _times(span: Span, g: Spent, everything: int, level: str, **want: str) -> list[Any]:
    link = {"figure": "held", "quarter": span.code} | want | ({"level": level} if level else {})

    def cell(code: str, value: float | None, unit: str) -> Figure:
        return Figure(code, value, unit, g.cases, g.cases, filter=link)

    return [
        cell("held", g.cases, "cases"), cell("held:median", g.median, "s"), cell("held:p90", g.p90, "s"),
        cell("held:total", g.total, "s"), cell("held:share", share(g.total, everything), "%"),
        cell("held:paused", g.paused, "s"),
    ]  # fmt: skip


def stopped(span: Span) -> Report:
    """The pauses begun in the period, by reason, department and person."""
    names, persons = queries.unit_names(), people.names()
    words = {
        "code": lambda key: term(f"pause.{key}"),
        "unit": lambda key: unit_name(names, key),
        "person": lambda key: persons.get(key, "–"),
    }
    whole = spent.worked_on(span)
    groups, every = spent.stopped(span)
    foot = (term("report.total"), _pauses(span, every, whole))
    tables = {
        by: _table(by, [(words[by](g.key), _pauses(span, g, whole, **{by: str(g.key)})) for g in found], foot)
        for by, found in groups.items()
    }
    parts = [(words["code"](g.key), float(g.pauses)) for g in groups["code"]]
    finding = term("report.finding.pauses") % {"n": every.pauses, "late": every.late}
    return Report(finding, parts, tables, warning(provisional(span)))


def _table(by: str, rows: list[tuple[str, list[Any]]], foot: tuple[str, list[Any]]) -> Table:
    heads = (f"paused_by_{by}", "pauses", "paused_cases", "cases_share", "paused_total", "paused_median", "late_pauses")
    columns = [term(f"report.col.{head}") for head in heads]
    return Table(term(f"report.table.pauses.{by}"), columns, rows, foot if rows else None)


def _pauses(span: Span, g: Stopped, whole: int, **want: str) -> list[Any]:
    link = {"figure": "paused", "quarter": span.code} | want

    def cell(code: str, value: float | None, unit: str) -> Figure:
        return Figure(code, value, unit, g.pauses, g.pauses, filter=link)

    late = link | {"figure": "paused_late"}
    return [
        cell("paused", g.pauses, "cases"), cell("paused:cases", g.cases, "cases"),
        cell("paused:share", share(g.cases, whole), "%"), cell("paused:total", g.total, "s"),
        cell("paused:median", g.median, "s"), Figure("paused_late", g.late, "cases", g.late, g.late, filter=late),
    ]  # fmt: skip


def shown(figure: Figure) -> str:
    """A figure's value as people read it."""
    return value_of(figure.value, figure.unit)


def csv_of(table: Table) -> str:
    """The table as a file for spreadsheets: lengths in seconds, shares in per cent, a byte-order mark for Chinese."""
    out = io.StringIO()
    writer = csv.writer(out)
    units = [f" ({v.unit})" if v.unit in ("s", "%") else "" for v in (table.rows[0][1] if table.rows else ())]
    units += [""] * (len(table.columns) - 1 - len(units))
    writer.writerow([table.columns[0], *(c + u for c, u in zip(table.columns[1:], units, strict=True))])
    for label, values in [*table.rows, *([table.foot] if table.foot else [])]:
        plain = "'" + label if label.startswith(FORMULA_SIGNS) else label
        writer.writerow(
            [plain, *("" if v.value is None else f"{v.value:g}" if v.unit == "%" else int(v.value) for v in values)]
        )
    return "\ufeff" + out.getvalue()
