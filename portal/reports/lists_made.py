"""Three reports that are lists: the daily summary of P2, the weekly list of P4, the monthly feedback on P4 (RE1)."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select

from portal.cases.models import Case
from portal.collaboration import summaries
from portal.journal.models import Body, Entry
from portal.kernel.db import db
from portal.kernel.i18n import day, instant, span, term
from portal.reports import blocks, queries, relations
from portal.reports.blocks import Section
from portal.reports.recipes import Ask, Bag, Line, Recipe, by_unit, line_of, lines, name_of, prose

OLDEST = 366 * 86400  # seconds
DECISIONS = ("adopted", "planned", "not_adopted")


def _columns(*codes: str) -> list[str]:
    return [term(f"paper.col.{code}") for code in codes]


def _daily(ask: Ask) -> Iterator[tuple[str, Any]]:
    s = ask.span
    received = relations.received(s).subquery()
    yield "received", by_unit(received, received.c.at >= s.start, received.c.level == "P2")
    told = relations.staff_solved(s).subquery()
    yield "told", by_unit(told, told.c.at >= s.start, told.c.level == "P2")
    due = relations.clocks(s, agreed=True).subquery()
    yield "due", by_unit(due, due.c.at >= s.start, due.c.level == "P2", due.c.code == "result")
    left = relations.open_at(s.until).subquery()
    yield "open", by_unit(left, left.c.level == "P2")
    yield "lines", lines(left, left.c.level == "P2", order=Case.press)
    yield "missed", lines(due, due.c.at >= s.start, due.c.level == "P2", due.c.code == "result", due.c.hit == 0)
    yield "units", queries.unit_names()


def _daily_sections(ask: Ask, bag: Bag) -> list[Section]:
    units = [u for u in bag["units"] if any(u in bag[name] for name in ("received", "told", "due", "open"))]
    none = (0, 0)
    found = [
        [name_of(bag["units"], u), bag["received"].get(u, none)[0], bag["told"].get(u, none)[0],
         *_missed(bag["due"].get(u, none)), bag["open"].get(u, none)[0]]
        for u in units
    ]  # fmt: skip
    heads = _columns("unit", "received", "told", "due", "missed", "open")
    return [
        blocks.section("figures", term("paper.head.by_unit"), [blocks.rows(term("paper.table.p2"), heads, found)]),
        blocks.section("missed", term("paper.head.missed"), [_cases(bag, "missed", term("paper.table.p2_missed"))]),
        blocks.section("open", term("paper.head.open"), [_cases(bag, "lines", term("paper.table.p2_open"))]),
        *prose(ask.kind),
    ]


def _missed(pair: tuple[int, int]) -> tuple[int, int]:
    return pair[0], pair[0] - pair[1]


def _cases(bag: Bag, name: str, caption: str) -> dict[str, Any]:
    """Cases with their number, department, state, and since when."""
    found: list[Line] = bag[name]
    rows = [
        [one.no, one.matter, name_of(bag["units"], one.unit), term(f"state.{one.state}"), instant(one.received)]
        for one in found
    ]
    return blocks.rows(caption, _columns("no", "matter", "unit", "state", "received_at"), rows, words=4)


def _daily_figures(_ask: Ask, bag: Bag) -> dict[str, Any]:
    return {
        "received": sum(n for n, _ in bag["received"].values()), "told": sum(n for n, _ in bag["told"].values()),
        "due": sum(n for n, _ in bag["due"].values()), "met": sum(hit for _, hit in bag["due"].values()),
        "open": sum(n for n, _ in bag["open"].values()),
    }  # fmt: skip


def _decided(ask: Ask) -> dict[str, int]:
    """Suggestions decided in the period, by decision; those older than a year are decided or dropped."""
    at, decision = relations.seconds(Entry.at), Body.facts["decision"].as_string()
    received = relations.seconds(Case.received_at)
    rows = db.session.execute(
        select(decision, func.count())
        .join_from(Case, Entry, Entry.stream == relations.stream_of())
        .join(Body, Body.journal_id == Entry.id)
        .where(received >= ask.span.start - OLDEST, received < ask.span.until, Case.level == "P4")
        .where(Entry.kind == "Planned", at >= ask.span.start, at < ask.span.until)
        .group_by(decision)
    )
    return {str(row[0]): row[1] for row in rows}


def _suggestions(ask: Ask) -> Iterator[tuple[str, Any]]:
    new, planned = summaries.to_groom()  # read out at once: between two parts the worker ends its session
    lines = {
        "new": [line_of(case, _due(case)) for case in new],
        "planned": [line_of(case, int(summaries.feedback_due(case).timestamp())) for case in planned],
    }
    received = relations.received(ask.span).subquery()
    yield "received", by_unit(received, received.c.at >= ask.span.start, received.c.level == "P4")
    yield from lines.items()
    yield "decided", _decided(ask)
    yield "units", queries.unit_names()


def _due(case: Case) -> int:
    return case.clock_due or 0


def _weekly_sections(ask: Ask, bag: Bag) -> list[Section]:
    new = [
        [one.no, one.matter, name_of(bag["units"], one.unit), day(one.received), day(one.extra) if one.extra else "–"]
        for one in bag["new"]
    ]
    heads = _columns("no", "matter", "unit", "received_at", "plan_by")
    decided = [[term(f"decision.{code}"), bag["decided"].get(code, 0)] for code in DECISIONS]
    return [
        blocks.section("figures", term("paper.head.figures"), [
            blocks.para(term("paper.p4.received") % {"n": sum(n for n, _ in bag["received"].values())}),
            blocks.rows(term("paper.table.p4_decided"), _columns("decision", "cases"), decided),
        ]),
        blocks.section("new", term("paper.head.p4_new"),
                       [blocks.rows(term("paper.table.p4_new"), heads, new, words=3)]),
        blocks.section("planned", term("paper.head.p4_planned"), [_planned(ask, bag)]),
        *prose(ask.kind),
    ]  # fmt: skip


def _planned(ask: Ask, bag: Bag) -> dict[str, Any]:
    """Scheduled suggestions: the cycle, when the customer was told last, by when again, and whether that is overdue."""
    rows = [
        [one.no, one.matter, one.plan or "–", day(one.contact), day(one.extra),
         term("paper.p4.overdue") % {"span": span(ask.span.until - one.extra)} if one.extra < ask.span.until else ""]
        for one in bag["planned"]
    ]  # fmt: skip
    heads = _columns("no", "matter", "plan", "told_last", "told_next", "remark")
    return blocks.rows(term("paper.table.p4_planned"), heads, rows, words=3)


def _monthly_sections(ask: Ask, bag: Bag) -> list[Section]:
    planned = bag["planned"]
    told = sum(ask.span.start <= one.contact < ask.span.until for one in planned)
    late = sum(one.extra < ask.span.until for one in planned)
    facts = {"n": len(planned), "told": told, "late": late}
    return [
        blocks.section("figures", term("paper.head.figures"), [blocks.para(term("paper.p4.told") % facts)]),
        blocks.section("planned", term("paper.head.p4_planned"), [_planned(ask, bag)]),
        *prose(ask.kind),
    ]


def _p4_figures(_ask: Ask, bag: Bag) -> dict[str, Any]:
    received = sum(n for n, _ in bag["received"].values())
    return {"received": received, "new": len(bag["new"]), "planned": len(bag["planned"])} | bag["decided"]


RECIPES = {
    "p2_daily": Recipe(7, _daily, _daily_sections, _daily_figures),
    "p4_weekly": Recipe(5, _suggestions, _weekly_sections, _p4_figures),
    "p4_monthly": Recipe(5, _suggestions, _monthly_sections, _p4_figures),
}
