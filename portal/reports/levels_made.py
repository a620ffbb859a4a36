"""The monthly review of levels, limits and satisfaction (SL10), with what another version would change."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from portal.cases.models import Case
from portal.clocks import book, policy_queries, tryout_queries
from portal.clocks.tryout import Tally
from portal.journal.models import Body, Entry
from portal.kernel.db import db
from portal.kernel.i18n import term
from portal.reports import blocks, relations, tables
from portal.reports.blocks import Block, Section
from portal.reports.figures import Quarter
from portal.reports.monthly_made import BEFORE, columns
from portal.reports.recipes import COUNTED, Ask, Bag, Recipe, counted, named_figures, prose, quarter_of


def tried(ask: Ask) -> tuple[int, str]:
    """The version to be tried: the newest that is proposed, else the one in force; and its state."""
    for row in policy_queries.versions():
        if row.state in ("review", "draft"):
            return row.version, row.state
    return policy_queries.in_force(ask.now), "effective"


def _tally(ask: Ask) -> Tally:
    version, _state = tried(ask)
    trial = tryout_queries.trial(book.policy(version), ask.now)
    return tryout_queries.whole(trial, (ask.span.start, ask.span.until))


def _judged(ask: Ask) -> dict[str, int]:
    """Judgements of cases received in the period, by what they rest on: first, misjudged, situation changed."""
    at, basis = relations.seconds(Case.received_at), Body.facts["basis"].as_string()
    rows = db.session.execute(
        select(basis, func.count())
        .join_from(Case, Entry, Entry.stream == relations.stream_of())
        .join(Body, Body.journal_id == Entry.id)
        .where(at >= ask.span.start, at < ask.span.until, Case.exercise.is_(False), Entry.kind == "Judged")
        .group_by(basis)
    )
    return {str(row[0]): row[1] for row in rows}


def _levels(ask: Ask) -> Iterator[tuple[str, Any]]:
    yield from counted(ask)
    yield "judged", _judged(ask)
    yield "tried", tried(ask)
    tally = _tally(ask)
    yield "what_if", (tally.cases, tally.changed, tally.shares("kind"), tally.shares("level"))


def _what_if(bag: Bag) -> list[Block]:
    version, state = bag["tried"]
    cases, changed, kinds, levels = bag["what_if"]
    facts = {
        "version": version,
        "state": term(f"policy_state.{state}"),
        "cases": f"{cases:,}",
        "changed": f"{changed:,}",
    }
    heads = columns("kind", "n_before", "before_share", "n_after", "after_share")
    by_level = [term("paper.col.level"), *heads[1:]]
    return [
        blocks.para(term("paper.what_if") % facts),
        blocks.rows(term("paper.table.what_if_kind"), heads, [_share(term(f"clock.{s.name}"), s) for s in kinds]),
        blocks.rows(term("paper.table.what_if_level"), by_level, [_share(s.name or "–", s) for s in levels]),
    ]


def _share(name: str, share: Any) -> list[Any]:
    return [
        name, share.n_before, tables.value_of(share.before, "%"), share.n_after, tables.value_of(share.after, "%")
    ]  # fmt: skip


def _accuracy(bag: Bag) -> Block:
    judged, wrong = sum(bag["judged"].values()), bag["judged"].get("misjudged", 0)
    first = bag["judged"].get("first", 0)
    rate = tables.value_of(round(100 * (first - wrong) / first, 1) if first else None, "%")
    return blocks.para(term("paper.levels.accuracy") % {"first": first, "wrong": wrong, "all": judged, "rate": rate})


def _drawn(q: Quarter) -> Block:
    """Attainment by level beside the period before."""
    return blocks.chart(replace(tables.charts(q)["attainment"], names=(term("paper.col.this"), term(BEFORE))))


def _sections(ask: Ask, bag: Bag) -> list[Section]:
    q = quarter_of(ask, bag)
    return [
        blocks.section("levels", term("paper.head.levels"), [_accuracy(bag), blocks.table(tables.groups(q)["level"])]),
        blocks.section("limits", term("paper.head.limits"), [
            blocks.table(tables.attainment(q, BEFORE)), _drawn(q),
        ]),
        blocks.section("rated", term("paper.head.rated"), [blocks.table(tables.satisfaction(q))]),
        blocks.section("what_if", term("paper.head.what_if"), _what_if(bag)),
        *prose(ask.kind),
    ]  # fmt: skip


def _figures(ask: Ask, bag: Bag) -> dict[str, Any]:
    return blocks.kept_figures(named_figures(quarter_of(ask, bag)))


RECIPES = {"levels": Recipe(COUNTED + 3, _levels, _sections, _figures)}
