"""The page of a hotline's busy periods and of calls typed by hand (IN7)."""

import secrets
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.validators import Optional as MayBeEmpty

from portal.identity import queries as people
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.intake import busy_actions
from portal.intake.forms import readable_time, time_hint
from portal.intake.models import BusyPeriod, Hotline
from portal.journal import stream
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid
from portal.kernel.forms import Form
from portal.kernel.i18n import local, sentence

calls = Blueprint("calls", __name__, url_prefix="/calls")
SHOWN = 50
HOURS = 12 * 3600
NEEDED = InputRequired(_l("Write a time."))


class BusyForm(Form):
    """A period in which the line was busy."""

    hotline = SelectField(_l("Hotline"))
    begin = StringField(_l("Busy from"), [NEEDED, Length(max=30), readable_time])
    end = StringField(_l("Busy until"), [NEEDED, Length(max=30), readable_time])
    words = StringField(_l("What it was"), [InputRequired(_l("Write this in a few words.")), Length(max=200)])


class CallForm(Form):
    """A call that the telephone system did not hand in."""

    key = HiddenField()
    hotline = SelectField(_l("Hotline"))
    offered = StringField(_l("Call came in"), [NEEDED, Length(max=30), readable_time])
    wait = IntegerField(
        _l("Seconds until it was answered or given up"),
        [InputRequired(_l("Write the seconds.")), NumberRange(0, HOURS)],
    )
    talk = IntegerField(
        _l("Seconds of talking"), [MayBeEmpty(), NumberRange(0, HOURS)], description=_l("Empty: nobody answered.")
    )
    busy = BooleanField(_l("The line was busy"))


@calls.get("")
def index() -> Any:
    """Busy periods, the latest first, and the forms for another one and for a call."""
    return _page(BusyForm(formdata=None, prefix="busy"), CallForm(formdata=None, prefix="call"))


def _page(busy: BusyForm, call: CallForm, status: int = 200) -> Response:
    actor, now = current_actor(), clock.now()
    allow(actor, "hotline.declare")
    lines = list(db.session.scalars(select(Hotline).order_by(Hotline.name)))
    _filled(busy, call, lines, f"{local(now):%Y-%m-%d %H:%M}")
    rows = db.session.scalars(select(BusyPeriod).order_by(BusyPeriod.from_at.desc(), BusyPeriod.id).limit(SHOWN))
    page = render_template(
        "intake/calls.html", rows=list(rows), lines={line.id: line.name for line in lines}, names=people.names(),
        busy=busy, call=call, typed=_typed(), by_code={line.code: line.name for line in lines},
    )  # fmt: skip
    return make_response(page, status)


def _typed() -> list[stream.Line]:
    """The calls that people typed, the latest first, as the journal keeps them: by whom, when, and what."""
    lines = stream.read(busy_actions.STREAM, newest_first=True, limit=SHOWN * 4)  # busy periods stand between them
    return [line for line in lines if line.kind == busy_actions.TYPED and line.facts][:SHOWN]


def _filled(busy: BusyForm, call: CallForm, lines: list[Hotline], now: str) -> None:
    """The lists, and what a form begins with that was not sent."""
    for form in (busy, call):
        form.hotline.choices = [(line.code, line.name) for line in lines]
    for field in (busy.begin, busy.end, call.offered):
        field.description = time_hint()
        field.data = now if field.data is None else field.data
    call.key.data = call.key.data or secrets.token_urlsafe(16)


@calls.post("/busy")
def declare() -> Any:
    """Declares a busy period; what is wrong is said at its field."""
    actor, now, form = current_actor(), clock.now(), BusyForm(prefix="busy")
    allow(actor, "hotline.declare")

    def act() -> None:
        busy_actions.declare_busy(
            actor, now, hotline=form.hotline.data, begin=form.begin.instant, end=form.end.instant,
            words=form.words.data or "",
        )  # fmt: skip

    refused = _refused(form, CallForm(formdata=None, prefix="call"), form, act)
    return refused or redirect(url_for("calls.index"), 303)


def _refused(busy: BusyForm, call: CallForm, sent: Form, act: Callable[[], None]) -> Response | None:
    """Does what the form that was sent asks for; what is wrong with it is said at its field on the page."""
    _filled(busy, call, list(db.session.scalars(select(Hotline))), "")
    if not sent.validate_on_submit():
        return _page(busy, call, 422)
    try:
        with transaction():
            act()
    except Invalid as refused:
        name = refused.facts.get("field", "hotline")
        field = sent[name if name in sent else "wait"]
        field.errors = [*field.errors, sentence(refused)]
        return _page(busy, call, 422)
    return None


@calls.post("/busy/<int:period_id>/back")
def take_back(period_id: int) -> Any:
    """Takes a period back that was declared by mistake."""
    actor, now = current_actor(), clock.now()
    with transaction():
        busy_actions.take_back(actor, now, period_id)
    return redirect(url_for("calls.index"), 303)


@calls.post("")
def typed() -> Any:
    """Keeps a call that was typed by hand, once."""
    actor, now, form = current_actor(), clock.now(), CallForm(prefix="call")
    allow(actor, "hotline.declare")

    def act() -> None:
        busy_actions.type_call(
            actor, now, key=(form.key.data or "")[:80], hotline=form.hotline.data, offered=form.offered.instant,
            wait=form.wait.data, talk=form.talk.data, busy=bool(form.busy.data),
        )  # fmt: skip

    refused = _refused(BusyForm(formdata=None, prefix="busy"), form, form, act)
    return refused or redirect(url_for("calls.index", done=1), 303)
