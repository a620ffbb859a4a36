"""Pages that take a year's holidays over: tried first, then into the draft; a bad line stops everything."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from portal.clocks import calendar_actions as actions
from portal.clocks import calendar_month
from portal.clocks import calendar_queries as queries
from portal.clocks.calendar import Calendar
from portal.clocks.calendar_changes import laid_upon
from portal.clocks.calendar_forms import ImportForm
from portal.clocks.calendar_import import MOST_BYTES, Fault, as_csv, changes_of, decoded, read
from portal.clocks.seed import seeded_calendars
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid
from portal.kernel.i18n import sentence

SEEDED = "cn-business"
SHOWN = 100


def importing(code: str) -> Any:
    """The empty form: a file, pasted text, or the data that came with the portal."""
    actor, now = current_actor(), clock.now()
    allow(actor, "calendar.edit")
    held = _held(code, now)
    form = ImportForm(formdata=None)
    form.offer(seeded_years())
    form.year.data = str(queries.local_today(now, held).year + 1)
    return _page(code, form, now)


def take_import(code: str) -> Any:
    """Tries the file, or takes it into the draft (do=save); bad lines are named and nothing is taken."""
    actor, now, form = current_actor(), clock.now(), ImportForm()
    allow(actor, "calendar.edit")
    held = _held(code, now)
    form.offer(seeded_years())
    if not (form.validate_on_submit() and _text_is_there(form)):
        return _page(code, form, now, status=422)
    found = read(form.text.data, int(form.year.data), held)
    if found.faults:
        return _page(code, form, now, status=422, faults=_sentences(found.faults), bad=len(found.faults))
    wanted = changes_of(found, held, replace=form.replace.data, loaded=form.loaded.data)
    if request.form.get("do") != "save":
        return _page(code, form, now, found=found, trial=calendar_month.told(wanted, held))
    try:
        with transaction():
            actions.change(actor, now, code, wanted)
    except Invalid as refused:
        form.text.errors = [sentence(refused)]
        return _page(code, form, now, status=422)
    flash(_("%(n)s days are in the draft. Put it in force when it is complete.") % {"n": len(wanted.days)}, "ok")
    return redirect(url_for("calendars.show", code=code, month=f"{found.year}-01") + "#draft", 303)


def seeded_years() -> list[int]:
    """The years of mainland China's holidays that came with the portal."""
    return sorted(seeded_calendars()[SEEDED].loaded_years or ())


def register(bp: Blueprint) -> None:
    """Adds the pages to the calendars' URLs."""
    bp.add_url_rule("/<code>/import", "importing", importing)
    bp.add_url_rule("/<code>/import", "take_import", take_import, methods=["POST"])


def _held(code: str, now: datetime) -> Calendar:
    """The newest version with the draft laid upon it. Raises Missing, Invalid for one without public holidays."""
    told = queries.story(code, now)
    newest = told.calendar(told.coming[-1] if told.coming else told.current)
    if newest.loaded_years is None:
        raise Invalid("calendar_observes_none", calendar=code)
    return laid_upon(newest, queries.drafted(code))


def _text_is_there(form: ImportForm) -> bool:
    """Fills the text from the chosen source, so that it can be put right on the page; notes what is wrong."""
    if form.source.data == "seeded":
        return _seeded(form)
    upload = form.file.data
    if upload:
        try:
            form.text.data = decoded(upload.read(MOST_BYTES + 1))
        except ValueError:
            form.file.errors = [sentence(Invalid("import_file_unreadable", most=MOST_BYTES // 1000))]
            return False
    elif len(form.text.data or "") > MOST_BYTES:
        form.text.errors = [sentence(Invalid("import_file_unreadable", most=MOST_BYTES // 1000))]
        return False
    if not (form.text.data or "").strip():
        form.file.errors = [sentence(Invalid("import_nothing"))]
        return False
    return True


def _seeded(form: ImportForm) -> bool:
    year = int(form.year.data)
    if year not in seeded_years():
        named = ", ".join(map(str, seeded_years()))
        form.year.errors = [sentence(Invalid("import_year_not_seeded", year=year, years=named))]
        return False
    days = seeded_calendars()[SEEDED].exceptions
    form.text.data = as_csv({day: special for day, special in days.items() if day.year == year})
    form.source.data = "file"  # from here on the text counts, as it is put right on the page
    return True


def _sentences(faults: list[Fault]) -> list[tuple[int, str]]:
    """Line numbers and reasons, the first hundred."""
    ordered = sorted(faults, key=lambda fault: fault.line)[:SHOWN]
    return [(fault.line, sentence(Invalid(fault.code, **fault.facts))) for fault in ordered]


def _page(code: str, form: ImportForm, now: datetime, *, status: int = 200, **facts: Any) -> Any:
    told = queries.story(code, now)
    page = render_template("clocks/calendar_import.html", story=told, form=form, **facts)
    return make_response(page, status)
