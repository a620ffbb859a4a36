"""Filing closed cases: the row, its text and its tokens, all in the transaction of the closing (AR1)."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from portal.archive import blind, snapshots
from portal.archive.models import Archived, ArchivedText
from portal.archive.rebuilding import closing, rebuilt
from portal.archive.rules import Paper, paper, place_of, quarter_of, retained_until, row_tokens, token_set
from portal.archive.stores import open_quarter, store
from portal.cases.events import Closed
from portal.cases.guard import SHUT
from portal.cases.models import Case
from portal.identity.actor import Actor
from portal.journal import stream
from portal.kernel import tokens
from portal.kernel.db import db, read, write, write_many

FACTS = (
    "case_id", "no", "cycle", "archived_at", "retain_until", "quarter", "place", "current", "title", "customer_name",
    "contact", "level", "channel", "department_id", "intake_unit_id", "outcome", "request_type", "category", "rating",
    "readers",
)  # fmt: skip
ADDED = (
    f"INSERT INTO archived({', '.join(FACTS)}) VALUES({', '.join(':' + name for name in FACTS)})"
    " ON CONFLICT (quarter, place) DO NOTHING"
)
ALONE = f"{ADDED} RETURNING id"
SAID = "INSERT INTO archived_text(id, tokeniser, text) VALUES(:id, :tokeniser, :text)"
AMONG = "SELECT place FROM archived WHERE quarter = :quarter AND place IN (%s)"
TAKEN = "SELECT place FROM archived WHERE quarter = :quarter AND place >= :first AND place < :end"
STRETCH = 65_536  # places that are looked at ahead: an hour of a quarter


def file_case(case: Case, event: Closed, by: Actor, at: datetime) -> None:
    """Follows each closing; an older record of the same case gives way to the new one."""
    supersede(case.id)
    lines = stream.read(case.stream)
    open_quarter(quarter_of(at))
    (row_id,) = file([paper(case, lines, at)])
    snapshots.keep(row_id, case, lines, at)


def refile(case: Case, event: Any, by: Actor, at: datetime) -> None:
    """Follows restricting a closed case and its end: the record is filed anew as it was, found by its readers alone."""
    row = db.session.scalar(select(Archived).where(Archived.case_id == case.id, Archived.current))
    if row is None:
        return
    lines = stream.read(case.stream)
    lines = lines[: closing(lines, row.cycle)]
    supersede(case.id)
    one = paper(rebuilt(lines, case.id), lines, row.archived_at)
    shut: dict[str, Any] = {"title": SHUT, "customer_name": SHUT, "contact": ""} if case.readers is not None else {}
    file([replace(one, readers=case.readers, **shut)])


def supersede(case_id: int) -> None:
    """Takes the present record of a case out of the index; the row itself stays."""
    query = select(Archived, ArchivedText).join(ArchivedText, ArchivedText.id == Archived.id)
    for row, body in db.session.execute(query.where(Archived.case_id == case_id, Archived.current)):
        if row.readers is None:
            store().remove(row.quarter, row.place, row_tokens(row, body.text))
        db.session.execute(update(Archived).where(Archived.id == row.id).values(current=False))


def file(papers: list[Paper]) -> list[int]:
    """Writes rows, texts and tokens of papers whose quarters have tables; returns their ids in the papers' order.

    Whoever gives the tokens with a paper files its numbers (blind.py) too.
    """
    db.session.flush()  # what the rows refer to stands in the store before them
    quarters: dict[str, list[Paper]] = {}
    for one in papers:
        quarters.setdefault(quarter_of(one.archived_at), []).append(one)
    ids: dict[int, int] = {}
    for quarter, group in quarters.items():
        group.sort(key=lambda one: one.archived_at)
        placed = _insert(quarter, group)
        bodies = [{"id": i, "tokeniser": tokens.VERSION, "text": one.text} for one, i, _ in placed]
        write_many(SAID, bodies)
        blind.index((i, one.text) for one, i, _ in placed if one.spelled is None)
        listed = [(one, place) for one, _, place in placed if one.readers is None]  # a restricted case is in no list
        store().add(quarter, [(place, one.spelled or _spelled(one)) for one, place in listed])
        ids |= {id(one): i for one, i, _ in placed}
    return [ids[id(one)] for one in papers]


def _spelled(one: Paper) -> str:
    return store().spelled(token_set(one, one.text))


def _insert(quarter: str, papers: list[Paper]) -> list[tuple[Paper, int, int]]:
    """Rows of one quarter, oldest first: each paper with its id and place.

    Where another transaction has taken a place meanwhile (PostgreSQL), the next one is taken.
    """
    if len(papers) == 1:  # which mostly finds the place of its second free
        (one,), place = papers, place_of(papers[0].archived_at)
        if made := write(ALONE, _row(one, quarter, place)):
            return [(one, made[0][0], place)]
    done, waiting = [], papers
    while waiting:
        places = list(free(quarter, [place_of(one.archived_at) for one in waiting]))
        write_many(ADDED, [_row(one, quarter, place) for one, place in zip(waiting, places, strict=True)])
        ids = _ids(quarter, places)
        found = [(one, place, ids.get(place)) for one, place in zip(waiting, places, strict=True)]
        done += [(one, row[0], place) for one, place, row in found if row and _same(row, one)]
        waiting = [one for one, _, row in found if not (row and _same(row, one))]
    return sorted(done, key=lambda filed: filed[2])


def free(quarter: str, wanted: list[int]) -> Iterator[int]:
    """For each ascending place that is wanted the next one nobody has, each given once.

    The wanted ones are asked for together; only where one of them is taken its neighbours are looked at.
    """
    asked = set(wanted)
    among = AMONG % ", ".join(map(str, asked))
    held = {row[0] for row in read(among, {"quarter": quarter})} if asked else set()
    taken: set[int] = set()
    known = last = -1
    for place in wanted:
        place = max(place, last + 1)
        while place in held or place not in asked:
            if place >= known:
                first, known = place, place + STRETCH
                taken = {row[0] for row in read(TAKEN, {"quarter": quarter, "first": first, "end": known})}
            if place not in taken:
                break
            place += 1
        last = place
        yield place


def _ids(quarter: str, places: list[int]) -> dict[int, tuple[Any, ...]]:
    listed = ", ".join(map(str, places))
    sql = f"SELECT place, id, case_id, cycle, no FROM archived WHERE quarter = :quarter AND place IN ({listed})"
    return {row[0]: row[1:] for row in read(sql, {"quarter": quarter})}


def _same(row: tuple[Any, ...], one: Paper) -> bool:
    return row[1:] == (one.case_id, one.cycle, one.no)


def _row(one: Paper, quarter: str, place: int) -> dict[str, Any]:
    at = one.archived_at
    return {name: getattr(one, name) for name in FACTS if hasattr(one, name)} | {
        "archived_at": int(at.timestamp()), "retain_until": int(retained_until(at).timestamp()),
        "readers": None if one.readers is None else json.dumps(one.readers),
        "quarter": quarter, "place": place, "current": True,
    }  # fmt: skip
