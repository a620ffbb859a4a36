"""Tables and charts of a counted period, in the reader's language: for screens, for paper, for reports by calendar."""

from dataclasses import dataclass, field
from typing import Any

from portal.cases.rules import CHANNELS, LEVELS, TYPES
from portal.kernel.i18n import locale, span, term
from portal.reports import queries
from portal.reports.figures import KINDS, Quarter
from portal.reports.rules import ATTAINMENT_TARGET, SATISFACTION_TARGET, Figure, Span

# the terms of a department's balance: how each is reckoned in, its word, its figure
BALANCE = (
    ("", "figure.opening", "opening"), ("+", "report.col.received", "received"),
    ("+", "report.col.taken_over", "taken_over"), ("+", "figure.reopened", "reopened"),
    ("−", "report.col.closed", "closed"), ("−", "figure.merged", "merged"), ("−", "figure.void", "void"),
    ("−", "report.col.handed_on", "handed_on"), ("=", "figure.closing", "closing"),
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """Rows of a label and figures or words; `columns` are words, the first one heads the labels."""

    caption: str
    columns: list[str]
    rows: list[tuple[str, list[Any]]]
    foot: tuple[str, list[Any]] | None = None


@dataclass(frozen=True)
class Chart:
    """One drawing with its finding in words and the figures beside it."""

    id: str
    kind: str
    title: str
    labels: list[str]
    values: list[float | None]
    compare: list[float | None] = field(default_factory=list)
    names: tuple[str, ...] = ()
    target: float | None = None
    unit: str = ""


def unit_name(units: dict[int, tuple[str, str]], unit_id: int) -> str:
    """A department's name in the reader's language."""
    return units.get(unit_id, ("–", "–"))[1 if locale() == "en" else 0]


def shown(figure: Figure) -> str:
    """A figure's value as people read it."""
    return value_of(figure.value, figure.unit)


def value_of(value: float | None, unit: str) -> str:
    """A number with its unit; a dash for nothing."""
    if value is None:
        return "–"
    if unit == "%":
        return f"{value:.1f} %"
    return str(span(int(value))) if unit == "s" else f"{int(value):,}"


def groups(q: Quarter) -> dict[str, Table]:
    """The same row of figures by level, channel and type of request, in their own order."""
    order = {"level": LEVELS, "channel": CHANNELS, "type": TYPES}
    return {
        name: group(q, name, [(v, term(f"{name}.{v}") if name != "level" else v) for v in in_order(q, name, known)])
        for name, known in order.items()
    }


def departments(q: Quarter, units: dict[int, tuple[str, str]]) -> Table:
    """The same row by department, as the case or the limit lay with it."""
    found = seen(q, "unit")
    return group(q, "unit", [(u, unit_name(units, u)) for u in units if u in found])


def balances(q: Quarter, units: dict[int, tuple[str, str]]) -> Table:
    """Opening to closing stock of each department; every row adds up, what passed between them included."""
    heads = [f"{sign}\u00a0{term(word)}".strip() for sign, word, _ in BALANCE]
    codes = [code for _, _, code in BALANCE]
    rows = [(unit_name(units, unit), [q.figure(code, unit=unit) for code in codes]) for unit in units]
    return Table(
        term("report.table.balance"),
        [term("report.col.unit"), *heads],
        [row for row in rows if any(one.value for one in row[1])],
        (term("report.total"), [q.figure(code) for code in codes]),
    )


def seen(q: Quarter, name: str) -> set[Any]:
    """What occurs in the period under a name."""
    return {v for relation in ("received", "moves", "agreed") for v in q.values(relation, name)}


def in_order(q: Quarter, name: str, known: tuple[str, ...]) -> list[str]:
    """The same, known codes first in their order."""
    found = seen(q, name)
    return [v for v in known if v in found] + sorted(str(v) for v in found - set(known))


def group(q: Quarter, name: str, members: list[tuple[Any, str]]) -> Table:
    """A row of figures for each member, and the total."""
    heads = ("received", "closed", "first_response_met", "result_met", "median", "p90", "reopen", "satisfaction")
    return Table(
        term(f"report.table.{name}"),
        [term(f"report.col.{name}"), *(term(f"report.col.{head}") for head in heads)],
        [(label, row_of(q, **{name: value})) for value, label in members],
        (term("report.total"), row_of(q)),
    )


def row_of(q: Quarter, **want: Any) -> list[Any]:
    """Volumes, attainment, times, reopenings and satisfaction of what is wanted."""
    return [
        q.figure("received", **want),
        q.figure("closed", **want),
        q.figure("attainment", **want, code="first_response"),
        q.figure("attainment", **want, code="result"),
        q.duration("staff_solved", 0.5, **want),
        q.duration("staff_solved", 0.9, **want),
        q.figure("reopen", **want),
        q.figure("satisfaction", **want),
    ]


def attainment(q: Quarter, before_head: str = "report.col.before") -> Table:
    """By kind of limit: due, met, missed, both attainments, and the period before."""
    heads = ("kind", "due", "met", "missed", "agreed", "original")
    rows = []
    for kind in KINDS:
        agreed, original = (q.figure(name, code=kind) for name in ("attainment", "attainment_original"))
        if agreed.denominator or original.denominator:
            missed = agreed.denominator - agreed.numerator
            before = value_of(agreed.before, "%")
            rows.append(
                (term(f"clock.{kind}"), [agreed.denominator, agreed.numerator, missed, agreed, original, before])
            )
    columns = [*(term(f"report.col.{head}") for head in heads), term(before_head)]
    return Table(term("report.table.attainment"), columns, rows)


def outcomes(q: Quarter) -> Table:
    """Closings by outcome."""
    rows = [
        (term(f"outcome.{code}"), [q.figure("closed", code=code), value_of(_part(q, code), "%")])
        for code in q.values("closings", "code")
    ]
    heads = ("outcome", "closed", "share")
    return Table(term("report.table.outcome"), [term(f"report.col.{head}") for head in heads], rows)


def _part(q: Quarter, code: str) -> float | None:
    whole = q.total("closings")[0]
    return round(100 * q.total("closings", code=code)[0] / whole, 1) if whole else None


def satisfaction(q: Quarter) -> Table:
    """Ratings by means of asking."""
    rows = []
    for means in q.values("asked", "code"):
        asked, rated = q.figure("rating_response", code=means), q.figure("satisfaction", code=means)
        rows.append((term(f"means.{means}"), [asked.denominator, rated.denominator, asked, rated.numerator, rated]))
    heads = ("means", "asked", "rated", "response", "satisfied", "satisfaction")
    asked, rated = q.figure("rating_response"), q.figure("satisfaction")
    foot = [asked.denominator, rated.denominator, asked, rated.numerator, rated]
    return Table(
        term("report.table.satisfaction"), [term(f"report.col.{h}") for h in heads], rows, (term("report.total"), foot)
    )  # fmt: skip


def people(units: dict[int, tuple[str, str]]) -> Table:
    """People by department."""
    rows: list[tuple[str, list[Any]]] = [(unit_name(units, u), [n]) for u, n in queries.people_by_unit() if n]
    total = sum(row[1][0] for row in rows)
    columns = [term("report.col.unit"), term("report.col.people")]
    return Table(term("report.table.people"), columns, rows, (term("report.total"), [total]))


def customers(found: Span) -> Table:
    """Customers by category."""
    rows: list[tuple[str, list[Any]]] = [
        (term(f"customer.{kind}"), [people, cases]) for kind, people, cases in queries.customers(found)
    ]
    foot = [sum(row[1][0] for row in rows), sum(row[1][1] for row in rows)]
    columns = [term("report.col.customer"), term("report.col.customers"), term("report.col.received")]
    return Table(term("report.table.customers"), columns, rows, (term("report.total"), foot))


def charts(q: Quarter) -> dict[str, Chart]:
    """Attainment by level, volume by week, satisfaction by month."""
    levels = [q.figure("attainment", code="result", level=level) for level in LEVELS]
    months = range(3, 3 + sum(1 for _, start in q.span.months[3:] if start < q.span.until))
    shown_months = [*range(3), *months]
    rated = [q.monthly("satisfaction", n) for n in shown_months]
    weeks = q.weeks
    periods = (term("report.this"), term("report.before"))
    return {
        "attainment": Chart(
            "chart-attainment", "bars", _finding("attainment", [f.value for f in levels], ATTAINMENT_TARGET),
            list(LEVELS), [f.value for f in levels], [f.before for f in levels], periods, ATTAINMENT_TARGET, " %",
        ),
        "volume": Chart(
            "chart-volume", "bars", term("report.chart.volume"), [w[0] for w in weeks], [w[1] for w in weeks],
            [w[2] for w in weeks], (term("report.col.received"), term("report.col.closed")),
        ),
        "satisfaction": Chart(
            "chart-satisfaction", "line", _finding("satisfaction", rated, SATISFACTION_TARGET),
            [q.span.months[n][0] for n in shown_months], rated, target=SATISFACTION_TARGET, unit=" %",
        ),
    }  # fmt: skip


def _finding(code: str, values: list[float | None], target: float) -> str:
    """The title of a chart with what it shows."""
    known = [v for v in values if v is not None]
    below = sum(1 for v in known if v < target)
    state = "none" if not known else "below" if below else "reached"
    if code == "satisfaction" and below:
        state = "months"
    return term(f"report.chart.{code}") + term(f"report.finding.{state}") % {"target": f"{target:g}", "n": below}
