"""Monthly reports from figures: KPI assessment, a department's summary, response-time inspection, customer feedback."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from portal.cases.models import Case
from portal.kernel.db import db
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import span, term
from portal.reports import blocks, own_queries, relations, tables
from portal.reports.anonymise import anonymise
from portal.reports.blocks import Block, Section
from portal.reports.figures import Quarter
from portal.reports.metrics import persons, room
from portal.reports.recipes import (
    COUNTED,
    Ask,
    Bag,
    Line,
    Recipe,
    counted,
    kinds_of,
    missed,
    name_of,
    named_figures,
    prose,
    quarter_of,
)
from portal.reports.rules import Figure, share

BEFORE = "paper.col.before"
RATES = ("late_entry", "reopen", "chase", "extension", "satisfaction", "rating_response")
RESPONSE = ("acknowledgement", "first_response", "lead_contact", "start_of_work")
OF_PERSONS = ("closed", "attainment.first_response", "attainment.result", "late_entry", "satisfaction")
MOST_WORDS = 30


def columns(*codes: str) -> list[str]:
    """Heads of columns in the language spoken now."""
    return [term(f"paper.col.{code}") for code in codes]


def _rates(q: Quarter, **want: Any) -> Block:
    list_ = [q.figure(code, **want) for code in RATES]
    list_ += [q.duration(kind, p, **want) for kind in ("first_response", "staff_solved") for p in (0.5, 0.9)]
    return blocks.figures(term("paper.table.rates"), list_, BEFORE)


def _limits(q: Quarter, unit: int) -> Block:
    """Attainment by kind of limit, of the house or of one department."""
    if not unit:
        return blocks.table(tables.attainment(q, BEFORE))
    rows = [
        [term(f"clock.{kind}"), agreed.denominator, agreed.numerator, agreed.denominator - agreed.numerator, agreed,
         original, tables.value_of(agreed.before, "%")]
        for kind, agreed, original in kinds_of(q, unit)
    ]  # fmt: skip
    return blocks.rows(
        term("report.table.attainment"), columns("kind", "due", "met", "missed", "agreed", "original", "before"), rows
    )


def _causes(ask: Ask) -> dict[str, dict[str, int]]:
    """Closings of the period by category of cause, and by category of problem; of the department that had them then, or
    of all. What was reopened since stays in them."""
    closed = relations.closings(replace(ask.span, before=ask.span.start)).subquery()
    c, found = closed.c, {}
    mine = [c.unit == ask.unit] if ask.unit else []
    for name, column in (("cause", Case.cause_category), ("category", Case.category)):
        query = select(column, func.count()).join(closed, c.case_id == Case.id).where(*mine).group_by(column)
        found[name] = {row[0]: row[1] for row in sorted(db.session.execute(query), key=lambda row: (-row[1], row[0]))}
    return found


def _shares(caption: str, family: str, counts: dict[str, int]) -> Block:
    whole = sum(counts.values())
    rows = [
        [term(f"{family}.{code}") if code else term("paper.not_said"), n, tables.value_of(share(n, whole), "%")]
        for code, n in counts.items()
    ]
    return blocks.rows(caption, columns(family, "cases", "share"), rows)


def _persons(ask: Ask) -> list[tuple[str, dict[str, Figure] | None]]:
    """The figures of each person of a department, by name; nothing of whom may be the first to see their own (QA1)."""
    members = own_queries.members([ask.unit])
    shown = own_queries.released([one.id for one in members], ask.span, ask.now)
    found = persons.of_people(ask.span, shown, OF_PERSONS)
    return [(one.name, found.get(one.id)) for one in members]


def _person(name: str, found: dict[str, Figure] | None) -> list[Any]:
    if found is None:
        return [name, *[term("paper.unseen")] * len(OF_PERSONS)]
    return [name, *(found[code] for code in OF_PERSONS)]


def _head(code: str) -> str:
    """A figure's name as the head of a column."""
    kind = code.partition(".")[2]
    return term(f"paper.col.{kind or code}")


def _kpi(ask: Ask) -> Iterator[tuple[str, Any]]:
    yield from counted(ask)
    yield "persons", _persons(ask) if ask.unit else []


def _kpi_sections(ask: Ask, bag: Bag) -> list[Section]:
    q, want = quarter_of(ask, bag), {"unit": ask.unit} if ask.unit else {}
    parts = [_rates(q, **want), _limits(q, ask.unit)]
    if ask.unit:
        rows = [_person(name, found) for name, found in bag["persons"]]
        heads = [term("paper.col.person"), *(_head(code) for code in OF_PERSONS)]
        parts.append(blocks.rows(term("paper.table.persons"), heads, rows))
    else:
        made = (tables.departments(q, bag["units"]), tables.balances(q, bag["units"]), tables.groups(q)["level"])
        parts += map(blocks.table, made)
    return [blocks.section("figures", term("paper.head.figures"), parts), *prose(ask.kind)]


def _kpi_figures(ask: Ask, bag: Bag) -> dict[str, Any]:
    return blocks.kept_figures(named_figures(quarter_of(ask, bag), **({"unit": ask.unit} if ask.unit else {})))


def _unit(ask: Ask) -> Iterator[tuple[str, Any]]:
    yield from counted(ask)
    yield "causes", _causes(ask)
    yield "missed", missed(ask.span, ask.unit, "result", "department_result", "first_response")


def _unit_sections(ask: Ask, bag: Bag) -> list[Section]:
    q = quarter_of(ask, bag)
    stock = blocks.balance(room.balance(q.counts, unit=ask.unit))
    parts = [stock, _rates(q, unit=ask.unit), _limits(q, ask.unit)]
    return [
        blocks.section("figures", term("paper.head.figures"), parts),
        blocks.section("counts", term("paper.head.causes"), _both(bag["causes"])),
        blocks.section("missed", term("paper.head.missed"), [_late(bag, term("paper.table.missed"))]),
        *prose(ask.kind),
    ]


def _both(causes: dict[str, dict[str, int]]) -> list[Block]:
    return [_shares(term(f"paper.table.{name}"), name, causes[name]) for name in ("cause", "category")]


def _late(bag: Bag, caption: str) -> Block:
    """Cases over their limit, the longest first."""
    found: list[Line] = bag["missed"]
    rows = [[one.no, one.matter, one.level, name_of(bag["units"], one.unit), span(one.extra)] for one in found]
    return blocks.rows(caption, columns("no", "matter", "level", "unit", "late_by"), rows, words=4)


def _inspection(ask: Ask) -> Iterator[tuple[str, Any]]:
    yield from counted(ask)
    yield "missed", missed(ask.span, ask.unit, "first_response")


def _inspection_sections(ask: Ask, bag: Bag) -> list[Section]:
    q = quarter_of(ask, bag)
    rows = [
        [term(f"clock.{kind}"), agreed.denominator, agreed.numerator, agreed.denominator - agreed.numerator, agreed,
         original, tables.value_of(agreed.before, "%")]
        for kind, agreed, original in kinds_of(q, ask.unit) if kind in RESPONSE
    ]  # fmt: skip
    times = [q.duration("first_response", p, unit=ask.unit) for p in (0.5, 0.9)]
    heads = columns("kind", "due", "met", "missed", "agreed", "original", "before")
    return [
        blocks.section("figures", term("paper.head.response"), [
            blocks.rows(term("paper.table.response"), heads, rows),
            blocks.figures(term("paper.table.response_times"), times, BEFORE),
        ]),
        blocks.section("missed", term("paper.head.missed"), [_late(bag, term("paper.table.first_missed"))]),
        *prose(ask.kind),
    ]  # fmt: skip


def _feedback(ask: Ask) -> Iterator[tuple[str, Any]]:
    yield from counted(ask)
    yield "causes", _causes(ask)
    yield "suggested", _suggested(ask)


def _suggested(ask: Ask) -> list[tuple[str, str]]:
    """Suggestions received in the period, without whose they are: number, subject."""
    at = relations.seconds(Case.received_at)
    rows = db.session.scalars(
        select(Case)
        .where(at >= ask.span.start, at < ask.span.until, Case.request_type == "suggestion")
        .where(Case.exercise.is_(False), Case.state.not_in(relations.DROPPED))
        .order_by(Case.received_at, Case.id)
        .limit(MOST_WORDS)
    )
    return [(one.no, anonymise(one.title, [one.customer_name, one.contact, one.caller])) for one in rows]


def _feedback_sections(ask: Ask, bag: Bag) -> list[Section]:
    q = quarter_of(ask, bag)
    made = tables.groups(q)
    suggested = [[no, matter] for no, matter in bag["suggested"]]
    return [
        blocks.section("types", term("paper.head.types"), [blocks.table(made["type"]), blocks.table(made["channel"])]),
        blocks.section("counts", term("paper.head.causes"), _both(bag["causes"])),
        blocks.section("handling", term("paper.head.handling"), [blocks.table(tables.outcomes(q)), _rates(q)]),
        blocks.section("rated", _("Satisfaction"), [blocks.table(tables.satisfaction(q))]),
        blocks.section("suggested", term("paper.head.suggested"),
                       [blocks.rows(term("paper.table.suggested"), columns("no", "matter"), suggested, words=2)]),
        *prose(ask.kind),
    ]  # fmt: skip


def _all_figures(ask: Ask, bag: Bag) -> dict[str, Any]:
    return blocks.kept_figures(named_figures(quarter_of(ask, bag)))


RECIPES = {
    "kpi": Recipe(COUNTED + 1, _kpi, _kpi_sections, _kpi_figures),
    "unit": Recipe(COUNTED + 2, _unit, _unit_sections, _kpi_figures),
    "inspection": Recipe(COUNTED + 1, _inspection, _inspection_sections, _kpi_figures),
    "feedback": Recipe(COUNTED + 2, _feedback, _feedback_sections, _all_figures),
}
