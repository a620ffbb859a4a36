"""What the forms of review and measures offer."""

from datetime import datetime, timedelta
from typing import Any

from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.incidents import queries
from portal.incidents.models import Incident
from portal.incidents.offers import may_finish
from portal.incidents.story import story
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import hm

# what the story of an incident is ticked with at first, beside decisions
TELLING = ("Reported", "Declared", "GradeChanged", "SituationReported", "AnnouncementPublished", "WentOn", "Ended")


def review(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """The journal to pick from, and what has been written so far."""
    lines = queries.history(incident)
    told = [line for line in reversed(story(incident, lines, people.names())) if line.head]
    form.offer(entries=[(str(t.n), _short(hm(t.at), t.head, t.quote or t.detail)) for t in told])
    if not form.is_submitted():
        kept = incident.review or {}
        for name in ("cause", "losses", "worked", "lessons"):
            getattr(form, name).data = kept.get(name, "")
        form.entries.data = [str(n) for n in kept.get("entries", ())] or [
            str(line.n) for line in lines if line.kind in TELLING or line.facts.get("kind") == "decision"
        ]


def _short(at: str, head: str, words: str) -> str:
    return f"{at} {head}" + (f": {words[:60]}{'…' if len(words) > 60 else ''}" if words else "")


def measure(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Everybody; a month to do it, three until it is tested again [H]."""
    form.offer(owner=[("", _("Please choose")), *((str(i), name) for i, name in queries.candidates())])
    if not form.is_submitted():
        form.due.data, form.retest.data = now + timedelta(days=30), now + timedelta(days=90)


def _measures(incident: Incident, form: Any, state: str, but: tuple[int, ...] = ()) -> None:
    left = [m for m in incident.measures if m.state == state and m.n not in but]
    form.offer(measure=[(str(m.n), f"{m.text} · {m.owner}") for m in left])


def done(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Open measures that this person may finish."""
    others = tuple(m.n for m in incident.measures if not may_finish(actor, incident, m.owner_id))
    _measures(incident, form, "open", others)


def verify(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Measures done by others."""
    _measures(incident, form, "done", tuple(m.n for m in incident.measures if actor.id in (m.owner_id, m.done_by)))


def retest(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Measures verified."""
    _measures(incident, form, "verified")


def offered(actor: Actor, incident: Incident) -> dict[str, bool]:
    """Which deeds of the review make sense for this person now."""
    over, rows = incident.outcome == "ended", incident.measures
    leads = may(actor, "incident.declare", incident)
    return {
        "review": over and not incident.reviewed_at and (leads or incident.review_owner_id == actor.id),
        "measure": over,
        "measure_done": any(m.state == "open" and may_finish(actor, incident, m.owner_id) for m in rows),
        "verify": any(m.state == "done" and actor.id not in (m.owner_id, m.done_by) for m in rows),
        "retest": any(m.state == "verified" for m in rows),
    }
