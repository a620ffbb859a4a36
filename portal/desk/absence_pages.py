"""Pages of absences: who is away and who stands in; one's own or a colleague's is entered and ended."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from portal.desk import absence_view
from portal.identity import absences, queries
from portal.identity.actor import Actor
from portal.identity.models import Person
from portal.identity.people_pages import person_of
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.collation import by_name
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden, Invalid
from portal.kernel.forms import Form
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import local, sentence
from portal.roster import absence_actions
from portal.roster.forms import readable

AHEAD = timedelta(days=14)  # shifts shown beside the form
bp = Blueprint("absences", __name__, url_prefix="/absences")


class AbsenceForm(Form):
    """From when to when, and who stands in."""

    key = HiddenField()
    since = StringField(_l("Away from"), [InputRequired(_l("Write when it begins.")), readable])
    until = StringField(_l("Away until"), [InputRequired(_l("Write when it ends.")), readable])
    deputy = SelectField(_l("Deputy"), [InputRequired(_l("Choose a deputy."))], validate_choice=False)
    words = StringField(_l("Reason"), [Length(max=200, message=_l("At most %(max)d characters."))])

    def offer(self, person: Person) -> None:
        """Fills the list with those who could do the person's work."""
        mine = queries.actor_of(person)
        found = [
            (str(one.id), one.name)
            for one in queries.everybody()
            if one.id != person.id and not absences.lacking(mine, one)
        ]
        self.deputy.choices = [("", _("Choose")), *found]

    def chosen(self) -> dict[str, Any]:
        """What was typed, for the action."""
        number = self.deputy.data or ""
        begin: datetime = self.since.instant  # type: ignore[attr-defined]
        end: datetime = self.until.instant  # type: ignore[attr-defined]
        return {
            "deputy_id": int(number) if number.isdecimal() and len(number) < 10 else 0, "begin": begin, "end": end,
            "words": self.words.data or "", "key": (self.key.data or "")[:64],
        }  # fmt: skip


@bp.get("")
def index() -> Any:
    """Who is away and who stands in, now and to come."""
    actor, now = current_actor(), clock.now()
    allow(actor, "absence.own")
    led = {one.id: one for one in queries.everybody() if absences.may_enter(actor, one)}
    others = by_name((one for one in led.values() if one.id != actor.id), lambda one: one.name)
    rows = absences.ahead(now)
    touched = {row.id: absence_view.of(actor, row, now) for row in rows if row.person_id in led}
    return render_template(
        "desk/absences.html", rows=rows, names=queries.names(), now=now, mine=led, touched=touched,
        led=[(one.login, one.name) for one in others],
    )  # fmt: skip


@bp.get("/new")
def new() -> Any:
    """The empty form of one's own absence, or of ?person=."""
    actor = current_actor()
    allow(actor, "absence.own")
    person, form = _whose(actor), AbsenceForm()
    tomorrow = local(clock.now()).date() + timedelta(days=1)
    form.key.data = secrets.token_hex(8)
    form.since.data, form.until.data = f"{tomorrow}T00:00", f"{tomorrow + timedelta(days=1)}T00:00"
    return _page(person, form)


@bp.post("")
def enter() -> Any:
    """Enters the absence; a refusal stands at its field and keeps what was typed."""
    actor, form = current_actor(), AbsenceForm()
    allow(actor, "absence.own")
    person = _whose(actor)
    form.offer(person)
    if not form.validate_on_submit():
        return _page(person, form, 422)
    try:
        with transaction():
            absence_actions.enter(actor, clock.now(), person_of(person.login), **form.chosen())
    except Invalid as refused:
        field = form[refused.facts["field"]]
        field.errors = [*field.errors, sentence(refused)]
        return _page(person, form, 422)
    flash(_("The absence is entered; the deputy has been told and gets what is new."), "ok")
    return redirect(url_for("absences.index"), 303)


@bp.post("/<int:number>/end")
def end(number: int) -> Any:
    """Ends an absence at once, or takes it back."""
    actor = current_actor()
    allow(actor, "absence.own")
    now = clock.now()
    with transaction():
        found = absences.absence(number)
        begun = found.from_at <= now
        absence_actions.end(actor, now, found)
    flash(_("The absence has ended.") if begun else _("The absence was taken back."), "ok")
    return redirect(url_for("absences.index"), 303)


def _whose(actor: Actor) -> Person:
    """The person asked for, one's own without one. Raises Forbidden for somebody one does not lead."""
    person = person_of(request.args.get("person") or actor.login)
    if not absences.may_enter(actor, queries.actor_of(person)):
        raise Forbidden("not_allowed", verb="absence.enter")
    return person


def _page(person: Person, form: AbsenceForm, status: int = 200) -> Any:
    form.offer(person)
    now = clock.now()
    touched = absence_view.on_form(current_actor(), person.id, now, now + AHEAD)
    return render_template("desk/absence_new.html", person=person, form=form, touched=touched), status
