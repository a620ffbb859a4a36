"""URLs of entering afterwards: a sheet becomes a case, a second person checks it, a file is read."""

import json
import secrets
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from portal.backup import entry_actions, queries, rules
from portal.backup.forms import CheckForm, HandInForm, PaperForm
from portal.backup.models import BackEntry
from portal.cases.models import Case
from portal.cases.submissions import made_by
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow, may
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Refused, Stale
from portal.kernel.i18n import sentence, term

MOST_BYTES = 2 * 1024 * 1024
PLACE = {"customer": "contact", "problem": "description", "time": "occurred", "demand": "demand"}


def attach(bp: Blueprint) -> None:
    """Adds these addresses to the room's."""
    bp.add_url_rule("/enter", "enter", enter, methods=["GET"])
    bp.add_url_rule("/enter", "keep", keep, methods=["POST"])
    bp.add_url_rule("/entries/<int:number>", "entry", entry, methods=["GET"])
    bp.add_url_rule("/entries/<int:number>", "check", check, methods=["POST"])
    bp.add_url_rule("/files", "hand_in", hand_in, methods=["POST"])


def hand_in_form() -> HandInForm:
    """The form that takes a file of the offline form."""
    return HandInForm(formdata=None)


def paper_page(form: PaperForm, status: int = 200) -> Any:
    """The form of a sheet as a page."""
    return render_template("backup/enter.html", form=form), status


def enter() -> Any:
    """The form of a sheet; the code on the paper leads here with its number."""
    allow(current_actor(), "case.log")
    form = PaperForm()
    form.key.data, form.serial.data = secrets.token_urlsafe(16), request.args.get("serial", "")[:40]
    return paper_page(form)


def keep() -> Any:
    """A sheet becomes a case; a refusal stands at its field, a second post finds the first one's case."""
    actor, now, form = current_actor(), clock.now(), PaperForm()
    allow(actor, "case.log")
    if not form.validate_on_submit() or form.heard.data is None:
        return paper_page(form, 422)
    said = {name: (form[name].data or "").strip() for name in rules.TEXTS}
    paper = entry_actions.Paper(**said, heard=form.heard.data, lacking=bool(form.lacking.data))
    try:
        with transaction():
            case = entry_actions.enter(actor, now, paper, key=f"paper:{form.key.data}"[:64])
            no = case.no if case else ""
    except Invalid as refused:
        _place(form, refused)
        return paper_page(form, 422)
    except Stale:  # the same form came twice at once
        known = made_by(f"paper:{form.key.data}"[:64])
        if known is None:
            raise
        no = db.session.get_one(Case, known).no
    if no:
        flash(_("Entered as %(no)s with its true times. Somebody else checks it against the paper.", no=no), "ok")
    else:
        flash(_("Exercise: the sheet counts as entered; no case was made."), "ok")
    return redirect(url_for("backup.enter"), 303)


def _place(form: PaperForm, refused: Invalid) -> None:
    """Puts a refusal at the fields it speaks of."""
    for name in refused.facts.get("missing", ()):
        field = form[PLACE[name]]
        field.errors = [*field.errors, term(f"missing.{name}")]
    where = {"received": "heard"}.get(refused.facts.get("field", ""), refused.facts.get("field", ""))
    if where in form and where != "elements":
        form[where].errors = [*form[where].errors, sentence(refused)]


def entry_page(row: BackEntry, form: CheckForm, status: int = 200) -> Any:
    """One entry beside what has to be compared, if this person may see the case."""
    actor = current_actor()
    case = db.session.get_one(Case, row.case_id)
    checks = may(actor, "backup.check") and actor.id != row.entered_by and not row.agrees
    return render_template(
        "backup/entry.html", row=row, case=case if may(actor, "case.view", case) else None, form=form, checks=checks,
        names=people.names(),
    ), status  # fmt: skip


def entry(number: int) -> Any:
    """What was entered, to be held against the paper."""
    allow(current_actor(), "backup.view")
    return entry_page(queries.entry(number), CheckForm())


def check(number: int) -> Any:
    """The second person's answer."""
    actor, now, form = current_actor(), clock.now(), CheckForm()
    allow(actor, "backup.check")
    row = queries.entry(number)
    if not form.validate_on_submit():
        return entry_page(row, form, 422)
    try:
        with transaction():
            locked = db.session.get_one(BackEntry, number, with_for_update=True, populate_existing=True)
            entry_actions.check(actor, now, locked, agrees=form.result.data == "yes", words=form.words.data or "")
    except Invalid as refused:
        field = form[refused.facts["field"]]
        field.errors = [*field.errors, sentence(refused)]
        return entry_page(row, form, 422)
    flash(_("Your check is kept."), "ok")
    return redirect(url_for("backup.index"), 303)


def hand_in() -> Any:
    """Reads a file of the offline form; entries that came before are found again, not made twice."""
    actor = current_actor()
    allow(actor, "backup.note")
    upload = request.files.get("file")
    try:
        taken, refused = rules.typed(_rows(upload.read(MOST_BYTES + 1) if upload else b""))
    except Invalid as error:
        flash(sentence(error), "late")
        return redirect(url_for("backup.index"), 303)
    new, left = take_all(actor, taken, "file")
    flash(_("Taken from the file: %(n)s requests, %(left)s not usable.", n=new, left=len(refused) + len(left)), "ok")
    return redirect(url_for("backup.index"), 303)


def _rows(body: bytes) -> Any:
    if len(body) > MOST_BYTES:
        raise Invalid("offline_unreadable", field="file")
    try:
        found = json.loads(body.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise Invalid("offline_unreadable", field="file") from error
    return found.get("entries") if isinstance(found, dict) else found


def take_all(actor: Actor, rows: list[rules.Typed], means: str) -> tuple[int, list[tuple[str, str]]]:
    """Each entry in a transaction of its own: (how many are cases now, (key, why) of those that are not)."""
    kept, left = 0, []
    for one in rows:
        try:
            with transaction():
                entry_actions.take_in(actor, clock.now(), one, means)
            kept += 1
        except Forbidden:
            raise
        except Refused as refused:
            left.append((one.key, sentence(refused)))
    return kept, left
