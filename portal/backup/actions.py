"""What staff do with numbered sheets: print a block, hand it out for an incident, say what became of each number.

Each deed is an entry of the journal `paper:<unit>`.
"""

from datetime import datetime

from portal.backup import queries, rules
from portal.backup.models import DutyPhone, PaperBlock, PaperSheet
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Refused
from portal.notices.tell import tell


def issue(actor: Actor, now: datetime, *, unit_id: int, count: int, key: str = "") -> PaperBlock:
    """A new block of numbered sheets for a department; the form's key makes a second post find the first one's."""
    allow(actor, "backup.paper", PaperBlock(unit_id=unit_id))
    known = queries.block_made_by(key)
    if known is not None:
        return known
    if not 1 <= count <= rules.MOST_SHEETS:
        raise Invalid("sheets_count", field="count", most=rules.MOST_SHEETS)
    code = next((u.code for u in people.units() if u.id == unit_id), "")
    start = queries.next_numbers(unit_id, count)
    numbers = [rules.serial_of(code, n) for n in range(start, start + count)]
    block = PaperBlock(unit_id=unit_id, first=numbers[0], last=numbers[-1], by_id=actor.id, at=now, key=key or None)
    db.session.add(block)
    db.session.flush()
    for n, serial in enumerate(numbers, start=start):
        db.session.add(PaperSheet(serial=serial, block_id=block.id, n=n, state="stock", case_no="", words=""))
    return _kept(block, "BlockIssued", actor, now, first=block.first, last=block.last)


def hand_out(actor: Actor, now: datetime, block: PaperBlock, *, incident_id: int) -> int:
    """The block is in use for an incident: from now on each of its numbers has to be accounted for (how many)."""
    allow(actor, "backup.paper", block)
    if incident_id not in {i for i, _words in queries.running()}:
        raise Invalid("not_on_scale", field="incident")
    left = [one for one in queries.sheets(block.id) if one.state == "stock"]
    if not left:
        raise Refused("block_empty", first=block.first)
    block.incident_id, block.opened_at, block.counted_at = incident_id, now, None
    for one in left:
        one.state, one.incident_id, one.told_next = "out", incident_id, now + rules.CHASE_EVERY
    _kept(block, "BlockHandedOut", actor, now, incident=incident_id, sheets=len(left))
    return len(left)


def count(actor: Actor, now: datetime, block: PaperBlock, *, unused: str = "") -> tuple[int, int]:
    """The block is counted: from the first unused number on back in stock, the rest that is out is missing.

    Returns (back in stock, missing). The missing are chased until somebody says what became of them.
    """
    allow(actor, "backup.paper", block)
    back, lost = rules.counted(queries.sheets(block.id), rules.tidy(unused))
    for one in back:
        one.state, one.incident_id, one.told_next = "stock", None, None
    for one in lost:
        _move(actor, now, one, "missing", "")
    block.counted_at = now
    _kept(block, "BlockCounted", actor, now, back=[s.serial for s in back], missing=[s.serial for s in lost])
    return len(back), len(lost)


def settle(actor: Actor, now: datetime, block: PaperBlock, *, serial: str, state: str, words: str) -> None:
    """Says what became of one number: void (spoilt, lost for good), missing, or found again; with the reason."""
    allow(actor, "backup.paper", block)
    sheet = queries.sheet(serial, lock=True)
    if sheet is None or sheet.block_id != block.id:
        raise Invalid("no_such_paper", field="serial")
    said = rules.may_move(sheet, state, words)
    _move(actor, now, sheet, state, said)
    _kept(block, "SheetSettled", actor, now, serial=sheet.serial, state=state, words=said)


def _move(actor: Actor, now: datetime, sheet: PaperSheet, state: str, words: str) -> None:
    sheet.state, sheet.words, sheet.by_id, sheet.at = state, words, actor.id, now
    sheet.told_next = now + rules.CHASE_EVERY if state in ("missing", "out") else None


def use(actor: Actor, now: datetime, serial: str, case_no: str) -> PaperSheet:
    """A sheet became a case; its number is accounted for. Raises Invalid at the serial."""
    allow(actor, "backup.note")
    sheet = queries.sheet(serial, lock=True)
    rules.usable(sheet)
    assert sheet is not None
    _move(actor, now, sheet, "used", "")
    sheet.case_no = case_no
    _kept(queries.block(sheet.block_id), "SheetUsed", actor, now, serial=sheet.serial, case=case_no)
    return sheet


def practise(actor: Actor, now: datetime, serial: str) -> None:
    """A sheet of a drill was entered as it would be in earnest: its number is accounted for, no case is made."""
    allow(actor, "backup.note")
    sheet = queries.sheet(serial, lock=True)
    rules.usable(sheet)
    assert sheet is not None
    _move(actor, now, sheet, "used", "")
    sheet.case_no = queries.incident_no(sheet.incident_id)
    _kept(queries.block(sheet.block_id), "SheetPractised", actor, now, serial=sheet.serial)


def chase(actor: Actor, now: datetime, unit_id: int, serials: list[str]) -> int:
    """Missing sheets of a department are chased with its heads, or the supervisors where it has none."""
    allow(actor, "backup.paper", PaperBlock(unit_id=unit_id))
    heads = people.holders("head", {unit_id}) or people.holders("supervisor")
    facts = {"title": f"{serials[0]} …" if len(serials) > 1 else serials[0], "count": len(serials)}
    return tell(
        heads, "sheets_missing", subject="backup", key=f"sheets:{unit_id}:{int(now.timestamp())}", facts=facts, now=now
    )


def set_phone(actor: Actor, now: datetime, *, person_id: int, phone: str) -> None:
    """The number under which somebody is reached in an emergency; empty takes it out."""
    allow(actor, "backup.kit")
    person = people.person(person_id)
    row = db.session.query(DutyPhone).filter_by(person_id=person.id).one_or_none()
    said = " ".join(phone.split())[:40]
    if said and not any(sign.isdigit() for sign in said):
        raise Invalid("phone_needs_digits", field="phone")
    if row is None and said:
        db.session.add(DutyPhone(person_id=person.id, phone=said, by_id=actor.id, at=now))
    elif row is not None and said:
        row.phone, row.by_id, row.at = said, actor.id, now
    elif row is not None:
        db.session.delete(row)
    stream.append("config:phones", "PhoneSet", {"person": person.id, "set": bool(said)}, by_id=actor.id, at=now)


def _kept(block: PaperBlock, kind: str, actor: Actor, now: datetime, **facts: object) -> PaperBlock:
    stream.append(f"paper:{block.unit_id}", kind, {"block": block.id} | facts, by_id=actor.id, at=now)
    if block.incident_id:
        feed.touch(f"incident:{block.incident_id}", block.incident_id)
    return block
