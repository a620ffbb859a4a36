"""What a person says about their own figures: that they were read, that a miss is not theirs; and the answer."""

from datetime import datetime

from sqlalchemy import select

from portal.cases.models import Case
from portal.clocks.models import Clock
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.journal import stream
from portal.kernel.db import db
from portal.kernel.errors import Forbidden, Invalid, Missing, Refused
from portal.notices.tell import tell
from portal.reports.models import FiguresRead, Objection

LEAST_WORDS = 8
LONGEST = 1000


def _words(text: str, field: str) -> str:
    found = text.strip()
    if len(found) < LEAST_WORDS or len(found) > LONGEST:
        raise Invalid("objection_words", field=field, least=LEAST_WORDS, most=LONGEST)
    return found


def note_read(actor: Actor, now: datetime, period: str) -> None:
    """The person has read their own figures of a month that is over; a second time changes nothing."""
    allow(actor, "figure.own")
    mine = (FiguresRead.person_id == actor.id) & (FiguresRead.period == period)
    if db.session.scalar(select(FiguresRead.id).where(mine)) is None:
        db.session.add(FiguresRead(person_id=actor.id, period=period, at=now))
        stream.append(f"figures:{actor.id}", "FiguresRead", {"period": period}, by_id=actor.id, at=now)


def object_to(actor: Actor, now: datetime, clock_id: int, words: str) -> Objection:
    """Says why a missed limit is not the person's; once for a limit. Raises Refused for one that was not missed.

    Raises Missing for a limit of a case that is not theirs, Invalid for too few words.
    """
    allow(actor, "figure.own")
    said = _words(words, "words")
    row = db.session.execute(
        select(Clock, Case).join(Case, Case.id == Clock.case_id).where(Clock.id == clock_id)
    ).first()
    if row is None or (row[1].owner_id or row[1].agent_id) != actor.id:
        raise Missing("not_found")
    clock, case = row
    if clock.outcome != "missed" and not (clock.outcome == "running" and clock.effective_due < now):
        raise Refused("limit_not_missed")
    mine = (Objection.person_id == actor.id) & (Objection.clock_id == clock_id)
    known = db.session.scalar(select(Objection).where(mine).with_for_update())
    if known is not None:
        return known
    found = Objection(person_id=actor.id, clock_id=clock_id, words=said, answer="", at=now)
    db.session.add(found)
    db.session.flush()
    facts = {"clock": clock_id, "case": case.id, "words": said}
    stream.append(f"figures:{actor.id}", "Objected", facts, by_id=actor.id, at=now)
    tell(
        people.holders("quality"), "objected", subject=f"case:{case.id}", key=f"objection:{found.id}", now=now,
        facts={"no": case.no, "title": case.title, "clock": clock.kind},
    )  # fmt: skip
    return found


def answer(actor: Actor, now: datetime, objection_id: int, *, accepted: bool, words: str) -> Objection:
    """Accepts an objection or not, with the reason; never one's own, and once. The verdict of the limit stays."""
    allow(actor, "figure.answer")
    said = _words(words, "answer")
    found = db.session.get(Objection, objection_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise Missing("not_found")
    if found.person_id == actor.id:
        raise Forbidden("not_allowed", verb="figure.answer")
    if found.answered_at is not None:
        raise Refused("objection_answered")
    found.accepted, found.answer, found.answered_by, found.answered_at = accepted, said, actor.id, now
    facts = {"objection": found.id, "accepted": accepted, "words": said}
    stream.append(f"figures:{found.person_id}", "ObjectionAnswered", facts, by_id=actor.id, at=now)
    clock = db.session.get_one(Clock, found.clock_id)
    case = db.session.get_one(Case, clock.case_id)
    tell(
        [found.person_id], "objection_answered", subject=f"case:{case.id}", key=f"answered:{found.id}", now=now,
        facts={"no": case.no, "title": case.title, "clock": clock.kind},
    )  # fmt: skip
    return found
