"""Filing closed cases: the row, its text and its tokens, all in the transaction of the closing (AR1)."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import insert, select, update

from portal.archive.models import Archived, ArchivedText
from portal.archive.rules import Paper, paper, quarter_of, retained_until, row_tokens
from portal.archive.stores import open_quarter, store
from portal.cases.events import Closed
from portal.cases.models import Case
from portal.identity.actor import Actor
from portal.journal import stream
from portal.kernel import tokens
from portal.kernel.db import db


def file_case(case: Case, event: Closed, by: Actor, at: datetime) -> None:
    """Follows each closing; an older record of the same case gives way to the new one."""
    supersede(case.id)
    one = paper(case, stream.read(case.stream), at)
    open_quarter(quarter_of(at))
    file([one])


def supersede(case_id: int) -> None:
    """Takes the present record of a case out of the index; the row itself stays."""
    query = select(Archived, ArchivedText).join(ArchivedText, ArchivedText.id == Archived.id)
    for row, body in db.session.execute(query.where(Archived.case_id == case_id, Archived.current)):
        store().remove(row.quarter, row.id, row_tokens(row, body.text))
        db.session.execute(update(Archived).where(Archived.id == row.id).values(current=False))


def file(papers: list[Paper]) -> list[int]:
    """Writes rows, texts and tokens of papers whose quarters have tables; returns their ids in order."""
    statement = insert(Archived).returning(Archived.id, sort_by_parameter_order=True)
    ids = list(db.session.scalars(statement, [_row(p) for p in papers]))
    bodies = [{"id": i, "tokeniser": tokens.VERSION, "text": p.text} for i, p in zip(ids, papers, strict=True)]
    db.session.execute(insert(ArchivedText), bodies)
    filed = zip(ids, papers, strict=True)
    for quarter, group in groupby(filed, key=lambda pair: quarter_of(pair[1].archived_at)):
        store().add(quarter, _tokens(group))
    return ids


def _row(one: Paper) -> dict[str, Any]:
    facts = asdict(one)
    del facts["text"]
    at = one.archived_at
    return facts | {"quarter": quarter_of(at), "retain_until": retained_until(at), "current": True}


def _tokens(filed: Iterable[tuple[int, Paper]]) -> Iterable[tuple[int, list[str]]]:
    for row, one in filed:
        yield row, row_tokens(one, one.text)
