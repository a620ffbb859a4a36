"""Reading versions of what proposes, and how often proposals were overruled."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.identity import queries as people
from portal.journal.models import Body, Entry
from portal.kernel.db import db, read
from portal.kernel.errors import Missing
from portal.kernel.i18n import locale
from portal.proposals import book
from portal.proposals.models import ProposalVersion
from portal.proposals.rules import FIELDS

LOOKED_AT = 500  # the last decided cases from which the share overruled is counted
DECIDED = (
    "SELECT c.id, c.description, c.symptom, c.request_type, c.category, c.level, u.code FROM cases c"
    " JOIN unit u ON u.id = c.unit_id WHERE c.judged_at IS NOT NULL AND c.state NOT IN ('void', 'merged')"
    " ORDER BY c.judged_at DESC, c.id DESC LIMIT :most"
)


class Decided(NamedTuple):
    """A case whose level was judged: its text, and by field what was decided in the end."""

    id: int
    text: str
    values: dict[str, str]


class Overruled(NamedTuple):
    """Of the proposals of one version in one field: how many, how many decided otherwise. `by`: rules or score."""

    by: str
    version: int
    field: str
    proposed: int
    overruled: int


def versions(kind: str) -> list[ProposalVersion]:
    """All versions of a kind, the newest first."""
    of_kind = ProposalVersion.kind == kind
    return list(db.session.scalars(select(ProposalVersion).where(of_kind).order_by(ProposalVersion.version.desc())))


def version(number: int, kind: str = "rules", *, lock: bool = False) -> ProposalVersion:
    """One version; `lock` keeps other writers away until the transaction ends. Raises Missing."""
    query = select(ProposalVersion).where(ProposalVersion.kind == kind, ProposalVersion.version == number)
    found = db.session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise Missing("no_such_rules", version=number)
    return found


def newest_rules() -> ProposalVersion:
    """The rules in force. Raises Missing."""
    return book.newest("rules") or version(0)


def names(ids: set[int]) -> dict[int, str]:
    """Names of people by id."""
    return {person.id: person.name for person, _held in people.people() if person.id in ids}


def departments() -> dict[str, str]:
    """Departments by code, with their names."""
    english = locale() == "en"
    return {u.code: (u.name_en or u.name) if english else u.name for u in people.departments()}


def decided(most: int) -> list[Decided]:
    """The cases decided last, the newest first; void and merged ones decide nothing."""
    rows = read(DECIDED, {"most": most})
    return [Decided(r[0], f"{r[1]} {r[2]}", dict(zip(FIELDS, r[3:7], strict=True))) for r in rows]


def decided_since(at: datetime | None, most: int) -> int:
    """How many cases were judged after an instant (None: ever); counting stops at `most`."""
    values = {"at": int(at.timestamp()) if at else -1, "most": most}
    return len(read("SELECT id FROM cases WHERE judged_at > :at LIMIT :most", values))


def overruled() -> list[Overruled]:
    """Of the last decided cases, by version and field: what rules or score had proposed, and how much was overruled."""
    cases = decided(LOOKED_AT)
    counts: dict[tuple[str, int, str], list[int]] = {}
    proposed = _proposed([case.id for case in cases])
    for case in cases:
        for by, number, field, value in _said(proposed.get(case.id)):
            tally = counts.setdefault((by, number, field), [0, 0])
            tally[0] += 1
            tally[1] += value != case.values[field]
    order = sorted(counts, key=lambda key: (key[0], -key[1], FIELDS.index(key[2])))
    return [Overruled(*key, *counts[key]) for key in order]


def _said(kept: Mapping[str, Any] | None) -> Iterator[tuple[str, int, str, str]]:
    """(rules or score, version, field, value) of what was proposed; defaults and urgency propose nothing."""
    for field, (value, by) in (kept or {}).get("fields", {}).items():
        if by in ("rule", "type", "score"):
            side = "score" if by == "score" else "rules"
            yield side, (kept or {}).get(side, 0), field, value


def _proposed(ids: list[int]) -> dict[int, Mapping[str, Any]]:
    """What was proposed for these cases when they were logged, by case."""
    query = (
        select(Entry.stream, Body.facts)
        .join(Body, Body.journal_id == Entry.id)
        .where(Entry.stream.in_([f"case:{one}" for one in ids]), Entry.n == 1)
    )
    found = ((int(name.split(":")[1]), facts or {}) for name, facts in db.session.execute(query))
    return {number: facts["proposal"] for number, facts in found if facts.get("proposal")}
