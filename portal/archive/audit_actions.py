"""What an auditor does (RO8): draws a sample, ticks its sheets, writes findings; departments answer them."""

from datetime import datetime

from portal.archive import audit_rules as rules
from portal.archive import audits
from portal.archive.audit_models import Finding, Sample, SampleItem
from portal.archive.queries import record_by_no
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.journal import stream
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Missing
from portal.notices.tell import tell

STREAM = "audit"


def draw(actor: Actor, now: datetime, *, seed: str, size: str, since: datetime, until: datetime) -> Sample:
    """Draws a sample; the same seed over the same records gives the same cases, in every store. Raises Invalid."""
    allow(actor, "audit.sample")
    number, chosen = rules.size_of(size.strip()), rules.seed_of(seed)
    known = audits.numbers(since, until)
    if not known:
        raise Invalid("nothing_to_draw", field="since")
    made = Sample(seed=chosen, size=number, of=len(known), from_at=since, to_at=until, drawn_by=actor.id, drawn_at=now)
    db.session.add(made)
    db.session.flush()
    drawn = rules.draw(chosen, known, number)
    for place, no in enumerate(drawn, 1):
        db.session.add(SampleItem(sample_id=made.id, place=place, no=no, ticks={}, words=""))
    facts = {"sample": made.id, "seed": chosen, "size": number, "of": len(known), "drawn": drawn}
    stream.append(STREAM, "SampleDrawn", facts, by_id=actor.id, at=now)
    return made


def tick(actor: Actor, now: datetime, sample_id: int, place: int, *, ticks: dict[str, str], words: str) -> SampleItem:
    """Fills in the sheet of one record; once more corrects it, the journal keeps both. Raises Invalid."""
    allow(actor, "audit.sample")
    item = db.session.get(SampleItem, (sample_id, place), with_for_update=True)
    if item is None:
        raise Missing("not_found")
    item.ticks, item.words = rules.ticks_of(ticks), words.strip()
    item.checked_by, item.checked_at = actor.id, now
    facts = {"sample": sample_id, "no": item.no, "ticks": item.ticks, "words": item.words}
    stream.append(STREAM, "SheetTicked", facts, by_id=actor.id, at=now)
    return item


def write(
    actor: Actor, now: datetime, *, text: str, unit_id: int, no: str = "", sample_id: int | None = None
) -> Finding:
    """Writes a finding for a department, whose heads are told. Raises Invalid."""
    allow(actor, "audit.write")
    said = rules.said(text, "text")
    if unit_id not in {unit.id for unit in people.departments()}:
        raise Invalid("choose_unit", field="unit_id")
    if no.strip():
        try:
            no = record_by_no(actor, no).no
        except Missing as error:
            raise Invalid("no_such_record", field="no", no=no.strip()[:20]) from error
    made = Finding(
        state="open", no=no.strip(), sample_id=sample_id, unit_id=unit_id, text=said, written_by=actor.id,
        written_at=now, answer="",
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    stream.append(f"finding:{made.id}", "Written", {"text": said, "unit_id": unit_id, "no": no}, by_id=actor.id, at=now)
    heads = {*people.holders("head", {unit_id}), *people.holders("quality")}
    _tell(heads - {actor.id}, "finding_written", made, now)
    return made


def answer(actor: Actor, now: datetime, finding_id: int, *, text: str) -> Finding:
    """The department answers; the auditor is told. Raises Invalid, Refused."""
    found = audits.finding(actor, finding_id)
    allow(actor, "audit.answer", found)
    rules.answerable(found)
    found.answer, found.answered_by, found.answered_at = rules.said(text, "answer"), actor.id, now
    found.state = "answered"
    stream.append(f"finding:{found.id}", "Answered", {"text": found.answer}, by_id=actor.id, at=now)
    _tell({found.written_by}, "finding_answered", found, now)
    return found


def close(actor: Actor, now: datetime, finding_id: int) -> Finding:
    """The auditor is content with the answer. Raises Refused without one."""
    allow(actor, "audit.write")
    found = audits.finding(actor, finding_id)
    rules.closable(found)
    found.state, found.closed_at = "closed", now
    stream.append(f"finding:{found.id}", "FindingClosed", {}, by_id=actor.id, at=now)
    return found


def _tell(who: set[int], kind: str, found: Finding, now: datetime) -> None:
    key = f"{kind}:{found.id}:{int(now.timestamp())}"
    tell(who, kind, subject=f"finding:{found.id}", key=key, facts={"no": found.code}, now=now)
