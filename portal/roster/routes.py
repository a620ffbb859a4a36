"""URLs of the roster: a week of a unit, a shift, entering and taking out."""

import secrets
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, flash, redirect, render_template, request, url_for

from portal.identity import queries as people
from portal.identity.models import Unit
from portal.identity.policy import allow, may
from portal.identity.queries import unit_name, unit_names
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.collation import by_name
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import local, parse_local, sentence
from portal.roster import actions, queries
from portal.roster.forms import NoteForm, ShiftForm
from portal.roster.models import Shift

bp = Blueprint("roster", __name__, url_prefix="/roster")
BLUEPRINTS = (bp,)


class Week(NamedTuple):
    """Seven days of a unit: the days, and for each person with a shift the shifts by day."""

    days: list[date]
    lines: list[tuple[str, list[list[Shift]]]]

    @property
    def shifts(self) -> list[Shift]:
        """All of them."""
        return [shift for _who, cells in self.lines for cell in cells for shift in cell]

    @property
    def start(self) -> date:
        """Its Monday."""
        return self.days[0]


@bp.get("")
def week() -> Any:
    """A week of a unit, and who is on duty now."""
    actor, now = current_actor(), clock.now()
    allow(actor, "roster.view")
    unit = _unit(request.args.get("unit", ""))
    shown = week_of(unit.id, _monday(request.args.get("week", ""), now))
    duty = queries.on_duty(now)
    return render_template(
        "roster/week.html", away=queries.away([*duty, *shown.shifts]), unit=unit,
        units=[(u.code, unit_name(u)) for u in people.units()], week=shown,
        today=local(now).date(), duty=duty, names=people.names(), unit_names=unit_names(), now=now,
        before=shown.start - timedelta(days=7), after=shown.start + timedelta(days=7),
        edits=may(actor, "roster.edit", _Of(frozenset((unit.id,)))),
    )  # fmt: skip


class _Of(NamedTuple):
    """A unit as a subject of rights."""

    unit_ids: frozenset[int]


def week_of(unit_id: int, start: date) -> Week:
    """The seven days from a Monday; a shift over midnight stands on the day on which it begins."""
    days = [start + timedelta(days=n) for n in range(7)]
    begin = parse_local(f"{start} 00:00")
    names = people.names()
    found: dict[int, list[list[Shift]]] = {}
    for shift in queries.between(unit_id, begin, begin + timedelta(days=7)):
        day = max((local(shift.from_at).date() - start).days, 0)
        found.setdefault(shift.person_id, [[] for _day in days])[day].append(shift)
    lines = [(names.get(who, ""), cells) for who, cells in found.items()]
    return Week(days, by_name(lines, lambda line: line[0]))


@bp.get("/new")
def new() -> Any:
    """The empty form of a shift in a unit."""
    unit = _unit(request.args.get("unit", ""))
    allow(current_actor(), "roster.edit", _Of(frozenset((unit.id,))))
    form = ShiftForm()
    form.key.data = secrets.token_hex(8)
    day = local(clock.now()).date() + timedelta(days=1)
    form.since.data, form.until.data = f"{day}T08:00", f"{day}T16:00"
    return _new_page(unit, form)


@bp.post("")
def add() -> Any:
    """Enters a shift; a refusal stands at its field and keeps what was typed."""
    actor, unit, form = current_actor(), _unit(request.args.get("unit", "")), ShiftForm()
    allow(actor, "roster.edit", _Of(frozenset((unit.id,))))
    form.offer(unit.id)
    if not form.validate_on_submit():
        return _new_page(unit, form, 422)
    try:
        with transaction():
            shift = actions.add(actor, clock.now(), unit_id=unit.id, **form.chosen())
            start = local(shift.from_at).date()
    except Invalid as refused:
        field = form[refused.facts["field"]]
        field.errors = [*field.errors, sentence(refused)]
        return _new_page(unit, form, 422)
    flash(_("The shift is in the roster."), "ok")
    return redirect(url_for("roster.week", unit=unit.code, week=start), 303)


@bp.get("/shifts/<int:number>")
def one(number: int) -> Any:
    """One shift with its note."""
    allow(current_actor(), "roster.view")
    shift = queries.shift(number)
    form = NoteForm()
    form.note.data = shift.note
    return _page(shift, form)


@bp.post("/shifts/<int:number>/note")
def note(number: int) -> Any:
    """Keeps what the shift leaves to the next."""
    actor, form, shift = current_actor(), NoteForm(), queries.shift(number)
    allow(actor, "roster.view")
    if not form.validate_on_submit():
        return _page(shift, form, 422)
    with transaction():
        actions.note(actor, clock.now(), queries.shift(number), form.note.data or "")
    flash(_("The note is kept."), "ok")
    return redirect(url_for("roster.one", number=number), 303)


@bp.post("/shifts/<int:number>/remove")
def remove(number: int) -> Any:
    """Takes a shift out of the roster."""
    actor, shift = current_actor(), queries.shift(number)
    allow(actor, "roster.edit", shift)
    unit = next(u for u in people.units() if u.id == shift.unit_id)
    start = local(shift.from_at).date()
    with transaction():
        actions.remove(actor, clock.now(), queries.shift(number))
    flash(_("The shift was taken out."), "ok")
    return redirect(url_for("roster.week", unit=unit.code, week=start), 303)


def _unit(code: str) -> Unit:
    """The unit asked for, else the reader's own, else the first."""
    units, mine = people.units(), current_actor().unit_id
    asked = next((u for u in units if u.code == code), None)
    return asked or next((u for u in units if u.id == mine), units[0])


def _monday(text: str, now: datetime) -> date:
    """The Monday of the week of a day; of today's for what is no day."""
    try:
        day = date.fromisoformat(text)
        if not 2000 <= day.year <= 2100:
            raise ValueError
    except ValueError:
        day = local(now).date()
    return day - timedelta(days=day.weekday())


def _new_page(unit: Unit, form: ShiftForm, status: int = 200) -> Any:
    form.offer(unit.id)
    return render_template("roster/new.html", unit=unit, name=unit_name(unit), form=form), status


def _page(shift: Shift, form: NoteForm, status: int = 200) -> Any:
    actor, now = current_actor(), clock.now()
    edits = may(actor, "roster.edit", shift)
    unit = next(u for u in people.units() if u.id == shift.unit_id)
    return render_template(
        "roster/shift.html", shift=shift, form=form, names=people.names(), unit=unit, unit_name=unit_name(unit),
        edits=edits, writes=edits or shift.person_id == actor.id, over=shift.to_at <= now,
        away=queries.away([shift]),
    ), status  # fmt: skip
