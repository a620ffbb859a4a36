"""The quarterly report as a document: its sections, tables and charts, for the screen and for paper alike."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.cases.rules import CHANNELS, LEVELS, TYPES
from portal.journal import anchors, seals
from portal.kernel.i18n import day, instant, local, locale, span, term
from portal.reports import emergencies, figures, network, queries, support
from portal.reports.figures import KINDS, Quarter
from portal.reports.holidays import Provisional, provisional, warning
from portal.reports.models import ReportText
from portal.reports.rules import ATTAINMENT_TARGET, SATISFACTION_TARGET, SECTIONS, Figure, Span, span_of
from portal.reports.typical import Example, ended, examples

COMPUTED = (1, 2, 5, 6)


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


@dataclass(frozen=True)
class Document:
    """Everything a quarterly report says."""

    quarter: Quarter
    made_at: datetime
    texts: dict[int, ReportText]
    tables: dict[str, Table]
    charts: dict[str, Chart]
    tiles: list[Figure]
    rates: list[Figure]
    times: list[Figure]
    examples: list[Example]
    ended: list[Example]
    units: dict[int, tuple[str, str]]
    provisional: Provisional | None = None
    seal: str = ""  # number and first 16 hex digits of the root of the newest seal of the journals

    @property
    def warning(self) -> str:
        """What stands beside the period when deadlines were reckoned over a year not loaded; empty when none was."""
        return warning(self.provisional)

    @property
    def span(self) -> Span:
        """The quarter's instants."""
        return self.quarter.span

    @property
    def sections(self) -> list[tuple[int, str, bool]]:
        """Number, heading, and whether people write the section by hand."""
        return [(n, term(f"report.section.{n}"), n not in COMPUTED) for n in SECTIONS]

    def unit(self, unit_id: int) -> str:
        """A department's name in the reader's language."""
        return unit_name(self.units, unit_id)


def document(code: str, now: datetime) -> Document:
    """Computes a quarter's report as it stands at `now`. Raises Invalid for what is no quarter."""
    found = figures.quarter(quarter_span(code, now))
    units, sealed = queries.unit_names(), seals.newest_at(int(now.timestamp()))
    return Document(
        quarter=found,
        made_at=now,
        texts=queries.texts(found.span.code),
        tables=_tables(found, units),
        charts=_charts(found),
        tiles=_tiles(found),
        rates=[found.figure(code) for code in ("late_entry", "reopen", "chase", "extension", "satisfaction")]
        + [found.figure("rating_response")],
        times=[found.duration(kind, p) for kind in figures.TIMED for p in (0.5, 0.9)],
        examples=examples(found.span),
        ended=ended(found.span),
        units=units,
        provisional=provisional(found.span),
        seal=anchors.short(sealed) if sealed else "",
    )


def quarter_span(code: str, now: datetime) -> Span:
    """The quarter named on the installation's wall clock."""
    return span_of(code, now, local(now).tzinfo)  # type: ignore[arg-type]


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


def title_of(found: Span) -> str:
    """`2026 年第 3 季度` or `Quarter 3 of 2026`."""
    return term("report.quarter") % {"year": found.year, "quarter": found.number}


def up_to(found: Span) -> str:
    """The first and last day counted, and for a running quarter that it is not over."""
    last = found.until - 1 if found.running else found.end - 1
    period = term("report.period") % {"first": day(found.start), "last": day(last)}
    return period + (term("report.running") % {"instant": instant(found.as_of)} if found.running else "")


def _tiles(q: Quarter) -> list[Figure]:
    return [
        q.figure("received"),
        q.figure("attainment", code="first_response"),
        q.figure("attainment", code="result"),
        q.figure("satisfaction"),
        q.figure("late_entry"),
        q.figure("reopen"),
    ]


def _tables(q: Quarter, units: dict[int, tuple[str, str]]) -> dict[str, Table]:
    order = {"level": LEVELS, "channel": CHANNELS, "type": TYPES}
    groups = {
        name: _group(q, name, [(v, term(f"{name}.{v}") if name != "level" else v) for v in seen])
        for name, known in order.items()
        for seen in (_in_order(q, name, known),)
    }
    departments = [(u, unit_name(units, u)) for u in units if u in _seen(q, "unit")]
    return groups | {
        "unit": _group(q, "unit", departments),
        "attainment": _attainment(q),
        "outcome": _outcomes(q),
        "satisfaction": _satisfaction(q),
        "people": _people(units),
        "roles": Table(
            term("report.table.roles"),
            [term("report.col.role"), term("report.col.people")],
            [(term(f"role.{role}"), [n]) for role, n in queries.people_by_role()],
        ),
        "customers": _customers(q.span),
        "flows": Table(*network.flows(q.span)),
        "cycle": Table(*network.cycle(q.span)),
        "flow_units": Table(*network.departments(q.span)),
        "projects": Table(*support.projects(q.span)),
        "kept": Table(*support.kept(q.span)),
        **{name: Table(*table(q.span)) for name, table in emergencies.TABLES.items()},
    }


def _seen(q: Quarter, name: str) -> set[Any]:
    return {v for relation in ("received", "moves", "agreed") for v in q.values(relation, name)}


def _in_order(q: Quarter, name: str, known: tuple[str, ...]) -> list[str]:
    seen = _seen(q, name)
    return [v for v in known if v in seen] + sorted(str(v) for v in seen - set(known))


def _group(q: Quarter, name: str, members: list[tuple[Any, str]]) -> Table:
    heads = ("received", "closed", "first_response_met", "result_met", "median", "p90", "reopen", "satisfaction")
    return Table(
        term(f"report.table.{name}"),
        [term(f"report.col.{name}"), *(term(f"report.col.{head}") for head in heads)],
        [(label, _row(q, **{name: value})) for value, label in members],
        (term("report.total"), _row(q)),
    )


def _row(q: Quarter, **want: Any) -> list[Any]:
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


def _attainment(q: Quarter) -> Table:
    heads = ("kind", "due", "met", "missed", "agreed", "original", "before")
    rows = []
    for kind in KINDS:
        agreed, original = (q.figure(name, code=kind) for name in ("attainment", "attainment_original"))
        if agreed.denominator or original.denominator:
            missed = agreed.denominator - agreed.numerator
            before = value_of(agreed.before, "%")
            rows.append(
                (term(f"clock.{kind}"), [agreed.denominator, agreed.numerator, missed, agreed, original, before])
            )
    return Table(term("report.table.attainment"), [term(f"report.col.{head}") for head in heads], rows)


def _outcomes(q: Quarter) -> Table:
    rows = [
        (term(f"outcome.{code}"), [q.figure("closed", code=code), value_of(_part(q, code), "%")])
        for code in q.values("closings", "code")
    ]
    heads = ("outcome", "closed", "share")
    return Table(term("report.table.outcome"), [term(f"report.col.{head}") for head in heads], rows)


def _part(q: Quarter, code: str) -> float | None:
    whole = q.total("closings")[0]
    return round(100 * q.total("closings", code=code)[0] / whole, 1) if whole else None


def _satisfaction(q: Quarter) -> Table:
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


def _people(units: dict[int, tuple[str, str]]) -> Table:
    rows: list[tuple[str, list[Any]]] = [(unit_name(units, u), [n]) for u, n in queries.people_by_unit() if n]
    total = sum(row[1][0] for row in rows)
    columns = [term("report.col.unit"), term("report.col.people")]
    return Table(term("report.table.people"), columns, rows, (term("report.total"), [total]))


def _customers(found: Span) -> Table:
    rows: list[tuple[str, list[Any]]] = [
        (term(f"customer.{kind}"), [people, cases]) for kind, people, cases in queries.customers(found)
    ]
    foot = [sum(row[1][0] for row in rows), sum(row[1][1] for row in rows)]
    columns = [term("report.col.customer"), term("report.col.customers"), term("report.col.received")]
    return Table(term("report.table.customers"), columns, rows, (term("report.total"), foot))


def _charts(q: Quarter) -> dict[str, Chart]:
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
