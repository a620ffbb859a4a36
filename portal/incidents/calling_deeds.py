"""The board's deeds of calling out and of taking command, with their forms and what these offer."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from portal.identity.actor import Actor
from portal.incidents import calling_actions as actions
from portal.incidents import forms, plans
from portal.incidents.deed import Deed
from portal.incidents.models import Incident
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import hm, locale


class AnswerForm(forms.Deed):
    """One's own call."""

    call = SelectField(_l("Role"), [forms.NEEDED])


class ByHandForm(forms.Deed):
    """Who was telephoned, and whether they were reached."""

    call = SelectField(_l("Who was called"), [forms.NEEDED])
    reached = RadioField(
        _l("Reached?"),
        [forms.NEEDED],
        choices=[SelectChoice("yes", _l("Reached")), SelectChoice("no", _l("Not reached"))],
    )
    words = StringField(_l("By which number, and what was said"), [forms.NEEDED, Length(max=400)])


class OfferForm(forms.Deed):
    """Take command, or not."""

    answer = RadioField(
        _l("Command"),
        [forms.NEEDED],
        choices=[SelectChoice("yes", _l("I take command")), SelectChoice("no", _l("I decline"))],
    )
    words = TextAreaField(_l("Reason (needed to decline)"), [Optional(), forms.LONG])


def waiting(incident: Incident) -> list[Any]:
    """Calls without an answer."""
    return [c for c in incident.calls if not c.acknowledged_at and not c.passed_at]


def _calls(incident: Incident, form: Any, calls: list[Any]) -> None:
    roles = plans.of(incident.plan_version).roles
    form.offer(call=[(str(c.n), f"{roles[c.role].word(locale())} · {c.person}") for c in calls])


def _mine(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    _calls(incident, form, [c for c in waiting(incident) if c.person_id == actor.id])


def _all(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    _calls(incident, form, waiting(incident))


def _offer(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """What is handed over: the words, and what the portal knows to be open."""
    tasks = [t for t in incident.tasks if not t.done_at]
    said = incident.said
    facts = [_("Open tasks: %(n)s, late: %(late)s", n=len(tasks), late=sum(t.due_at <= now for t in tasks))]
    if incident.next_report_at:
        facts.append(_("Next report by %(time)s", time=hm(incident.next_report_at)))
    if said and said["next_news"]:
        facts.append(_("Customers were promised news by %(time)s", time=hm(said["next_news"])))
    words = (incident.offered or {}).get("handover", "")
    form.answer.description = "\n".join([x for x in [words] if x] + facts)


def offered(actor: Actor, incident: Incident) -> dict[str, bool]:
    """Which of these deeds make sense for this person now."""
    left = waiting(incident)
    mine = bool(incident.offered) and (incident.offered or {})["person_id"] == actor.id
    return {"answer": any(c.person_id == actor.id for c in left), "by_hand": bool(left), "command": mine}


CALLING: dict[str, Deed] = {
    "answer": Deed(
        AnswerForm,
        _l("I am coming"),
        "incident.view",
        lambda a, now, i, f: actions.answer(a, now, i, n=int(f.call.data)),
        _mine,
    ),
    "by_hand": Deed(
        ByHandForm,
        _l("Called by hand"),
        "incident.act",
        lambda a, now, i, f: actions.by_hand(
            a, now, i, n=int(f.call.data), reached=f.reached.data == "yes", words=f.words.data
        ),
        _all,
    ),
    "command": Deed(
        OfferForm,
        _l("Take command"),
        "incident.command",
        lambda a, now, i, f: actions.answer_offer(a, now, i, accepted=f.answer.data == "yes", words=f.words.data or ""),
        _offer,
        ("active",),
        True,
    ),
}
