"""Figures as they are read: one line each, the same for the screen, the CSV, the XLSX, the API and the PDF."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from portal.kernel import sheets
from portal.kernel.i18n import day, instant, listed, locale, span, term
from portal.reports import periods
from portal.reports.metrics.definitions import GROUPS, KPIS, Kpi
from portal.reports.rules import SMALL, Figure, Span

HEADS = (
    "figure",
    "value",
    "numerator",
    "denominator",
    "mean",
    "p90",
    "response",
    "before",
    "target",
    "note",
    "formula",
)


class Line(NamedTuple):
    """A figure in words: each field as it stands on paper and on screen."""

    code: str
    group: str
    name: str
    value: str
    parts: str
    mean: str
    p90: str
    response: str
    before: str
    target: str
    note: str  # why it is not there, that few stand behind it
    formula: str
    figure: Figure


def lines(found: dict[str, Figure]) -> list[Line]:
    """The lines of figures in the order of their definitions."""
    return [line(KPIS[code], found[code]) for code in KPIS if code in found]


def grouped(all_lines: Iterable[Line]) -> list[tuple[str, list[Line]]]:
    """The lines by group, a limit that never fell due left out of the table of limits (its family stands there)."""
    known = list(all_lines)
    due = {KPIS[one.code].only for one in known if one.figure.denominator or one.figure.before is not None}
    kept = [one for one in known if not _kind(one.code) or KPIS[one.code].only in due]
    return [(group, [one for one in kept if one.group == group]) for group in GROUPS]


FAMILIES = ("attainment", "attainment_original", "attainment_written", "original_written")


def limits(found: Iterable[Line]) -> list[tuple[str, list[Line]]]:
    """The attainments as a table: a row a kind of limit that fell due, a column a way of counting; all limits first."""
    kept = {one.code: one for one in found if one.group == "attainment"}
    kinds = ["", *dict.fromkeys(KPIS[code].only for code in kept if KPIS[code].only)]
    return [
        (
            term(f"clock.{kind}") if kind else term("kpi.all_limits"),
            [kept[f"{name}.{kind}" if kind else name] for name in FAMILIES],
        )
        for kind in kinds
        if all((f"{name}.{kind}" if kind else name) in kept for name in FAMILIES)
    ]


def _kind(code: str) -> bool:
    return KPIS[code].group == "attainment" and bool(KPIS[code].only)


def line(kpi: Kpi, figure: Figure) -> Line:
    """One figure in words of the reader's language."""
    unit = figure.unit
    return Line(
        kpi.code, kpi.group, name_of(kpi), shown(figure.value, unit), _parts(figure), shown(figure.mean, "s", ""),
        shown(figure.p90, "s", ""), shown(figure.response, "%", ""), shown(figure.before, unit),
        f"{figure.target:g} %" if figure.target else "", _note(figure), formula_of(kpi), figure,
    )  # fmt: skip


def name_of(kpi: Kpi) -> str:
    """Its name in the reader's language."""
    return " · ".join(term(code) for code in kpi.name)


def formula_of(kpi: Kpi) -> str:
    """Its formula, what it leaves out, and by which limits."""
    left = term("kpi.leaves") % {"what": listed(term(f"leaves.{code}") for code in kpi.leaves)} if kpi.leaves else ""
    said = [term(kpi.formula), left, term("kpi.pinned") if kpi.pinned else ""]
    return (" " if locale() == "en" else "").join(part for part in said if part)


def shown(value: float | None, unit: str, nothing: str = "–") -> str:
    """A number as people read it; a dash, or what is said, for nothing."""
    if value is None:
        return nothing
    if unit == "%":
        return f"{value:.1f} %"
    return str(span(int(value))) if unit == "s" else f"{int(value):,}"


def _parts(figure: Figure) -> str:
    if figure.missing:
        return ""
    if figure.unit == "%":
        return f"{figure.numerator:,} / {figure.denominator:,}"
    if figure.unit != "s":
        return ""
    said = [f"n = {figure.denominator:,}"]
    if figure.median is not None:
        said += [
            f"{term(f'kpi.{code}')} {shown(at, 's')}" for code, at in (("median", figure.median), ("p90", figure.p90))
        ]
    return " · ".join(said)


def _note(figure: Figure) -> str:
    if figure.missing:
        return term(f"absent.{figure.missing}")
    return term("kpi.small_why") % {"n": SMALL} if figure.small else ""


def heads() -> list[str]:
    """The heads of a table of figures."""
    return [term(f"kpi.col.{head}") for head in HEADS]


def cells(one: Line) -> list[sheets.Cell]:
    """A line for a spreadsheet: numbers as numbers (per cent and seconds), words as words."""
    f = one.figure
    number = None if f.value is None else (int(f.value) if f.unit != "%" else f.value)
    has = not f.missing and f.unit in ("%", "s")
    return [
        f"{one.name} ({term('kpi.unit.' + f.unit)})", number, f.numerator if has else None,
        f.denominator if has else None, f.mean, f.p90, f.response, f.before, f.target, one.note, one.formula,
    ]  # fmt: skip


def as_json(one: Line) -> dict[str, Any]:
    """A line for other systems: value in its unit, and the words beside it."""
    f = one.figure
    return {
        "code": one.code, "name": one.name, "unit": f.unit, "value": f.value, "shown": one.value,
        "numerator": f.numerator, "denominator": f.denominator, "mean": f.mean, "p90": f.p90, "response": f.response,
        "before": f.before, "target": f.target, "small": f.small, "missing": one.note if f.missing else "",
        "formula": one.formula,
    }  # fmt: skip


def title_of(found: Span) -> str:
    """The period's name: `2026 年第 4 季度`, `2026-11 月度`."""
    kind = periods.kind_of(found.code)
    if kind == "quarter":
        return term("report.quarter") % {"year": found.year, "quarter": found.number}
    return term(f"period.{kind}") % {"code": found.code}


def up_to(found: Span) -> str:
    """The first and last day counted, and for a running period that it is not over."""
    last = found.until - 1 if found.running else found.end - 1
    first = day(found.start)
    said = first if day(last) == first else term("report.period") % {"first": first, "last": day(last)}
    return said + (term("period.running") % {"instant": instant(found.as_of)} if found.running else "")
