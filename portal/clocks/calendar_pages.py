"""Pages of working calendars: the list, a month with its days, weekly hours, the draft and its putting in force."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from portal.clocks import calendar_actions as actions
from portal.clocks import calendar_imports, calendar_month
from portal.clocks import calendar_queries as queries
from portal.clocks.calendar import FIRST_YEAR, LAST_YEAR, WEEKDAYS
from portal.clocks.calendar_changes import Changes, difference, from_data, gaps, hours_text, usual_hours
from portal.clocks.calendar_forms import DayForm, ForceForm, NewForm, WeekForm, YearForm
from portal.clocks.calendar_queries import Story
from portal.clocks.models import CalendarVersion
from portal.identity.policy import allow, may
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Refused, Stale
from portal.kernel.i18n import local, sentence

bp = Blueprint("calendars", __name__, url_prefix="/admin/calendars")
calendar_imports.register(bp)
OFFICE = "09:00-12:00, 13:00-18:00"
HISTORY = 50
YEARS = {str(year) for year in range(1971, 2199)}


@bp.get("")
def index() -> str:
    """All calendars: version in force, the next one, loaded years, warnings."""
    actor, now = current_actor(), clock.now()
    allow(actor, "calendar.view")
    found = queries.stories(now)
    drafts = {one.code: queries.draft(one.code) for one in found}
    return render_template("clocks/calendars.html", stories=found, drafts=drafts, gaps=queries.open_gaps(now))


@bp.get("/new")
def new() -> Any:
    """The empty form of a new calendar."""
    actor, now = current_actor(), clock.now()
    allow(actor, "calendar.edit")
    form = NewForm(formdata=None, data=dict.fromkeys(WEEKDAYS[:5], OFFICE))
    form.effective.data = local(now).date().isoformat()
    return render_template("clocks/calendar_new.html", form=form)


@bp.post("")
def add() -> Any:
    """Adds a calendar; a refusal stands at its field and keeps what was typed."""
    actor, now, form = current_actor(), clock.now(), NewForm()
    allow(actor, "calendar.edit")
    if form.validate_on_submit():
        try:
            with transaction():
                actions.add_calendar(
                    actor, now, code=form.code.data, name=form.name.data.strip(), zone=form.zone.data.strip(),
                    week=form.week(), observes=form.observes.data, note=form.note.data,
                    effective=form.effective.chosen(),
                )  # fmt: skip
        except Invalid as refused:
            at_field(form, refused)
        else:
            flash(_("The calendar was added."), "ok")
            return redirect(url_for("calendars.show", code=form.code.data), 303)
    return render_template("clocks/calendar_new.html", form=form), 422


@bp.get("/<code>")
def show(code: str) -> Any:
    """A month of a calendar, with the chosen day's form, the weekly hours, the draft and the history."""
    allow(current_actor(), "calendar.view")
    return page(code)


@bp.post("/<code>/day")
def set_day(code: str) -> Any:
    """Takes one day's kind, hours and name into the draft."""
    actor, now, form = current_actor(), clock.now(), DayForm(prefix="day-")
    allow(actor, "calendar.edit")
    form.offer("")
    if form.validate_on_submit():
        wanted = Changes({form.date.chosen(): form.special()})
        refused = _changed(actor, now, code, wanted)
        if refused is None:
            return _back(code, str(form.date.data))
        at_field(form, refused)
    return page(code, day_form=form, status=422)


@bp.post("/<code>/week")
def set_week(code: str) -> Any:
    """Takes the weekly hours into the draft."""
    actor, now, form = current_actor(), clock.now(), WeekForm(prefix="week-")
    allow(actor, "calendar.edit")
    if form.validate_on_submit():
        refused = _changed(actor, now, code, Changes({}, dict(enumerate(form.week()))))
        if refused is None:
            return _back(code)
        at_field(form, refused)
    return page(code, week_form=form, status=422)


@bp.post("/<code>/years")
def set_year(code: str) -> Any:
    """Marks a year as loaded, or as not loaded, in the draft."""
    actor, now, year = current_actor(), clock.now(), request.form.get("year-year", "").strip()
    allow(actor, "calendar.edit")
    if year not in YEARS:
        raise Invalid("no_such_year", field="year", year=year[:20])
    refused = _changed(actor, now, code, Changes({}, {}, {int(year): request.form.get("year-loaded") != "0"}))
    if refused is not None:
        raise refused
    return _back(code)


@bp.post("/<code>/draft")
def discard(code: str) -> Any:
    """Throws the draft away."""
    actor, now = current_actor(), clock.now()
    queries.story(code, now)
    with transaction():
        actions.discard(actor, code)
    flash(_("The draft was thrown away; nothing has changed."), "ok")
    return _back(code)


@bp.post("/<code>/force")
def force(code: str) -> Any:
    """Puts the draft in force from a day on."""
    actor, now, form = current_actor(), clock.now(), ForceForm(prefix="force-")
    allow(actor, "calendar.edit")
    if not form.validate_on_submit():
        return page(code, force_form=form, status=422)
    seen = int(form.seen.data) if (form.seen.data or "").isdecimal() and len(form.seen.data) < 10 else 0
    try:
        with transaction():
            made = actions.put_in_force(
                actor, now, code, effective=form.effective.chosen(), note=form.note.data, seen=seen
            )
    except (Invalid, Stale) as refused:
        at_field(form, refused)
        return page(code, force_form=form, status=refused.status)
    words = _("Version %(n)s is made; it holds from %(day)s. Clocks that run already keep their version.")
    flash(words % {"n": made[0], "day": form.effective.data}, "ok")
    return _back(code)


def page(code: str, *, status: int = 200, **forms: Any) -> Any:
    """The page of one calendar; forms that were refused are shown as they were sent."""
    actor, now = current_actor(), clock.now()
    told, row = queries.story(code, now), queries.draft(code)
    waiting = from_data(row.data) if row else Changes()
    held, today = told.calendar(told.current), queries.local_today(now, told.calendar(told.current))
    chosen = _chosen(forms.get("day_form"))
    first = calendar_month.first_of(request.values.get("month", ""), (chosen or today).replace(day=1))
    newest = told.calendar(told.coming[-1] if told.coming else told.current)
    edits = may(actor, "calendar.edit")
    facts = {
        "story": told, "held": held, "today": today, "first": first, "chosen": chosen, "row": row, "edits": edits,
        "weeks": calendar_month.month(first, today, told.on, waiting), "before": queries.month_before(first),
        "after": queries.month_after(first), "waiting": calendar_month.told(waiting, newest),
        "gaps": gaps([held], now), "history": _history(told), "weekdays": WEEKDAYS,
        "names": queries.names([v.by_id for v in told.rows] + ([row.by_id] if row else [])),
        "day_form": _day_form(told, waiting, chosen, forms.get("day_form")) if edits else None,
        "week_form": forms.get("week_form") or _week_form(newest, waiting),
        "force_form": forms.get("force_form") or _force_form(today, row.revision if row else 0),
        "year_form": _year_form(held, waiting, today), "usual": hours_text(usual_hours(held)),
        "refused": {name for name in forms if forms[name] is not None},
    }  # fmt: skip
    return make_response(render_template("clocks/calendar.html", **facts), status)


def at_field(form: Any, refused: Refused) -> None:
    """Writes a refusal at its field, else at the form's first one that is seen."""
    name = refused.facts.get("field", "")
    found = form[name] if name in form else next(f for f in form if f.type not in ("HiddenField", "CSRFTokenField"))
    found.errors = [sentence(refused)]


def _changed(actor: Any, now: Any, code: str, wanted: Changes) -> Invalid | None:
    """Takes changes into the draft; the refusal, if any."""
    try:
        with transaction():
            actions.change(actor, now, code, wanted)
    except Invalid as refused:
        return refused
    return None


def _back(code: str, day: str = "") -> Any:
    shown = {"month": day[:7], "day": day} if day else {"month": request.form.get("month", "")[:7] or None}
    return redirect(url_for("calendars.show", code=code, **shown) + ("#draft" if day else ""), 303)  # type: ignore[arg-type]


def _chosen(form: DayForm | None) -> date | None:
    """The day whose form is open."""
    text = (form.date.data if form else request.args.get("day")) or ""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if FIRST_YEAR < day.year < LAST_YEAR else None


def _day_form(told: Story, waiting: Changes, day: date | None, refused: DayForm | None) -> DayForm | None:
    """The form of the chosen day, or the one that was refused."""
    usual = (hours_text(told.on(day).week[day.weekday()]) or _("day off")) if day else "–"
    if refused or not day:
        if refused:
            refused.offer(usual)
        return refused
    cell = calendar_month.cell(day, told.on(day), waiting)
    kinds = {"working": "week", "off": "week", "makeup": "working", "own": "working"}
    hours = ", ".join(cell.hours) or hours_text(usual_hours(told.on(day)))
    data = {"date": day.isoformat(), "kind": kinds.get(cell.look, cell.look), "hours": hours, "name": cell.name}
    form = DayForm(formdata=None, prefix="day-", data=data)
    form.offer(usual)
    return form


def _week_form(newest: Any, waiting: Changes) -> WeekForm:
    hours = [waiting.week.get(n, day) for n, day in enumerate(newest.week)]
    return WeekForm(
        formdata=None, prefix="week-", data={name: hours_text(h) for name, h in zip(WEEKDAYS, hours, strict=True)}
    )


def _force_form(today: date, revision: int) -> ForceForm:
    return ForceForm(formdata=None, prefix="force-", data={"effective": today.isoformat(), "seen": str(revision)})


def _year_form(held: Any, waiting: Changes, today: date) -> YearForm | None:
    """The years that may be marked; nothing for a calendar without public holidays."""
    if held.loaded_years is None:
        return None
    form = YearForm(formdata=None, prefix="year-")
    marked = sorted({y for y in held.loaded_years if waiting.years.get(y, True)})
    form.year.choices = [(str(y), str(y)) for y in queries.years_offered(today, marked)]
    form.year.data = str(today.year + 1)
    return form


def _history(told: Story) -> list[tuple[CalendarVersion, list[calendar_month.Change]]]:
    """The versions, newest first, each with what it changed."""
    found = []
    for row in reversed(told.rows[-HISTORY:]):
        base = told.before(row)
        changes = difference(told.calendar(base), told.calendar(row)) if base else Changes()
        found.append((row, calendar_month.told(changes, told.calendar(base)) if base else []))
    return found
