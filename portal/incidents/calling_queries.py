"""The call-out sheet: who was called, whether the news arrived, who is coming and in place, and who is next in line."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from portal.incidents import in_line, plans
from portal.incidents.models import Incident
from portal.kernel.db import db
from portal.kernel.i18n import locale
from portal.notices.models import Notice


class CallLine(NamedTuple):
    """One person called: each step with its instant, None while it has not come; `refused`: mail cannot reach them."""

    n: int
    role: str
    person: str
    person_id: int
    called_at: datetime
    delivered_at: datetime | None
    acknowledged_at: datetime | None
    on_post_at: datetime | None
    passed_at: datetime | None
    next_at: datetime | None
    by_hand: str
    words: str
    refused: bool


class Sheet(NamedTuple):
    """All calls, the newest first; how many roles have answered and how many the grade asks for."""

    calls: list[CallLine]
    answered: int
    needed: int


def next_in_line(incident: Incident, role: str, now: datetime) -> in_line.Next | None:
    """Who is called next for a role: of the plan's line who was not called yet, on duty first, who is away last."""
    tried = {c.person_id for c in incident.calls if c.role == role} | {incident.commander_id}
    tried |= {row.person_id for row in incident.roles if row.role == role}
    line = in_line.lines(plans.of(incident.plan_version), now)[role]
    return next((one for one in line if one.person_id not in tried), None)


def sheet(incident: Incident) -> Sheet:
    """The sheet as it stands: delivered is when the notice was read in the portal or left by mail or robot."""
    plan = plans.of(incident.plan_version)
    arrived, refused = _delivered(incident), _refused(incident)
    lines = [
        CallLine(
            c.n, plan.roles[c.role].word(locale()), c.person, c.person_id, c.called_at,
            next((at for at in arrived.get(c.person_id, ()) if at >= c.called_at), None), c.acknowledged_at,
            c.on_post_at, c.passed_at, c.next_at, c.by_hand, c.words, c.person_id in refused,
        )
        for c in reversed(incident.calls)
    ]  # fmt: skip
    coming = {(c.role, c.person_id) for c in incident.calls if c.acknowledged_at}
    held = incident.held.items()
    answered = sum(row.acknowledged_at is not None or (role, row.person_id) in coming for role, row in held)
    grade = plan.grades.get(incident.grade)
    return Sheet(lines, answered, grade.facts["answers"] if grade else 0)


def _delivered(incident: Incident) -> dict[int, list[datetime]]:
    """When news of a role arrived, by person, in order."""
    ids = {c.person_id for c in incident.calls}
    if not ids:
        return {}
    arrived = func.coalesce(Notice.read_at, Notice.sent_at)
    query = select(Notice.person_id, Notice.read_at, Notice.sent_at, Notice.channel).where(
        Notice.person_id.in_(ids), Notice.subject == incident.stream, Notice.kind == "incident_role"
    )
    found: dict[int, list[datetime]] = {}
    for person_id, read_at, sent_at, channel in db.session.execute(query.order_by(arrived)):
        at = read_at if channel == "app" else sent_at
        if at:
            found.setdefault(person_id, []).append(at)
    return found


def _refused(incident: Incident) -> set[int]:
    """To whom mail of this incident was given up."""
    ids = {c.person_id for c in incident.calls}
    lost = (Notice.subject == incident.stream) & (Notice.channel == "mail") & (Notice.state == "parked")
    return set(db.session.scalars(select(Notice.person_id).where(Notice.person_id.in_(ids), lost))) if ids else set()
