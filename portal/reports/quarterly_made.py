"""The quarterly report as a report by calendar (RE2): its eight sections as blocks, material for those who write."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select

from portal.cases.models import Case
from portal.incidents import plans
from portal.incidents.models import Incident, IncidentMeasure
from portal.kernel.db import db
from portal.kernel.i18n import day, locale, span, term
from portal.reports import blocks, quarterly, relations
from portal.reports.blocks import Block, Section
from portal.reports.paper_models import Paper
from portal.reports.quarterly import Document
from portal.reports.recipes import (
    COUNTED,
    Ask,
    Bag,
    Line,
    Recipe,
    conventions,
    counted,
    left_out,
    line_of,
    missed,
    named_figures,
    quarter_of,
)
from portal.reports.tables import Table
from portal.reports.typical import Example, ended, examples

OFTEN, MOST = 3, 10  # IN8: a question is asked often from three cases of its leaf on
# which material is offered beside which section
OFFERED = {
    "5": ("questions",), "6": ("breaches", "ratings"), "7": ("questions", "ratings", "incidents"),
    "8": ("measures", "incidents"),
}  # fmt: skip


def _load(ask: Ask) -> Iterator[tuple[str, Any]]:
    yield from counted(ask)
    yield "breaches", missed(ask.span, 0, "result", most=MOST)
    yield "questions", _questions(ask)
    yield "ratings", _ratings(ask)
    yield "measures", _measures()
    yield "incidents", _incidents(ask)
    yield "examples", examples(ask.span)
    yield "ended", ended(ask.span)


def _questions(ask: Ask) -> list[tuple[str, str, int]]:
    """Leaves that had several cases in the quarter, the most frequent first."""
    at, n = relations.seconds(Case.received_at), func.count()
    rows = db.session.execute(
        select(Case.request_type, Case.category, n)
        .where(at >= ask.span.start, at < ask.span.until, Case.exercise.is_(False))
        .where(Case.state.not_in(relations.DROPPED))
        .group_by(Case.request_type, Case.category)
        .having(n >= OFTEN)
        .order_by(n.desc(), Case.request_type, Case.category)
        .limit(MOST)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _ratings(ask: Ask) -> list[tuple[Line, int]]:
    """Cases closed in the quarter that were rated lowest."""
    at = relations.seconds(Case.closed_at)
    rows = db.session.scalars(
        select(Case)
        .where(at >= ask.span.start, at < ask.span.until, Case.exercise.is_(False), Case.rating <= 2)
        .order_by(Case.rating, Case.closed_at, Case.id)
        .limit(MOST)
    )
    return [(line_of(case), int(case.rating or 0)) for case in rows]


def _measures() -> list[tuple[str, str, int]]:
    """Measures that have not been shown to work: what, who, by when (epoch seconds)."""
    rows = db.session.execute(
        select(IncidentMeasure.text, IncidentMeasure.owner, relations.seconds(IncidentMeasure.due_at))
        .where(IncidentMeasure.state != "held")
        .order_by(IncidentMeasure.due_at, IncidentMeasure.id)
        .limit(MOST)
    )
    found = [(row[0], row[1], row[2]) for row in rows]
    asked = db.session.scalars(select(Paper).where(Paper.kind == "inspection", Paper.answer_due.is_not(None)))
    for one in asked:
        if one.answer and not one.answer.get("settled") and one.answer_due:
            found.append((str(one.answer["measure"]), str(one.answer["by"]), int(one.answer_due.timestamp())))
    return sorted(found, key=lambda one: one[2])[: 2 * MOST]


def _incidents(ask: Ask) -> list[tuple[str, str, str, str, bool, int]]:
    """Incidents and drills of the quarter: number, title, class, grade, drill, when."""
    at = relations.seconds(Incident.occurred_at)
    rows = db.session.execute(
        select(Incident.no, Incident.title, Incident.kind, Incident.grade, Incident.exercise, at)
        .where(at >= ask.span.start, at < ask.span.until)
        .order_by(at, Incident.id)
    )
    return [(row[0], row[1], row[2], row[3], row[4], row[5]) for row in rows]


def _material(_ask: Ask, bag: Bag) -> dict[str, Any]:
    """Sentences ready to be put into a section, by what they tell of."""
    say = {name: term(f"paper.material.{name}.line") for name in ("breaches", "questions", "ratings", "measures")}
    return {
        "breaches": [
            say["breaches"] % {"level": one.level, "matter": one.matter, "late": span(one.extra)}
            for one in bag["breaches"]
        ],
        "questions": [
            say["questions"] % {"type": term(f"type.{kind}"), "category": term(f"category.{category}"), "n": n}
            for kind, category, n in bag["questions"]
        ],
        "ratings": [
            say["ratings"] % {"level": one.level, "matter": one.matter, "n": rating} for one, rating in bag["ratings"]
        ],
        "measures": [
            say["measures"] % {"what": what, "who": who, "day": day(due)} for what, who, due in bag["measures"]
        ],
        "incidents": [_incident(*one) for one in bag["incidents"]],
    }


def _incident(no: str, title: str, kind: str, grade: str, exercise: bool, at: int) -> str:
    code = "drill" if exercise else "incident"
    facts = {"no": no, "title": title, "kind": _class(kind), "day": day(at)}
    return term(f"paper.material.{code}.line") % facts


def _class(kind: str) -> str:
    """The word of an incident's class; one that no plan knows any more shows its code."""
    known = plans.latest().classes.get(kind)
    return known.word(locale()) if known else kind


def _sections(ask: Ask, bag: Bag) -> list[Section]:
    told = bag["examples"], bag["ended"]
    doc = quarterly.document(ask.span.code, ask.now, quarter_of(ask, bag), told)
    made = {
        1: [*_tables(doc, "people", "roles"), _channels(doc)],
        2: _tables(doc, "group", "services", "customers"),
        3: _tables(doc, "flows", "cycle", "flow_units"),
        4: _tables(doc, "projects", "kept"),
        5: _work(doc),
        6: [_example(doc, one) for one in doc.examples] or [blocks.para(term("report.no_examples"), "sub")],
        7: [*_tables(doc, "incidents"), blocks.table(doc.tables["measures"]) | {"words": 5}],
    }
    return [
        conventions(left_out(doc.quarter), doc.warning),
        *(blocks.section(str(n), head, made.get(n, ()), prose=True) for n, head, _ in doc.sections),
    ]


def _tables(doc: Document, *names: str) -> list[Block]:
    return [blocks.table(doc.tables[name]) for name in names]


def _channels(doc: Document) -> Block:
    counts = [f"{label} {blocks.cell(values[0])['s']}" for label, values in doc.tables["channel"].rows]
    return blocks.para(f"{term('report.channels')} {' · '.join(counts)}")


def _work(doc: Document) -> list[Block]:
    """Section 5: the balance, drawings, rates, and the tables by every side."""
    rates: list[Block] = [blocks.figures(term("report.table.rates"), doc.rates + doc.times, "report.col.before")]
    sides = _tables(doc, "attainment", "level", "unit", "balance", "channel", "type", "outcome")
    drawn = [blocks.chart(doc.charts[name]) for name in ("attainment", "volume", "satisfaction")]
    ended = [_ended(doc)] if doc.ended else []
    return [blocks.balance(doc.quarter.balance), *drawn, *rates, *sides, *ended, *_tables(doc, "satisfaction")]


def _ended(doc: Document) -> Block:
    """Every case that ended not satisfied (SL11)."""
    rows = [
        (one.no, [one.level, doc.unit(one.unit), one.matter,
                  f"{term(f'cause.{one.cause_category}')} · {one.cause}" if one.cause else "–"])
        for one in doc.ended
    ]  # fmt: skip
    heads = [term(f"paper.col.{code}") for code in ("no", "level", "unit", "matter", "cause")]
    return blocks.table(Table(term("report.table.ended"), heads, rows)) | {"words": 5}


def _example(doc: Document, one: Example) -> Block:
    """A typical case without its people."""
    facts = [
        one.month, one.level, term(f"type.{one.type}"), term(f"category.{one.category}"),
        term(f"channel.{one.channel}"), doc.unit(one.unit), term(f"state.{one.state}"),
    ]  # fmt: skip
    went = [f"{term('report.late')} {span(one.late)}"] if one.late else []
    counts = (("chased", one.chases), ("reopened", one.reopened), ("transfers", one.transfers))
    went += [f"{term(f'report.{name}')} {n}" for name, n in (*counts, ("extensions", one.extensions))]
    went += [f"{term('report.rating')} {one.rating} / 5"] if one.rating else []
    lines = [" · ".join(facts), one.matter]
    if one.cause:
        lines.append(f"{term('report.cause')} {term(f'cause.{one.cause_category}')} · {one.cause}")
    return {"k": "case", "caption": term(f"why.{one.why}.example"), "items": [*lines, " · ".join(went)]}


def _figures(ask: Ask, bag: Bag) -> dict[str, Any]:
    q = quarter_of(ask, bag)
    return blocks.kept_figures(named_figures(q) | {"balance": q.balance, "exercises": q.exercises})


RECIPES = {"quarterly": Recipe(COUNTED + 7, _load, _sections, _figures, _material)}
