"""What the board shows around the end: what stands against it, milestones and figures, departments' answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _

from portal.identity.actor import Actor
from portal.identity.queries import unit_names
from portal.incidents import closing_events, milestones, queries
from portal.incidents.closing_offers import against, waiting
from portal.incidents.models import Incident
from portal.kernel.i18n import instant, span, term


class MilestoneLine(NamedTuple):
    """A milestone: when it was, what was noted first if another time was set, how it is known; `needed` for the end."""

    word: str
    at: datetime | None
    first_at: datetime | None
    basis: str
    needed: bool


class BackLine(NamedTuple):
    """A department told of the end: who answered and when."""

    unit: str
    person: str
    answered_at: datetime | None
    note: str


class Closing(NamedTuple):
    """All that the board shows around the end."""

    against: list[tuple[str, str]]
    milestones: list[MilestoneLine]
    figures: list[tuple[str, str]]
    back: list[BackLine]
    answered: int


def of(incident: Incident, names: Mapping[int, str]) -> Closing:
    """The picture at this moment; what stands against the end only while the incident is being handled."""
    running = incident.state == "active"
    moments = {m.code: m.at for m in incident.milestones}
    known = [(term(f"figure.{c}"), str(span(s))) for c, s in milestones.figures(moments).items() if s is not None]
    units = unit_names() if incident.back else {}
    back = [
        BackLine(units.get(b.unit_id, b.unit), names.get(b.person_id or -1, ""), b.answered_at, b.note)
        for b in incident.back
    ]
    return Closing(
        against=against(incident, queries.doubts_of(incident)) if running else [], milestones=_milestones(incident),
        figures=known, back=back, answered=sum(b.answered_at is not None for b in back),
    )  # fmt: skip


def _milestones(incident: Incident) -> list[MilestoneLine]:
    known = {m.code: m for m in incident.milestones}
    lines = []
    for code in milestones.CODES:
        row = known.get(code)
        other = row.first_at if row and row.first_at != row.at else None
        needed = row is None and code in milestones.NEEDED and incident.state == "active"
        lines.append(MilestoneLine(term(f"milestone.{code}"), row and row.at, other, row.basis if row else "", needed))
    return lines


def offered(actor: Actor, incident: Incident) -> dict[str, bool]:
    """Which deeds around the end make sense for this person now."""
    reviewable = not incident.reviewed_at and incident.outcome != "dismissed"
    return {"back": bool(waiting(actor, incident)), "reviewer": reviewable}


def ended(incident: Incident, facts: dict[str, Any]) -> str:
    """What stood against an end, each with the reason why it was declared all the same."""
    doubts = closing_events.as_now("Ended", facts)["doubts"]
    why = {row["code"]: row["why"] for row in doubts}
    return "\n".join(
        _("%(fact)s Ended all the same: %(reason)s", fact=words, reason=why[code])
        for code, words in against(incident, doubts)
    )


def _set(f: dict[str, Any], plan: Any, language: str) -> str:
    moved = f"{instant(f['previous'])} → {instant(f['moment'])}" if f["previous"] else instant(f["moment"])
    return f"{term('milestone.' + f['code'])} · {moved} · {f['basis']}"


DETAILS: dict[str, Any] = {
    "MilestoneSet": _set,
    "ReviewOwnerNamed": lambda f, plan, lang: " → ".join(x for x in (f["previous"], f["person"]) if x),
    "DepartmentsAsked": lambda f, plan, lang: _("Departments: %(n)s", n=len(f["units"])),
    "DepartmentBack": lambda f, plan, lang: " · ".join(
        x for x in (unit_names().get(f["unit_id"], f["unit"]), f["note"]) if x
    ),
    "WentOn": lambda f, plan, lang: f["reason"],
}
