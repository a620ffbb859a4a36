"""How a report is made: what is read for it, part by part, and how that reads in the language spoken now."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select

from portal.cases.models import Case
from portal.kernel.db import db
from portal.kernel.i18n import locale, term
from portal.reports import blocks, figures, queries, relations, tables
from portal.reports.anonymise import anonymise
from portal.reports.blocks import Section, section
from portal.reports.figures import Quarter
from portal.reports.paper_rules import Kind
from portal.reports.rules import Figure, Span

Bag = Mapping[str, Any]
CONVENTIONS = range(1, 8)
OF_LISTS = (1, 2, 4, 7)  # what a report without rates and lengths needs of them


@dataclass(frozen=True)
class Ask:
    """Which report: its kind, the period as it is counted, the department (0: the whole house), and when."""

    kind: Kind
    span: Span
    unit: int
    now: datetime


def prose(kind: Kind) -> list[Section]:
    """The sections of a report that people write, in the language spoken now."""
    return [section(code, head_of(kind, code), prose=True) for code in kind.prose]


def head_of(kind: Kind, code: str) -> str:
    """The heading of a section that people write."""
    return term(f"report.section.{code}" if kind.code == "quarterly" else f"paper.section.{kind.code}.{code}")


def conventions(more: list[str], warning: str = "", numbers: Iterable[int] = CONVENTIONS) -> Section:
    """How it was counted: stands on the first page of every report, with what else is to be said there."""
    said = [*(term(f"report.convention.{n}") for n in numbers), *more]
    if locale() == "en":
        said.append(term("report.convention.language"))
    warned = [blocks.para(warning, "warning")] if warning else []
    return blocks.section("conventions", term("report.conventions"), [*warned, blocks.items("", said)])


def left_out(q: Quarter, unit: int = 0) -> list[str]:
    """What is in no rate, counted: of the house, or of one department, of which exercises are none."""
    want = {"unit": unit} if unit else {}
    exercises = [] if unit else [f"{term('report.exercises')} {q.exercises}"]
    dropped = [f"{term(f'figure.{code}')} {int(q.figure(code, **want).value or 0)}" for code in ("void", "merged")]
    return [f"{term('report.excluded')} {' · '.join([*exercises, *dropped])}"]


def with_conventions(ask: Ask, bag: Bag, made: list[Section]) -> list[Section]:
    """A report's sections after how it was counted, where it does not say so itself."""
    if made and made[0]["code"] == "conventions":
        return made
    if "quarter" in bag:
        return [conventions(left_out(quarter_of(ask, bag), ask.unit)), *made]
    return [conventions([], numbers=OF_LISTS), *made]


def _nothing(_ask: Ask, _bag: Bag) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Recipe:
    """`load` reads the parts one after another (as many as `parts` says), a part with many rows in bits that are None
    but the last; the rest puts them into words."""

    parts: int
    load: Callable[[Ask], Iterator[tuple[str, Any]]]
    sections: Callable[[Ask, Bag], list[Section]]
    figures: Callable[[Ask, Bag], Mapping[str, Any]] = _nothing
    material: Callable[[Ask, Bag], dict[str, Any]] = _nothing


class Line(NamedTuple):
    """A case in a list: no customer; its subject without names, numbers and addresses. Instants in epoch seconds.

    Of a counted relation `unit` is the department that the row counts for, whoever has the case now.
    """

    no: str
    matter: str
    level: str
    unit: int
    state: str
    owner: str
    plan: str
    contact: int
    received: int
    extra: int = 0


def lines(found: Any, *conditions: Any, extra: Any = None, order: Any = None, most: int = 50) -> list[Line]:
    """Cases of a relation's subquery as lines; `extra`: one more number of it."""
    c = found.c
    query = (
        select(Case, extra if extra is not None else func.coalesce(c.hit, 0), c.unit)
        .join(found, c.case_id == Case.id)
        .where(*conditions)
        .order_by(*([order] if order is not None else []), c.at, Case.id)
        .limit(most)
    )
    return [line_of(row[0], int(row[1] or 0))._replace(unit=row[2]) for row in db.session.execute(query)]


def line_of(case: Case, extra: int = 0) -> Line:
    """A case as a line, with the department that has it now."""
    known = [case.customer_name, case.contact, case.caller, case.order_no]
    return Line(
        case.no, anonymise(case.title, known), case.level_now, case.unit_id, case.state, case.owner_name, case.plan,
        int((case.contact_at or case.received_at).timestamp()), int(case.received_at.timestamp()), extra,
    )  # fmt: skip


def by_unit(found: Any, *conditions: Any) -> dict[int, tuple[int, int]]:
    """Rows and hits of a relation's subquery by department."""
    c = found.c
    rows = db.session.execute(select(c.unit, func.count(), func.sum(c.hit)).where(*conditions).group_by(c.unit))
    return {row[0]: (row[1], int(row[2] or 0)) for row in rows}


READ = (
    "received", "closings", "moves", "moved", "chased", "solved", "original", "agreed", "extended", "asked", "rated",
    "opening", "closing",
)  # fmt: skip
COUNTED = 2 + len(READ) + len(figures.TIMED)


def counted(ask: Ask) -> Iterator[tuple[str, Any]]:
    """The period's figures: the metrics room reads a relation when it is first asked for, here one after another."""
    quarter = figures.quarter(ask.span, exact=True)
    yield "quarter", quarter
    for name in READ:
        yield from ((name, None) for _ in quarter.counts.reading(name))
        yield name, len(quarter.counts.cells[name])
    for name in figures.TIMED:
        yield from ((name, None) for _ in quarter.counts.reading(name))
        yield name, quarter.counts.lengths(name)
    yield "units", queries.unit_names()


def quarter_of(_ask: Ask, bag: Bag) -> Quarter:
    """The figures that `counted` has read."""
    found: Quarter = bag["quarter"]
    return found


def named_figures(q: Quarter, **want: Any) -> dict[str, Figure]:
    """The figures by which two editions of a report are compared."""
    found = {
        name: q.figure(name, **want)
        for name in ("received", "closed", "reopened", "void", "merged", "late_entry", "reopen", "chase", "extension",
                     "satisfaction", "rating_response")
    }  # fmt: skip
    for kind in figures.KINDS:
        for name in ("attainment", "attainment_original"):
            found[f"{name}.{kind}"] = q.figure(name, code=kind, **want)
    for relation in figures.TIMED:
        for p in (0.5, 0.9):
            one = q.duration(relation, p, **want)
            found[one.code] = one
    return found


def kinds_of(q: Quarter, unit: int) -> list[tuple[str, Figure, Figure]]:
    """By kind of limit the attainment of one department, agreed and original, where anything was due."""
    found = []
    for kind in figures.KINDS:
        agreed, original = (q.figure(name, code=kind, unit=unit) for name in ("attainment", "attainment_original"))
        if agreed.denominator or original.denominator:
            found.append((kind, agreed, original))
    return found


def missed(span: Span, unit: int, *kinds: str, most: int = 20) -> list[Line]:
    """Cases of a department whose limit of these kinds was missed in the period, the longest overdue first."""
    found = relations.clocks(span, agreed=True).subquery()
    c = found.c
    wanted = [c.at >= span.start, c.hit == 0, c.code.in_(kinds)] + ([c.unit == unit] if unit else [])
    ended = func.coalesce(relations.seconds(Case.told_at), relations.seconds(Case.closed_at), span.until)
    if kinds == ("first_response",):
        ended = func.coalesce(relations.seconds(Case.responded_at), span.until)
    late = ended - c.at
    return lines(found, *wanted, extra=late, order=late.desc(), most=most)


def name_of(units: dict[int, tuple[str, str]], unit: int) -> str:
    """A department's name in the language spoken now."""
    return tables.unit_name(units, unit)
