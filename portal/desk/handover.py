"""What a hand-over sheet says of a department: pressing cases, promises for the next shift, who waits (DK2)."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from portal.cases.models import Case
from portal.clocks.models import Clock
from portal.identity import absences
from portal.identity import queries as people
from portal.incidents import queries as incidents
from portal.incidents.wiring import called
from portal.intake.models import Hotline, Voicemail
from portal.kernel.db import db
from portal.kernel.i18n import local
from portal.kernel.instants import epoch
from portal.notices import announcements
from portal.roster import handover_rules
from portal.roster import queries as roster
from portal.roster.models import HandOver

TAKES_DOWN, MOST_VOICEMAILS = "service", 100  # the department whose agents take voicemails down
PRESSING = ("P1", "P2")
NOTES_OF = timedelta(hours=24)
UNANSWERED = Case.inward_at.is_not(None) & (Case.contact_at.is_(None) | (Case.inward_at > Case.contact_at))


def until_of(unit_id: int, now: datetime) -> datetime:
    """How far the sheet looks: to the end of the shifts that begin within the next eight hours."""
    coming = roster.between(unit_id, now, now + handover_rules.NEXT_SHIFT)
    return handover_rules.covers(now, [shift.to_at for shift in coming])


def lines(unit_id: int, now: datetime, until: datetime) -> list[dict[str, Any]]:
    """One line a case with every reason why the next shift has to know it, the most pressing first."""
    found: dict[int, dict[str, Any]] = {}
    for case in db.session.scalars(select(Case).where(Case.unit_id == unit_id, Case.open, _pressing())):
        _line(found, case, "open", 0)
    for case, clock in db.session.execute(_promised(unit_id, until)):
        _line(found, case, "callback" if clock.kind == "promise" else "promise", epoch(clock.effective_due))
    for case in db.session.scalars(select(Case).where(Case.unit_id == unit_id, Case.open, UNANSWERED)):
        _line(found, case, "reply", epoch(case.inward_at) if case.inward_at else 0)
    return sorted(found.values(), key=_order)


def facts(unit_id: int, now: datetime) -> dict[str, Any]:
    """What else the next shift reads, as plain values for the store.

    incidents that run (number, title); announcements that stand; next on duty and away up to the end of tomorrow
    (ids, instants); notes of the last day's shifts; voicemails.
    """
    said = [one.title for one in announcements.standing(epoch(now), [unit_id])]
    noted = [[s.person_id, s.note] for s in roster.between(unit_id, now - NOTES_OF, now) if s.note]
    coming = roster.between(unit_id, now, until_of(unit_id, now))
    return {
        "incidents": [[one.no, called(one.title, one.exercise)] for one in incidents.incidents("active")],
        "announcements": said, "notes": noted, "voicemails": _voicemails(unit_id), "away": _away(unit_id, now),
        "next": [[s.person_id, s.kind, epoch(s.from_at), epoch(s.to_at)] for s in coming],
    }  # fmt: skip


def waiting(unit_id: int, now: datetime) -> list[HandOver]:
    """Sheets of this department that nobody has accepted and whose shift is not over yet, the newest first."""
    open_now = (HandOver.unit_id == unit_id) & HandOver.accepted_by.is_(None) & (HandOver.until_at > now)
    return list(db.session.scalars(select(HandOver).where(open_now).order_by(HandOver.id.desc())))


def _away(unit_id: int, now: datetime) -> list[list[int]]:
    """[person, deputy, from, to] of the department's people who are away at some time up to the end of tomorrow."""
    night = local(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
    found = absences.ahead(now, [one.id for one in people.members(unit_id)])
    return [[a.person_id, a.deputy_id, epoch(a.from_at), epoch(a.to_at)] for a in found if a.from_at < night]


def _voicemails(unit_id: int) -> list[list[Any]]:
    """[hotline, left at, to be entered by] of each voicemail not logged yet, for customer service; oldest first."""
    if unit_id != people.unit_id(TAKES_DOWN):
        return []
    query = select(Hotline.name, Voicemail.received_at, Voicemail.due_at).join(
        Hotline, Hotline.id == Voicemail.hotline_id
    )
    waiting = query.where(Voicemail.state != "logged").order_by(Voicemail.received_at, Voicemail.id)
    return [[name, epoch(left), epoch(due)] for name, left, due in db.session.execute(waiting.limit(MOST_VOICEMAILS))]


def _pressing() -> Any:
    return or_(Case.level.in_(PRESSING), (Case.level == "") & Case.proposed_level.in_(PRESSING))


def _promised(unit_id: int, until: datetime) -> Any:
    """Running promises and agreed times that fall due before the next shift ends."""
    mine = (Case.unit_id == unit_id) & Case.open
    agreed = Clock.agreed_at.is_not(None) & (Clock.agreed_at <= until)
    spoken = (Clock.kind == "promise") & (Clock.due_at <= until)
    query = select(Case, Clock).join(Clock, Clock.case_id == Case.id)
    return query.where(mine, Clock.outcome == "running", Clock.paused_at.is_(None), agreed | spoken)


def _line(found: dict[int, dict[str, Any]], case: Case, why: str, at: int) -> None:
    line = found.setdefault(
        case.id,
        {
            "case": case.id, "no": case.no, "title": case.title, "level": case.level_now, "judged": bool(case.level),
            "owner_id": case.owner_id or 0, "owner": case.owner_name, "why": [],
        },
    )  # fmt: skip
    line["why"].append([why, at])


def _order(line: dict[str, Any]) -> tuple[Any, ...]:
    times = [at for why, at in line["why"] if why in ("callback", "promise")]
    return line["level"], min(times, default=1 << 60), line["no"]
