"""What proposes now: the rules and the score in force, kept in memory of each process until a version is added."""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import func, select

from portal.cases.rules import LEADS_OF_TYPE
from portal.kernel import feed
from portal.kernel.db import db
from portal.proposals import rules
from portal.proposals.documents import rules_of
from portal.proposals.models import ProposalVersion
from portal.proposals.rules import Proposal, Rule
from portal.proposals.score import Score, guessed, score_of

TOPIC = "proposals"
SHIPPED = Path(__file__).parent / "data" / "rules_v1.toml"
_kept: dict[str, Any] = {}


class Book(NamedTuple):
    """The rules and the score in force with their versions (0 = none)."""

    rules: tuple[Rule, ...]
    rules_version: int
    score: Score | None
    score_version: int


def shipped() -> dict[str, Any]:
    """The rules that a new installation starts with, as a document."""
    return tomllib.loads(SHIPPED.read_text(encoding="utf-8"))


def in_force() -> Book:
    """What proposes now; read again when a version was added."""
    key = (str(db.engine.url), feed.version(TOPIC))
    if _kept.get("key") != key:
        held = {kind: newest(kind) for kind in ("rules", "score")}
        table, learnt = held["rules"], held["score"]
        _kept["book"] = Book(
            rules_of(table.data) if table else (), table.version if table else 0,
            score_of(learnt.data) if learnt else None, learnt.version if learnt else 0,
        )  # fmt: skip
        _kept["key"] = key
    found: Book = _kept["book"]
    return found


def newest(kind: str) -> ProposalVersion | None:
    """The version of a kind that is in force."""
    held = (ProposalVersion.kind == kind, ProposalVersion.state == "effective")
    return db.session.scalar(select(ProposalVersion).where(*held).order_by(ProposalVersion.version.desc()).limit(1))


def propose(text: str, urgency: str = "normal", book: Book | None = None) -> Proposal:
    """What is proposed for a text by what is in force, or by another book."""
    book = book or in_force()
    scored: Mapping[str, rules.Scored] = guessed(book.score, text) if book.score else {}
    versions = (book.rules_version, book.score_version)
    return rules.propose(text, book.rules, urgency=urgency, scored=scored, leads=LEADS_OF_TYPE, versions=versions)


def seed(since: datetime) -> None:
    """Puts the shipped rules into a store that has none, in force from `since`. Call inside transaction()."""
    if db.session.scalar(select(func.count()).select_from(ProposalVersion)):
        return
    row = ProposalVersion(kind="rules", version=1, state="effective", since=since, at=since, data=shipped())
    db.session.add(row)
    db.session.flush()
    feed.touch(TOPIC, 0)


def seeded() -> bool:
    """Whether the store has rules."""
    return bool(db.session.scalar(select(ProposalVersion.id).limit(1)))


def forget() -> None:
    """Empties the memory (tests that change stores under one address)."""
    _kept.clear()
