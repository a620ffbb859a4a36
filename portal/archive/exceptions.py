"""What an auditor looks at first (AR4): looks and entries that are allowed and still ask for a question.

Reveals without a case, many records in a day, looks at night, levels lowered late or set otherwise than proposed or
judged before, cases accepted although incomplete, late and back entries, requests completed late, and what a commander
corrected in the journal of an incident under his own command. All of a stretch of days.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.journal import seals
from portal.kernel.db import read
from portal.kernel.i18n import local, span
from portal.kernel.lists import spread
from portal.kernel.masking import hidden

MASS = 100  # [H] records of one person in one day
NIGHT = (22, 6)  # [H] local hours
LATE = 600  # seconds between what happened and its entry
MOST = 300
DAY = 86_400
REVEALS = (
    "SELECT id, person_id, no, query, at FROM archive_access WHERE at >= :since AND at < :until AND what = 'reveal'"
    " AND no LIKE :customers AND query NOT LIKE :linked ORDER BY id DESC LIMIT :most"
)
MANY = (
    "SELECT person_id, (at + :zone) / 86400 AS day, count(DISTINCT no) FROM archive_access WHERE at >= :since"
    " AND at < :until AND no <> '' GROUP BY person_id, (at + :zone) / 86400 HAVING count(DISTINCT no) > :mass"
    " ORDER BY 2 DESC LIMIT :most"
)
NIGHTS = (
    "SELECT person_id, (at + :zone - :early) / 86400 AS day, count(*), min(at) FROM archive_access WHERE at >= :since"
    " AND at < :until AND (at + :zone - (at + :zone) / 86400 * 86400 >= :late"
    " OR at + :zone - (at + :zone) / 86400 * 86400 < :early)"
    " GROUP BY person_id, (at + :zone - :early) / 86400 ORDER BY 2 DESC LIMIT :most"
)
ENTRIES = (
    "SELECT j.stream, j.n, j.at, j.occurred_at, j.by_id, j.kind, b.facts FROM journal j"
    " JOIN journal_body b ON b.journal_id = j.id WHERE j.id > :after AND j.at >= :since AND j.at < :until"
    " AND (j.kind IN ('Judged', 'Corrected', 'DisputeSettled', 'Logged', 'Completed') OR j.occurred_at IS NOT NULL)"
    " ORDER BY j.id"
)
COMMANDERS = "SELECT id, no, commander_id FROM incident"
CASES = "SELECT id, no, restricted IS NOT NULL FROM cases WHERE id IN ({})"
ENTERED_LATE = (
    "SELECT case_id, started_at, stopped_at FROM clock WHERE kind = 'entry' AND outcome = 'missed'"
    " AND stopped_at IS NOT NULL AND case_id IN ({})"
)
PROPOSED = (
    "SELECT j.stream, b.facts FROM journal j JOIN journal_body b ON b.journal_id = j.id"
    " WHERE j.kind = 'Logged' AND j.n = 1 AND j.stream IN ({})"
)
PIECE = 500  # journals asked for at once


class Odd(NamedTuple):
    """One line of the list: kind, who, when (epoch seconds), about what (a number), and a fact."""

    kind: str
    who: int
    at: int
    no: str
    said: str = ""


class Listed(NamedTuple):
    """One line as it is read."""

    kind: str
    name: str
    at: int
    no: str
    said: str


def found(actor: Actor, since: datetime, until: datetime, kind: str = "") -> list[Listed]:
    """All exceptions between two instants, or those of one kind, the newest first."""
    allow(actor, "archive.access")
    names = people.names()
    lines = [*_looks(since, until), *_entries(since, until)]
    wanted = sorted((one for one in lines if kind in ("", one.kind)), key=lambda one: -one.at)
    return [Listed(one.kind, names.get(one.who, ""), one.at, one.no, one.said) for one in wanted[:MOST]]


KINDS = ("reveal", "mass", "night", "lowered", "overruled", "accepted", "late", "back", "own_timeline")


def _looks(since: datetime, until: datetime) -> Iterator[Odd]:
    """Those that the access log shows."""
    offset = local(since).utcoffset() or timedelta(0)
    zone = int(offset.total_seconds())
    asked = {"since": int(since.timestamp()), "until": int(until.timestamp()), "most": MOST}
    for _id, who, no, query, at in read(REVEALS, asked | {"customers": "KH%", "linked": "% CS%"}):
        yield Odd("reveal", who, at, no, query)
    for who, day, number in read(MANY, asked | {"zone": zone, "mass": MASS}):
        yield Odd("mass", who, day * DAY - zone + DAY - 1, "", str(number))
    hours = {"late": NIGHT[0] * 3600, "early": NIGHT[1] * 3600}
    for who, _day, number, at in read(NIGHTS, asked | hours | {"zone": zone}):
        yield Odd("night", who, at, "", str(number))


def _entries(since: datetime, until: datetime) -> Iterator[Odd]:
    """Those that the journals show; entries behind the last seal before the stretch are looked at."""
    begin = seals.newest_at(int(since.timestamp()))
    asked = {"since": int(since.timestamp()), "until": int(until.timestamp()), "after": begin.last_id if begin else 0}
    commanders = {f"incident:{row[0]}": (row[1], row[2]) for row in read(COMMANDERS, {})}
    entries = [(*row[:-1], _facts(row[-1])) for row in read(ENTRIES, asked)]
    proposed = _proposed(entries)
    lines: list[tuple[str, Odd]] = []
    completed: dict[tuple[str, int], int] = {}
    for stream, _n, at, occurred, who, kind, facts in entries:
        room = stream.partition(":")[0]
        if room == "incident":
            no, commander = commanders.get(stream, ("", None))
            if kind == "Corrected" and who == commander:
                yield Odd("own_timeline", who, at, no)
        elif room == "case":
            before = str(facts.get("previous") or proposed.get(stream, "")) if kind == "Judged" else ""
            lines += [(stream, one) for one in _of_case(kind, at, occurred, who, facts, before)]
            if kind == "Completed":
                completed[stream, at] = who
    lines += _completed_late(completed)
    numbers = _numbers({stream for stream, _ in lines})
    for stream, one in lines:
        no, shut = numbers.get(stream, ("", False))
        yield one._replace(no=no, said="" if shut else hidden(one.said))


def _facts(raw: Any) -> dict[str, Any]:
    return dict(json.loads(raw)) if isinstance(raw, str) else dict(raw)


def _proposed(entries: list[tuple[Any, ...]]) -> dict[str, str]:
    """The level proposed when a case was taken down, of cases that were judged for the first time in these days."""
    found = {stream: facts.get("proposed_level", "") for stream, *_, kind, facts in entries if kind == "Logged"}
    judged = {stream for stream, *_, kind, facts in entries if kind == "Judged" and not facts.get("previous")}
    before = sorted(judged - found.keys())  # taken down before these days
    for start in range(0, len(before), PIECE):
        marks, names = spread("s", before[start : start + PIECE])
        rows = read(PROPOSED.format(marks), names)
        found |= {stream: _facts(raw).get("proposed_level", "") for stream, raw in rows}
    return found


def _of_case(
    kind: str, at: int, occurred: int | None, who: int, facts: dict[str, Any], before: str = ""
) -> Iterator[Odd]:
    if kind in ("Logged", "Completed") and facts.get("overruled"):
        yield Odd("accepted", who, at, "", str(facts["overruled"])[:80])
    if kind == "DisputeSettled" and facts["level"] != facts["previous"]:
        yield Odd("overruled", who, at, "", f"{facts['previous']} → {facts['level']}")
    if kind == "Judged" and before and before != facts["level"]:
        if facts.get("last_quarter"):
            yield Odd("lowered", who, at, "", f"{before} → {facts['level']}")
        elif facts.get("basis") != "changed":
            yield Odd("overruled", who, at, "", f"{before} → {facts['level']}")
    if kind == "Logged" and at - facts["received"] > LATE:
        yield Odd("back", who, at, "", span(timedelta(seconds=at - facts["received"])))
    elif occurred is not None and at - occurred > LATE:
        yield Odd("late", who, at, "", span(timedelta(seconds=at - occurred)))


def _completed_late(completed: dict[tuple[str, int], int]) -> Iterator[tuple[str, Odd]]:
    """Of those completed (journal, when: by whom), the ones whose clock of entry ended late with it (IN4)."""
    ids = sorted({int(stream.partition(":")[2]) for stream, _at in completed})
    for case, started, stopped in read(ENTERED_LATE.format(",".join(map(str, ids))), {}) if ids else []:
        who = completed.get((f"case:{case}", stopped))
        if who is not None:
            yield f"case:{case}", Odd("late", who, stopped, "", span(timedelta(seconds=stopped - started)))


def _numbers(streams: set[str]) -> dict[str, tuple[str, bool]]:
    """The numbers of cases by their journals, and whether the case is its named readers' alone."""
    ids = sorted(int(stream.partition(":")[2]) for stream in streams)
    rows = read(CASES.format(",".join(map(str, ids))), {}) if ids else []
    return {f"case:{row[0]}": (row[1], bool(row[2])) for row in rows}
