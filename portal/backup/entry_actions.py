"""补录: what was taken down on paper or offline becomes a case with its true times, and a second person checks it."""

from datetime import UTC, datetime
from typing import NamedTuple

from portal.backup import actions, queries, rules
from portal.backup.models import BackEntry
from portal.cases.back_entry import source_of
from portal.cases.models import Case
from portal.cases.submissions import made_by
from portal.identity.actor import SYSTEM, Actor
from portal.identity.policy import allow, may
from portal.intake import vague_words
from portal.intake.actions import Request, take
from portal.intake.rules import missing
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.errors import Forbidden, Invalid, Refused


class Paper(NamedTuple):
    """What stands on a sheet: who heard it when, the four elements; `lacking`: the paper says no more."""

    serial: str
    heard: datetime
    heard_by: str
    contact: str
    customer_name: str
    description: str
    demand: str
    occurred: str
    lacking: bool = False


def enter(actor: Actor, now: datetime, paper: Paper, *, key: str = "") -> Case | None:
    """A sheet becomes a case: its clocks run from when it was heard, its number is used. Raises Invalid at the field.

    Four elements are asked for as in every intake, unless the paper says no more; then the case waits for completion.
    A sheet of a drill is looked at in the same way and accounted for, but makes no case: None.
    """
    allow(actor, "case.log")
    known = made_by(key)
    if known:
        return db.session.get_one(Case, known)
    rules.heard(paper.heard, now)
    found = queries.sheet(paper.serial)
    rules.usable(found)
    if queries.of_drill(found):
        _whole(paper)
        actions.practise(actor, now, paper.serial)
        return None
    request = _request(paper.serial, paper.heard, paper._asdict(), machine=paper.lacking)
    case = take(actor, now, request, key=key)
    sheet = actions.use(actor, now, paper.serial, case.no)
    _keep(actor, now, case, "paper", sheet.serial, paper.occurred, paper.heard, paper.heard_by, sheet.incident_id)
    return case


def _whole(paper: Paper) -> None:
    """Raises Invalid naming each of the four elements that a practised entry lacks."""
    lacking = missing(
        customer=paper.contact or paper.customer_name, problem=paper.description, time=paper.occurred,
        demand=paper.demand, overruled=paper.lacking, words=vague_words.in_force(),
    )  # fmt: skip
    if lacking and not paper.lacking:
        raise Invalid("elements_missing", field="elements", missing=lacking)


def take_in(actor: Actor, now: datetime, one: rules.Typed, means: str) -> Case | None:
    """An entry of the offline form becomes a case, once for its key; vague ones wait for completion (IN3).

    A clock of the other machine that runs ahead is held back to now. A number that is not free is only written down.
    """
    allow(actor, "backup.note")
    key = f"offline:{one.key}"
    known = made_by(key)
    if known:
        return db.session.get_one(Case, known)
    said, heard_at = one.texts, min(datetime.fromtimestamp(one.heard, UTC), now)
    serial = rules.tidy(said["serial"])
    sheet = queries.sheet(serial) if serial else None
    free = sheet is not None and sheet.state in ("stock", "out", "missing")
    if queries.of_drill(sheet):
        if free:
            actions.practise(actor, now, serial)
        return None
    who = actor if may(actor, "case.log") else SYSTEM
    case = take(who, now, _request(serial or "offline", heard_at, said, machine=True), key=key)
    if free:
        actions.use(actor, now, serial, case.no)
    incident = sheet.incident_id if sheet is not None else None
    _keep(actor, now, case, means, serial, said["occurred"], heard_at, said["heard_by"] or actor.name, incident)
    return case


def _request(serial: str, heard: datetime, said: dict[str, str], *, machine: bool) -> Request:
    return Request(
        channel="backup", contact=said["contact"], customer_name=said["customer_name"],
        description=said["description"], demand=said["demand"], happened=said["occurred"], received=heard,
        source=source_of(serial), machine=machine,
    )  # fmt: skip


def _keep(
    actor: Actor, now: datetime, case: Case, means: str, serial: str, occurred: str, heard: datetime, heard_by: str,
    incident_id: int | None,
) -> None:  # fmt: skip
    entry = BackEntry(
        case_id=case.id, case_no=case.no, serial=serial, means=means, occurred=occurred.strip()[:120], heard_at=heard,
        heard_by=heard_by.strip()[:80], entered_at=now, entered_by=actor.id, incident_id=incident_id, words="",
    )  # fmt: skip
    db.session.add(entry)
    feed.touch("backup", 0)
    facts = {"case": case.no, "serial": serial, "means": means, "heard": int(heard.timestamp())}
    stream.append("backup", "EnteredAfterwards", facts, by_id=actor.id, at=now, occurred_at=heard)


def check(actor: Actor, now: datetime, entry: BackEntry, *, agrees: bool, words: str = "") -> None:
    """A second person holds the case against the paper. Raises Forbidden for whoever entered it."""
    allow(actor, "backup.check")
    if actor.id == entry.entered_by:
        raise Forbidden("check_own_entry")
    if entry.checked_at and entry.agrees:
        raise Refused("entry_checked")
    if not agrees and not words.strip():
        raise Invalid("sheet_words", field="words")
    entry.checked_at, entry.checked_by, entry.agrees, entry.words = now, actor.id, agrees, words.strip()[:400]
    feed.touch("backup", 0)
    facts = {"case": entry.case_no, "agrees": agrees, "words": entry.words}
    stream.append("backup", "EntryChecked", facts, by_id=actor.id, at=now)
