"""Pages of voicemails: the queue with its recordings, putting one in, taking one, the hotlines and their hours."""

from contextlib import closing
from datetime import datetime
from typing import Any, NamedTuple

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import select

from portal.attachments.receiving import sent
from portal.attachments.taking import take as take_in
from portal.clocks import book
from portal.identity import queries as people
from portal.identity.policy import allow, may
from portal.identity.session import current_actor
from portal.intake import voicemail_actions as actions
from portal.intake.models import Hotline, Voicemail
from portal.intake.rules import spoken_time
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.errors import Busy, Invalid, Missing, Refused
from portal.kernel.i18n import local, parse_local, sentence
from portal.kernel.instants import epoch, moment
from portal.roster import queries as roster
from portal.roster.models import Shift

voicemails = Blueprint("voicemails", __name__, url_prefix="/voicemails")
SHOWN = 200
DAY = 86_400  # seconds
ON_CALL = ("hotline", "night", "standby")  # shifts that take calls outside the hours


def waiting() -> list[Voicemail]:
    """Voicemails that are not logged yet, oldest first."""
    query = select(Voicemail).where(Voicemail.state != "logged").order_by(Voicemail.received_at, Voicemail.id)
    return list(db.session.scalars(query.limit(SHOWN)))


def _hotlines() -> list[Hotline]:
    return list(db.session.scalars(select(Hotline).order_by(Hotline.name)))


@voicemails.get("")
def index() -> Any:
    """The queue, oldest first."""
    return _page()


def _page(wrong: str = "", status: int = 200) -> Response:
    actor, now = current_actor(), clock.now()
    allow(actor, "case.log")
    lines, typed = _hotlines(), request.form
    page = render_template(
        "intake/voicemails.html", rows=waiting(), lines=lines, line_names={line.id: line.name for line in lines},
        names=people.names(), now=now, wrong=wrong, typed=typed, me=actor.id, rules=may(actor, "case.assign"),
        received=typed.get("received", f"{local(now):%Y-%m-%d %H:%M}"),
    )  # fmt: skip
    return make_response(page, status)


@voicemails.post("")
def put_in() -> Any:
    """Puts a recording into the queue."""
    actor, now, form, upload = current_actor(), clock.now(), request.form, request.files.get("recording")
    allow(actor, "case.log")
    if upload is None or not upload.filename:
        return _page(sentence(Invalid("voicemail_no_sound")), 422)
    try:
        received = parse_local(spoken_time(form.get("received", ""), local(now)))
        with closing(upload):
            taken = take_in(upload.stream, upload.filename)
        with transaction():
            hotline, caller = form.get("hotline", ""), form.get("caller", "")
            actions.put_in(actor, now, hotline=hotline, caller=caller, received=received, recording=taken)
    except (ValueError, OverflowError):
        return _page(sentence(Invalid("received_unreadable")), 422)
    except (Invalid, Busy) as refused:
        return _page(sentence(refused), refused.status)
    return redirect(url_for("voicemails.index"), 303)


@voicemails.post("/<int:voicemail_id>/take")
def take(voicemail_id: int) -> Any:
    """Takes one down: the form opens with its facts and its recording."""
    actor, now = current_actor(), clock.now()
    try:
        with transaction():
            actions.take(actor, now, voicemail_id)
    except Refused as refused:
        if refused.status != 409:
            raise
        return _page(sentence(refused), 409)
    return redirect(url_for("intake.form"), 303)


@voicemails.post("/<int:voicemail_id>/back")
def give_back(voicemail_id: int) -> Any:
    """Lets one wait again."""
    actor = current_actor()
    with transaction():
        actions.give_back(actor, voicemail_id)
    return redirect(url_for("voicemails.index"), 303)


@voicemails.get("/<int:voicemail_id>/recording")
def recording(voicemail_id: int) -> Any:
    """The recording, for whoever takes requests down."""
    allow(current_actor(), "case.log")
    row = db.session.get(Voicemail, voicemail_id)
    if row is None:
        raise Missing("not_found")
    return sent(row)


@voicemails.get("/hotlines")
def hotlines() -> Any:
    """The hotlines, and the calendar of each one's service hours."""
    return _hours()


def _hours(wrong: str = "", status: int = 200) -> Response:
    actor, now = current_actor(), clock.now()
    allow(actor, "calendar.view")
    calendars = {code: book.calendar_name(code) for code in book.in_force(now).calendars}
    lines = _hotlines()
    page = render_template(
        "intake/hotlines.html", lines=lines, hours={line.id: _hours_of(line, now) for line in lines},
        names=people.names(), calendars=calendars, wrong=wrong, typed=request.form,
        edits=may(actor, "calendar.edit"),
    )  # fmt: skip
    return make_response(page, status)


class Hours(NamedTuple):
    """How a hotline stands: open now or not, when that changes (None: round the clock), who is on duty outside."""

    open: bool
    changes: datetime | None
    duty: list[Shift]


def _hours_of(line: Hotline, now: datetime) -> Hours:
    """The hotline's hours at this instant, and who the roster has for calls outside them."""
    calendar, at = book.in_force(now).calendars[line.calendar], epoch(now)
    opens, ends = calendar.next_opening(at), at
    for begin, until in calendar.intervals(at, at + DAY):
        ends = until if begin <= ends else ends
    if opens <= at and ends >= at + DAY:
        return Hours(True, None, [])
    outside = now if opens > at else moment(ends)
    duty = [shift for shift in roster.on_duty(outside) if shift.kind in ON_CALL]
    return Hours(opens <= at, moment(ends if opens <= at else opens), duty)


@voicemails.post("/hotlines")
def set_hotline() -> Any:
    """Adds a hotline or changes one."""
    actor, now, form = current_actor(), clock.now(), request.form
    try:
        with transaction():
            actions.set_hotline(
                actor, now, code=form.get("code", "").strip(), name=form.get("name", ""),
                calendar=form.get("calendar", ""),
            )  # fmt: skip
    except Invalid as refused:
        return _hours(sentence(refused), 422)
    return redirect(url_for("voicemails.hotlines"), 303)
