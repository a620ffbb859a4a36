"""What the status page says: current announcements in both languages, and nothing that is not meant for everybody.

No title, no number, no case: only what two people wrote and approved for customers, the class and the times.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.identity import queries as people
from portal.incidents import plans
from portal.incidents.models import Incident
from portal.kernel.db import db
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import hm, locale

FACT = "status_export"  # "written 1764000000" or "failed 1764000000 EACCES": how the last export ended


class Said(NamedTuple):
    """One announcement: the text in both languages (English may be empty), epoch seconds, whether service is back."""

    text: str
    text_en: str
    published: int
    recovery: int | None
    next_news: int | None
    restored: bool

    def words(self, language: str) -> tuple[str, str]:
        """The text in this language if there is one, and the language that it is in."""
        return (self.text_en, "en") if language == "en" and self.text_en else (self.text, "zh-Hans")


class Matter(NamedTuple):
    """What is said of one incident: its class in both languages, the newest announcement, and the earlier ones."""

    zh: str
    en: str
    now: Said
    earlier: list[Said]

    def word(self, language: str) -> str:
        """The class in this language."""
        return self.en if language == "en" else self.zh


class Export(NamedTuple):
    """How the last export went: written or failed, since when (epoch seconds), and why it failed."""

    state: str
    at: int
    why: str


def current(now: datetime) -> list[Matter]:
    """What is said now, the newest first: open announcements, and for some hours that service is back."""
    hours = plans.latest().facts["status_hours"]
    since = now - timedelta(hours=hours)
    lives = (Incident.state == "active") | (Incident.ended_at >= since)
    query = select(Incident).where(
        Incident.exercise.is_(False), Incident.declared_at.is_not(None), Incident.outcome != "merged", lives
    )
    found = [_matter(incident, int(since.timestamp())) for incident in db.session.scalars(query)]
    return sorted((one for one in found if one), key=lambda one: one.now.published, reverse=True)


def _matter(incident: Incident, since: int) -> Matter | None:
    said = incident.said
    over = said is not None and (said.get("restored") or incident.state == "ended")
    if said is None or (over and said["published"] < since):
        return None
    kind = plans.of(incident.plan_version).classes[incident.kind]
    told = [a for a in incident.announcements if a["published"] and not a.get("withdrawn") and a["n"] != said["n"]]
    earlier = sorted(map(_said, told), key=lambda one: one.published, reverse=True)
    return Matter(kind.zh, kind.en, _said(said), earlier)


def _said(a: dict[str, Any]) -> Said:
    return Said(a["text"], a.get("text_en", ""), a["published"], a["recovery"], a["next_news"], bool(a.get("restored")))


def exported() -> Export | None:
    """How the last export of the page to the outside ended; None when there was none."""
    written = (people.fact(FACT) or "").split()
    return Export(written[0], int(written[1]), " ".join(written[2:])) if len(written) > 1 else None


def reach(incident: Incident, outside: bool) -> list[tuple[str, str]]:
    """Whether an announcement of this incident stands on the status page; `outside`: a folder for copies is set."""
    if incident.exercise:
        return [("no", _("Not on the status page: it is an exercise."))]
    inside = ("yes", _("The status page shows it in both languages."))
    return [inside, export_line(outside)]


def export_line(outside: bool) -> tuple[str, str]:
    """How the copy for the outside stands, in the reader's language."""
    last = exported()
    if not outside:
        return "look", _(
            "No folder is set for a public copy (PORTAL_STATUS_DIR): customers see it in the channels only."
        )
    if last is None:
        return "look", _("The public copy has not been written yet.")
    if last.state == "failed":
        facts = {"at": hm(last.at), "why": last.why}
        return "no", _("The public copy cannot be written since %(at)s (%(why)s). It is tried again.", **facts)
    return "yes", _("Public copy written %(at)s", at=hm(last.at))


def language() -> str:
    """`zh` or `en`, as the reader speaks."""
    return "en" if locale() == "en" else "zh"
