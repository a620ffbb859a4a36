"""The board's deeds with announcements: draft from a template, publish after a look at whom it reaches, take back."""

from datetime import datetime
from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.incidents import forms, news_actions, news_board, news_queries, news_rules, plans, telling
from portal.incidents.deed import Deed
from portal.incidents.models import Incident
from portal.kernel.forms import LocalTime
from portal.kernel.i18n import hm, locale


class AnnouncementForm(forms.Deed):
    """A text for customers."""

    text = TextAreaField(_l("Text for customers"), [forms.NEEDED, forms.LONG])
    text_en = TextAreaField(_l("The same in English"), [Optional(), forms.LONG])
    channels = StringField(
        _l("Where it is published"),
        [forms.NEEDED, forms.SHORT],
        description=_l("Commas between the channels; each is ticked on the board once the text stands there."),
    )
    recovery = LocalTime(_l("Expected recovery"), [Optional()])
    next_news = LocalTime(_l("Next news promised by"), [Optional()], description=forms.NEWS_NEEDED)
    restored = BooleanField(_l("This text says that service is back"))


class PublishForm(forms.Deed):
    """Which draft is published."""

    n = RadioField(_l("Announcement"), [forms.NEEDED])


class WithdrawForm(forms.Deed):
    """Which text is taken back, and why."""

    n = RadioField(_l("Announcement"), [forms.NEEDED])
    reason = StringField(_l("Reason"), [forms.NEEDED, Length(max=400)])


class PutUpForm(forms.Deed):
    """In which channel the text stands now."""

    channel = RadioField(_l("Channel"), [forms.NEEDED])
    where = StringField(_l("Address or place where it can be seen"), [Optional(), Length(max=200)])


def _templates(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """The message templates of the plan as links; a chosen one fills the texts with what is known."""
    rows = plans.of(incident.plan_version).messages[incident.kind]
    url = url_for("incidents.deed", no=incident.no, name="announce")
    form.templates = [(f"{url}?message={row.code}", row.word(locale())) for row in rows]
    chosen = next((row for row in rows if row.code == request.args.get("message")), None)
    if chosen is None or form.is_submitted():
        return
    values = news_queries.values_of(incident, None, None)
    form.text.data = news_rules.filled(chosen.facts["text_zh"], values["zh"])
    form.text_en.data = news_rules.filled(chosen.facts["text_en"], values["en"])
    form.restored.data = bool(chosen.facts.get("restored"))


def _publish(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Drafts of others not published, each in full, and whom publishing reaches: what is approved has been read."""
    drafts = [a for a in incident.drafts if a.get("drafted_by") != actor.id]
    form.offer(n=[(str(a["n"]), _whole(a)) for a in drafts])
    form.preview = news_board.before(incident, drafts)
    if len(drafts) == 1 and not form.is_submitted():
        form.n.data = str(drafts[0]["n"])


def _whole(a: dict[str, Any]) -> str:
    return " · ".join(x for x in (a["text"], a.get("text_en", ""), a["channels"]) if x)


def _withdraw(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Drafts for all who write them, published texts for those who publish, while the incident runs."""
    form.offer(n=[(str(a["n"]), f"{hm(a['published'])} {a['text']}".strip()) for a in _takeable(actor, incident)])


def _takeable(actor: Actor, incident: Incident) -> list[dict[str, Any]]:
    published = [a for a in incident.announcements if a["published"] and not a.get("withdrawn")]
    speaks = incident.state == "active" and may(actor, "incident.command", incident)
    return incident.drafts + (published if speaks else [])


def _put_up(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Channels of the text said last that nobody has ticked."""
    left = news_rules.waiting_channels(incident.said) if incident.said else ()
    form.offer(channel=[(name, name) for name in left])


def offered(actor: Actor, incident: Incident) -> dict[str, bool]:
    """Which of these deeds make sense for this person now."""
    said = incident.said
    return {
        "publish": any(a.get("drafted_by") != actor.id for a in incident.drafts),
        "withdraw": bool(_takeable(actor, incident)),
        "put_up": said is not None and bool(list(news_rules.waiting_channels(said))),
    }


def _draft(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    telling.draft_announcement(
        actor, now, incident, text=form.text.data, channels=form.channels.data, recovery=form.recovery.data,
        next_news=form.next_news.data, restored=form.restored.data, text_en=form.text_en.data or "",
    )  # fmt: skip


def _up(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    n = incident.said["n"] if incident.said else 0
    news_actions.put_up(actor, now, incident, n=n, channel=form.channel.data, where=form.where.data or "")


NEWS: dict[str, Deed] = {
    "announce": Deed(
        AnnouncementForm,
        _l("Draft announcement"),
        "incident.act",
        _draft,
        _templates,
        send=_l("Save as a draft"),
        note=_l(
            "A draft is not said yet: customers read it only when the commander publishes it. "
            "Staff are told by an internal announcement."
        ),
    ),
    "publish": Deed(
        PublishForm,
        _l("Publish announcement"),
        "incident.command",
        lambda a, now, i, f: telling.publish_announcement(a, now, i, n=int(f.n.data)),
        _publish,
        send=_l("Publish"),
        note=_l("From now on this is what customers were told last. It must also be put up in the channels named."),
    ),
    "put_up": Deed(
        PutUpForm,
        _l("It stands in a channel"),
        "incident.act",
        _up,
        _put_up,
        send=_l("Record where it stands"),
    ),
    "withdraw": Deed(
        WithdrawForm,
        _l("Take an announcement back"),
        "incident.act",
        lambda a, now, i, f: news_actions.withdraw(a, now, i, n=int(f.n.data), reason=f.reason.data),
        _withdraw,
        states=("active", "ended"),
        send=_l("Take it back"),
        note=_l("A draft is dropped. Of a published text every linked case hears that it no longer holds."),
    ),
}
