"""Pages of internal announcements: what stands, a new one (from an incident in one step), who has read it."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from portal.desk.caches import departments, units
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow, may, scope
from portal.identity.session import current_actor
from portal.incidents import queries as incidents
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Missing
from portal.kernel.forms import Form
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import local, locale, sentence
from portal.notices import announcement_actions, announcements
from portal.notices.announcement_rules import LONGEST_TITLE, LONGEST_WORDING
from portal.notices.models import Announcement
from portal.roster.forms import readable

bp = Blueprint("announcements", __name__, url_prefix="/announcements")


class AnnouncementForm(Form):
    """What happened, what is said about it, for whom and how long."""

    key = HiddenField()
    incident = HiddenField()
    title = StringField(_l("Subject of the announcement"), [InputRequired(_l("Write what it is about."))])
    wording = TextAreaField(_l("Wording to use"), [InputRequired(_l("Write the wording that everybody uses."))])
    unit = SelectField(_l("For whom"))
    since = StringField(_l("Stands from"), [InputRequired(_l("Write when it begins.")), readable])
    until = StringField(_l("Stands until"), [InputRequired(_l("Write when it ends.")), readable])

    def offer(self, actor: Actor) -> None:
        """Fills the list: all departments for those who may, else one's own."""
        where = scope(actor, "announcement.write")
        every = [("", _("all departments"))] if where is None else []
        here = [u for u in departments() if where is None or u.id in where]
        self.unit.choices = every + [(str(u.id), u.called(locale())) for u in here]

    def chosen(self) -> dict[str, Any]:
        """What was typed, for the action."""
        begin: datetime = self.since.instant  # type: ignore[attr-defined]
        end: datetime = self.until.instant  # type: ignore[attr-defined]
        return {
            "title": self.title.data or "", "wording": self.wording.data or "", "begin": begin, "end": end,
            "unit_id": int(self.unit.data) if self.unit.data else None, "incident_no": self.incident.data or "",
            "key": (self.key.data or "")[:64],
        }  # fmt: skip


@bp.get("")
def index() -> Any:
    """What stands and what stood, the latest first."""
    actor, now = current_actor(), clock.now()
    allow(actor, "announcement.view")
    return render_template(
        "desk/announcements.html", rows=announcements.newest(), now=now, names=people.names(), unit_names=_unit_names()
    )


@bp.get("/new")
def new() -> Any:
    """The form; with ?incident= filled from an incident, so that one press publishes it."""
    actor, form = current_actor(), AnnouncementForm(formdata=None)
    allow(actor, "announcement.write")
    now = clock.now()
    form.key.data = secrets.token_hex(8)
    form.since.data = f"{local(now):%Y-%m-%dT%H:%M}"
    form.until.data = f"{local(now + timedelta(hours=24)):%Y-%m-%dT%H:%M}"
    if request.args.get("incident"):
        incident = incidents.incident_by_no(actor, request.args["incident"])
        said = [a for a in incident.announcements if a["published"]]
        form.incident.data, form.title.data = incident.no, incident.title[:LONGEST_TITLE]
        form.wording.data = (said[-1]["text"] if said else incident.scope)[:LONGEST_WORDING]
    return _page(form)


@bp.post("")
def publish() -> Any:
    """Publishes it; a refusal stands at its field and keeps what was typed."""
    actor, form = current_actor(), AnnouncementForm()
    allow(actor, "announcement.write")
    form.offer(actor)
    if not form.validate_on_submit():
        return _page(form, 422)
    try:
        with transaction():
            number = announcement_actions.publish(actor, clock.now(), **form.chosen()).id
    except Invalid as refused:
        field = form[refused.facts["field"]]
        field.errors = [*field.errors, sentence(refused)]
        return _page(form, 422)
    flash(_("The announcement stands at the top of the desks it concerns."), "ok")
    return redirect(url_for("announcements.one", number=number), 303)


@bp.get("/<int:number>")
def one(number: int) -> Any:
    """One announcement; for those who publish, who has confirmed reading and who has not."""
    actor, now = current_actor(), clock.now()
    allow(actor, "announcement.view")
    made = announcements.announcement(number)
    read = announcements.readers(number)
    audience = announcements.audience(made)
    return render_template(
        "desk/announcement.html", made=made, now=now, names=people.names(), unit_names=_unit_names(), read=read,
        missing={who: name for who, name in audience.items() if who not in read}, audience=audience,
        edits=may(actor, "announcement.write", made), concerned=actor.id in audience, standing=_stands(made, now),
    )  # fmt: skip


@bp.post("/<int:number>/<deed>")
def act(number: int, deed: str) -> Any:
    """Confirms reading, reminds those who have not, or takes it down."""
    actor, now = current_actor(), clock.now()
    allow(actor, "announcement.view")
    if deed not in ("confirm", "remind", "end"):
        raise Missing("not_found")
    said = ""
    with transaction():
        made = announcements.announcement(number)
        if deed == "confirm":
            announcement_actions.confirm(actor, now, made)
        elif deed == "remind":
            told = announcement_actions.remind(actor, now, made)
            said = _("%(n)s people were reminded.", n=told)
        elif deed == "end":
            announcement_actions.end(actor, now, made)
            said = _("The announcement is taken down.")
    if said:
        flash(said, "ok")
    back = {"desk": "desk.home", "intake": "intake.form"}.get(request.form.get("from", ""), "")
    return redirect(url_for(back) if back else url_for("announcements.one", number=number), 303)


def standing_here() -> list[Any]:
    """For the top of desk and intake: what stands for the reader, and whether it waits for the confirmation."""
    actor = current_actor()
    return announcements.unread(actor, clock.millis() // 1000) if may(actor, "announcement.view") else []


def _stands(made: Announcement, now: datetime) -> bool:
    return made.ended_at is None and made.from_at <= now < made.to_at


def _unit_names() -> dict[int | None, str]:
    return {u.id: u.called(locale()) for u in units().values()} | {None: _("all departments")}


def _page(form: AnnouncementForm, status: int = 200) -> Any:
    form.offer(current_actor())
    return render_template("desk/announcement_new.html", form=form), status
