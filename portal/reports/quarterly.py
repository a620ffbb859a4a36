"""The quarterly report as a document: its sections, tables and charts, for the screen and for paper alike."""

from dataclasses import dataclass
from datetime import datetime

from portal.journal import anchors, seals
from portal.kernel.i18n import day, instant, local, term
from portal.reports import emergencies, figures, groups, network, queries, support, tables
from portal.reports.figures import Quarter
from portal.reports.holidays import Provisional, provisional, warning
from portal.reports.paper_models import PaperText
from portal.reports.rules import SECTIONS, Figure, Span, span_of
from portal.reports.tables import Chart, Table, shown, unit_name, value_of
from portal.reports.typical import Example, ended, examples

__all__ = [
    "Chart",
    "Document",
    "Table",
    "document",
    "quarter_span",
    "shown",
    "title_of",
    "unit_name",
    "up_to",
    "value_of",
]
COMPUTED = (1, 2, 5, 6)


@dataclass(frozen=True)
class Document:
    """Everything a quarterly report says."""

    quarter: Quarter
    made_at: datetime
    texts: dict[int, PaperText]
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


def document(
    code: str, now: datetime, counted: Quarter | None = None, told: tuple[list[Example], list[Example]] | None = None
) -> Document:  # fmt: skip
    """Computes a quarter's report as it stands at `now`; where they are at hand already: `counted`, its figures, and
    `told`, its typical cases and those that ended not satisfied.

    Raises Invalid for what is no quarter.
    """
    found = counted or figures.quarter(quarter_span(code, now))
    units = queries.unit_names()
    return Document(
        quarter=found,
        made_at=now,
        texts=queries.texts(found.span.code),
        tables=_tables(found, units),
        charts=tables.charts(found),
        tiles=_tiles(found),
        rates=[found.figure(code) for code in ("late_entry", "reopen", "chase", "extension", "satisfaction")]
        + [found.figure("rating_response")],
        times=[found.duration(kind, p) for kind in figures.TIMED for p in (0.5, 0.9)],
        examples=told[0] if told else examples(found.span),
        ended=told[1] if told else ended(found.span),
        units=units,
        provisional=provisional(found.span),
        seal=seal_at(now),
    )


def glance(counted: Quarter, now: datetime) -> Document:
    """What stands at a glance: tiles, charts, departments, balance; nothing is read but the count."""
    units = queries.unit_names()
    return Document(
        quarter=counted, made_at=now, texts={}, tables={"unit": tables.departments(counted, units)},
        charts=tables.charts(counted), tiles=_tiles(counted), rates=[], times=[], examples=[], ended=[], units=units,
        provisional=provisional(counted.span),
    )  # fmt: skip


def seal_at(now: datetime) -> str:
    """Number and beginning of the root of the newest seal of the journals; empty without one."""
    sealed = seals.newest_at(int(now.timestamp()))
    return anchors.short(sealed) if sealed else ""


def quarter_span(code: str, now: datetime) -> Span:
    """The quarter named on the installation's wall clock."""
    return span_of(code, now, local(now).tzinfo)  # type: ignore[arg-type]


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
    return tables.groups(q) | {
        "unit": tables.departments(q, units),
        "balance": tables.balances(q, units),
        "attainment": tables.attainment(q),
        "outcome": tables.outcomes(q),
        "satisfaction": tables.satisfaction(q),
        "people": tables.people(units),
        "roles": Table(
            term("report.table.roles"),
            [term("report.col.role"), term("report.col.people")],
            [(term(f"role.{role}"), [n]) for role, n in queries.people_by_role()],
        ),
        "group": Table(*groups.on_file(q.span)),
        "services": Table(*groups.services(q.span)),
        "customers": tables.customers(q.span),
        "flows": Table(*network.flows(q.span)),
        "cycle": Table(*network.cycle(q.span)),
        "flow_units": Table(*network.departments(q.span)),
        "projects": Table(*support.projects(q.span)),
        "kept": Table(*support.kept(q.span)),
        **{name: Table(*table(q.span)) for name, table in emergencies.TABLES.items()},
    }
