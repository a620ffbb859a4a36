"""Who is at a case right now (QU8): told softly, names only, nothing locked, forgotten after a minute.

A browser signs every 25 seconds; each process writes a sign at most every 20 seconds a person and case, and reads them
all at most every three seconds, when somebody asks. No queue's version moves; an unchanged screen costs no query.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zlib import crc32

from flask import current_app

from portal.desk.views import View
from portal.identity.actor import Actor
from portal.identity.policy import scope
from portal.kernel.db import note, read

LASTS = 60  # seconds after the last sign
SIGN_EVERY, LOOK_EVERY = 20, 3
DOINGS = ("look", "edit")
SIGN = (
    "INSERT INTO presence(case_id, person_id, name, doing, at) VALUES(:case, :me, :name, :doing, :at)"
    " ON CONFLICT(case_id, person_id) DO UPDATE SET doing = excluded.doing, name = excluded.name, at = excluded.at"
)
LOOK = (
    "SELECT p.case_id, p.person_id, p.name, p.doing, c.unit_id, c.intake_unit_id FROM presence p"
    " JOIN cases c ON c.id = p.case_id WHERE p.at > :since ORDER BY p.case_id, p.doing, p.person_id"
)


class Here(NamedTuple):
    """Somebody at a case; doing is look or edit."""

    case_id: int
    person_id: int
    name: str
    doing: str
    unit_id: int
    intake_unit_id: int


@dataclass
class Watch:
    """What one process knows: the people at each case, a mark of each department's, and what it has written itself."""

    looked: int = 0
    cases: dict[int, tuple[Here, ...]] = field(default_factory=dict)
    units: dict[int, int] = field(default_factory=dict)
    sent: dict[tuple[int, int], tuple[str, int]] = field(default_factory=dict)


def _watch(now: int) -> Watch:
    """The process's knowledge, at most three seconds old."""
    watch: Watch = current_app.extensions["presence"]
    if not fresh(watch, now):
        _look(watch, now)
    return watch


def fresh(watch: Watch, now: int) -> bool:
    """Whether the process's knowledge is young enough to be told as it is."""
    return 0 <= now - watch.looked < LOOK_EVERY


def _look(watch: Watch, now: int) -> None:
    cases: dict[int, tuple[Here, ...]] = {}
    units: dict[int, int] = {}
    for row in read(LOOK, {"since": now - LASTS}):
        one = Here._make(row)
        cases[one.case_id] = (*cases.get(one.case_id, ()), one)
        units[one.unit_id] = crc32(repr(one[:4]).encode(), units.get(one.unit_id, 0))
    watch.looked, watch.cases, watch.units = now, cases, units


def sign(actor: Actor, now: int, case_id: int, doing: str) -> None:
    """Somebody looks at a case, writes on it, or (any other word) has gone. Opens its own small write."""
    watch: Watch = current_app.extensions["presence"]
    key, last = (case_id, actor.id), watch.sent.get((case_id, actor.id))
    if doing in DOINGS and last and last[0] == doing and 0 <= now - last[1] < SIGN_EVERY:
        return
    at = now if doing in DOINGS else 0
    note(SIGN, {"case": case_id, "me": actor.id, "name": actor.name, "doing": doing[:8], "at": at})
    if len(watch.sent) > 5_000:
        watch.sent.clear()
    watch.sent[key] = (doing, now)
    watch.looked = 0


def gone(person_id: int) -> None:
    """Somebody has signed out: nowhere any more, at once. Opens its own small write."""
    watch: Watch = current_app.extensions["presence"]
    note("UPDATE presence SET at = 0 WHERE person_id = :me AND at > 0", {"me": person_id})
    watch.sent = {key: sent for key, sent in watch.sent.items() if key[1] != person_id}
    watch.looked = 0


def others(actor: Actor, now: int, case_id: int) -> list[Here]:
    """Who else is at a case."""
    return [one for one in _watch(now).cases.get(case_id, ()) if one.person_id != actor.id]


def in_view(view: View, now: int) -> list[Here]:
    """Who else is at the cases of a queue, as far as this person may see the cases."""
    units = scope(view.actor, "case.view")
    found: list[Here] = []
    for people in _watch(now).cases.values():
        ours = view.unit is None or people[0].unit_id == view.unit.id
        if ours and (units is None or units & {people[0].unit_id, people[0].intake_unit_id}):
            found += [one for one in people if one.person_id != view.actor.id]
    return found


def mark(now: int, unit_id: int | None) -> str:
    """Changes when somebody comes, goes or begins to write in a department (None: in any); empty where nobody is."""
    return mark_in(_watch(now), unit_id)


def mark_in(watch: Watch, unit_id: int | None) -> str:
    """The same by what the process knows."""
    units = watch.units
    if not units:
        return ""
    found = units.get(unit_id, 0) if unit_id else crc32(repr(units).encode())
    return f"{found:x}" if found else ""


def mark_of_case(now: int, case_id: int) -> str:
    """The same of one case."""
    people = _watch(now).cases.get(case_id)
    return f"{crc32(repr([one[:4] for one in people]).encode()):x}" if people else ""


def told(answer: Any, mark: str) -> Any:
    """The answer to a check with the mark; a screen that knows another one asks who it is."""
    if mark:
        answer.headers["X-Here"] = mark
    return answer
