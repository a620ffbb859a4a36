"""Pages of the shift hand-over: the sheet as it would be given, sheets given, one with its acceptance."""

import secrets
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from portal.cases import looks
from portal.collaboration import shift_actions
from portal.desk import handover
from portal.desk.caches import Department, units
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow, scope
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.errors import Missing, Refused
from portal.kernel.forms import Form
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import locale, sentence
from portal.roster import queries as roster
from portal.roster.handover_rules import LONGEST_NOTE
from portal.roster.models import HandOver

bp = Blueprint("handover", __name__, url_prefix="/handover")
SHOWN = 20


class SheetForm(Form):
    """The giver's words."""

    key = HiddenField()
    note = TextAreaField(
        _l("What the next shift has to know besides"),
        [Length(max=LONGEST_NOTE, message=_l("At most %(max)d characters."))],
    )


@bp.get("")
def index() -> Any:
    """The sheet of a department as it would be given now, and the sheets given before."""
    actor = current_actor()
    allow(actor, "case.work")
    form = SheetForm(formdata=None)
    form.key.data = secrets.token_hex(8)
    return _index(actor, form)


def _index(actor: Actor, form: SheetForm, status: int = 200) -> Any:
    unit, now = _unit(actor), clock.now()
    until = handover.until_of(unit.id, now)
    given = select(HandOver).where(HandOver.unit_id == unit.id).order_by(HandOver.id.desc()).limit(SHOWN)
    return render_template(
        "desk/handover.html", unit=unit, units=[(u.code, u.called(locale())) for u in _units(actor)], form=form,
        now=now, until=until, lines=handover.lines(unit.id, now, until), facts=handover.facts(unit.id, now),
        sheets=list(db.session.scalars(given)), names=people.names(), name=unit.called(locale()),
        waiting=handover.waiting(unit.id, now),
    ), status  # fmt: skip


@bp.post("")
def give() -> Any:
    """Gives the sheet as the store says it now; the page before was a preview."""
    actor, form = current_actor(), SheetForm()
    allow(actor, "case.work")
    unit, now = _unit(actor), clock.now()
    if not form.validate_on_submit():
        return _index(actor, form, 422)
    until = handover.until_of(unit.id, now)
    with transaction():
        sheet = shift_actions.give(
            actor, now, unit_id=unit.id, until=until, lines=handover.lines(unit.id, now, until),
            facts=handover.facts(unit.id, now), note=form.note.data or "", key=(form.key.data or "")[:64],
        )  # fmt: skip
        number = sheet.id
    flash(_("The sheet is given."), "ok")
    return redirect(url_for("handover.one", number=number), 303)


@bp.get("/<int:number>")
def one(number: int) -> Any:
    """One sheet, to be read, accepted and, with ?print, printed; that is written down first."""
    if "print" in request.args:
        looks.note_print(current_actor(), clock.now(), what=f"handover {number}")
    return _page(number)


@bp.post("/<int:number>")
def accept(number: int) -> Any:
    """Accepts the ticked cases by name."""
    actor, now = current_actor(), clock.now()
    allow(actor, "case.work")
    wanted = [int(one) for one in request.form.getlist("cases") if one.isdecimal() and len(one) < 19]
    try:
        with transaction():
            taken = shift_actions.accept(actor, now, number, wanted)
    except Refused as refused:
        if refused.status != 409:
            raise
        return _page(number, refused)
    flash(_("Accepted; %(n)s cases are yours now.", n=taken), "ok")
    return redirect(url_for("handover.one", number=number), 303)


def _page(number: int, refused: Refused | None = None) -> Any:
    actor = current_actor()
    allow(actor, "case.work")
    sheet = db.session.get(HandOver, number)
    if sheet is None:
        raise Missing("no_such_sheet")
    allow(actor, "case.work", sheet)
    unit = next(u for u in units().values() if u.id == sheet.unit_id)
    names = people.names()
    on_duty = [names[shift.person_id] for shift in roster.on_duty(sheet.at, [sheet.unit_id])]
    return render_template(
        "desk/handover_sheet.html", sheet=sheet, name=unit.called(locale()), unit=unit, names=names,
        on_duty=on_duty, error=sentence(refused) if refused else "",
    ), refused.status if refused else 200  # fmt: skip


def _units(actor: Actor) -> list[Department]:
    """The departments in which this person works."""
    where = scope(actor, "case.work")
    return [u for u in units().values() if u.kind == "department" and (where is None or u.id in where)]


def _unit(actor: Actor) -> Department:
    """The department asked for, else the reader's own, else the first. Raises Missing where there is none."""
    here, code = _units(actor), request.args.get("unit", "")
    found = next((u for u in here if u.code == code), None) or next((u for u in here if u.id == actor.unit_id), None)
    if found is None and not here:
        raise Missing("not_found")
    return found or here[0]
