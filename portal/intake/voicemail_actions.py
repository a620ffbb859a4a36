"""Voicemails (IN12): put in with their recording, taken oldest first, logged as requests; and the hotlines' hours."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.attachments import queries as files
from portal.attachments.models import Attachment
from portal.attachments.taking import Taken
from portal.cases.models import Case
from portal.clocks import book
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.intake import drafts
from portal.intake.models import Hotline, Voicemail
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Missing, Refused
from portal.kernel.i18n import local
from portal.kernel.instants import epoch, moment

TOPIC, FORM = "voicemails", "request"


def set_hotline(actor: Actor, now: datetime, *, code: str, name: str, calendar: str) -> None:
    """Adds a hotline or changes its name and the calendar of its service hours."""
    allow(actor, "calendar.edit")
    if not code.isalnum() or len(code) > 20:
        raise Invalid("hotline_code", field="code")
    if not name.strip():
        raise Invalid("hotline_name", field="name")
    if calendar not in book.in_force(now).calendars:
        raise Invalid("hotline_calendar", field="calendar")
    row = db.session.scalar(select(Hotline).where(Hotline.code == code))
    if row is None:
        db.session.add(Hotline(code=code, name=name.strip()[:60], calendar=calendar))
    else:
        row.name, row.calendar = name.strip()[:60], calendar
    db.session.flush()


def put_in(
    actor: Actor, now: datetime, *, hotline: str, caller: str, received: datetime, recording: Taken
) -> Voicemail:
    """A recording joins the queue; its entry is due from its hotline's next opening. The same one comes in once."""
    allow(actor, "case.log")
    line = db.session.scalar(select(Hotline).where(Hotline.code == hotline))
    if line is None:
        raise Invalid("hotline_unknown", field="hotline")
    if not recording.kind.startswith("audio/"):
        raise Invalid("voicemail_no_sound", field="recording")
    if received > now:
        raise Invalid("received_ahead", field="received")
    same = select(Voicemail).where(
        Voicemail.hotline_id == line.id, Voicemail.sha256 == recording.sha256, Voicemail.received_at == received
    )
    known = db.session.scalar(same)
    if known is not None:
        return known
    opens, due = _times(now, line, received)
    row = Voicemail(
        hotline_id=line.id, caller=caller.strip()[:60], received_at=received, opens_at=opens, due_at=due,
        name=recording.name, kind=recording.kind, size=recording.size, sha256=recording.sha256, state="waiting",
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    feed.touch(TOPIC, row.id)
    return row


def _times(now: datetime, line: Hotline, received: datetime) -> tuple[datetime, datetime]:
    """(when the hotline is open next, when the entry is due): the policy's limit by the hotline's own calendar."""
    held = book.in_force(now)
    calendar = held.calendars[line.calendar]
    row = next(row for row in held.policy.by_kind["entry"] if row.channel == "voicemail")
    start = epoch(received)
    return moment(calendar.next_opening(start)), moment(calendar.due(start, row.amount, row.unit))


def take(actor: Actor, now: datetime, voicemail_id: int) -> None:
    """Opens the form with the voicemail's facts and its recording. Refused when somebody has it, or a draft waits."""
    allow(actor, "case.log")
    row = _locked(voicemail_id)
    if row.state != "waiting":
        raise Refused("voicemail_taken")
    left = drafts.draft(actor, FORM)
    if (left and (left.fields.get("description") or left.fields.get("demand"))) or files.waiting(actor, FORM):
        raise Refused("voicemail_draft_first")
    row.state, row.taken_by = "taken", actor.id
    fields: dict[str, Any] = {
        "voicemail": str(row.id), "channel": "voicemail", "contact": row.caller,
        "received": f"{local(row.received_at):%Y-%m-%d %H:%M:%S}", "key": f"voicemail-{row.id}-{epoch(now)}",
        "urgency": "normal", "complexity": "simple", "prefers": "phone", "customer_category": "person",
    }  # fmt: skip
    drafts.keep(actor, now, FORM, fields)
    db.session.add(
        Attachment(person_id=actor.id, form=FORM, name=row.name, kind=row.kind, size=row.size, sha256=row.sha256,
                   at=now)
    )  # fmt: skip
    feed.touch(TOPIC, row.id)


def give_back(actor: Actor, voicemail_id: int) -> None:
    """A voicemail that was taken and not logged waits again: by whoever took it, or the supervisor."""
    allow(actor, "case.log")
    row = _locked(voicemail_id)
    if row.state != "taken":
        raise Refused("voicemail_not_taken")
    if row.taken_by != actor.id:
        allow(actor, "case.assign")
    row.state, row.taken_by = "waiting", None
    feed.touch(TOPIC, row.id)


def logged(actor: Actor, voicemail: str, case: Case) -> None:
    """The request of a voicemail that this person took has been logged."""
    allow(actor, "case.log")
    row = db.session.get(Voicemail, int(voicemail)) if voicemail.isdigit() else None
    if row is not None and row.state == "taken" and row.taken_by == actor.id:
        row.state, row.case_id = "logged", case.id
        feed.touch(TOPIC, row.id)


def hours_of(actor: Actor, voicemail: str, channel: str) -> str:
    """The calendar of the hotline on which the voicemail that this person took was left; empty for anything else."""
    allow(actor, "case.log")
    row = db.session.get(Voicemail, int(voicemail)) if voicemail.isdigit() and channel == "voicemail" else None
    if row is None or row.state != "taken" or row.taken_by != actor.id:
        return ""
    return db.session.get_one(Hotline, row.hotline_id).calendar


def _locked(voicemail_id: int) -> Voicemail:
    """One voicemail, locked. Raises Missing."""
    row = db.session.get(Voicemail, voicemail_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise Missing("not_found")
    return row
