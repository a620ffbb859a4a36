"""What waits for a person: cases, requests to be judged, duties in incidents; by the nearest instant."""

from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import select

from portal.cases.telling import standing
from portal.collaboration import task_queries
from portal.desk import reading
from portal.desk.caches import vocabulary
from portal.desk.rows import LOOKS
from portal.desk.staleness import is_stale
from portal.desk.views import STOPPED, View
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.incidents import plans
from portal.incidents.models import Incident, IncidentRole, IncidentTask
from portal.kernel import i18n
from portal.kernel.db import db
from portal.kernel.i18n import term
from portal.kernel.instants import moment

MOST = 30


class Step(NamedTuple):
    """One line of the day: where it leads, what is to be done, until when (timer: run, paused or idle)."""

    id: str
    url: str
    no: str
    title: str
    todo: str
    look: str
    press: int
    timer: str
    clock: str = ""
    due: int = 0
    start: int = 0
    warn: int | None = None
    level: str = ""
    judged: bool = True
    stale: bool = False


def steps(actor: Actor, now: int) -> list[Step]:
    """Everything that waits for this person, the nearest instant first."""
    found: dict[str, Step] = {}
    if may(actor, "queue.view"):
        found |= _cases(View("mine", None, actor), now, MOST)
    if may(actor, "case.judge"):
        found |= _cases(View("judging", None, actor), now, MOST)
    duties = _duties(actor) if may(actor, "incident.view") else []
    duties += _tasks(actor) if may(actor, "task.view") else []
    return sorted([*found.values(), *duties], key=lambda step: (step.press, step.no))[:MOST]


def total(actor: Actor, now: int, shown: list[Step]) -> int:
    """How many steps wait in all, of which `shown` are the nearest; cases counted up to COUNTED a kind."""
    if len(shown) < MOST:
        return len(shown)
    number = 0
    if may(actor, "queue.view"):
        number += reading.standing(View("mine", None, actor), now)[0]
    if may(actor, "case.judge"):
        judging = reading.counts(View("judging", None, actor), now)
        number += judging.all - judging.mine  # those this person holds are counted already
    number += len(_duties(actor)) if may(actor, "incident.view") else 0
    return number + (task_queries.late(actor, moment(now))[0] if may(actor, "task.view") else 0)


def _cases(view: View, now: int, most: int) -> dict[str, Step]:
    words = vocabulary(i18n.locale())
    return {row.no: _step(row, words.clocks, now) for row in reading.page(view, now, most)}


def _step(row: Any, clocks: dict[str, str], now: int) -> Step:
    how = standing(row)[6:]
    todo = "rated" if how == "confirmed" and row.rated else how
    press = now if how == "confirmed" else row.press  # no clock runs any more; it is to be done now
    timer = "idle" if not row.clock_kind else "run" if row.press < STOPPED else "paused"
    return Step(
        id=f"case-{row.id}", url=f"/cases/{row.no}", no=row.no, title=row.title, todo=term(f"todo.{todo}"),
        look=LOOKS.get(row.state, "shut"), press=press, timer=timer, clock=clocks.get(row.clock_kind, ""),
        due=row.clock_due, start=row.clock_start, warn=row.clock_warn, level=row.level or row.proposed_level,
        judged=bool(row.level), stale=is_stale(row, now),
    )  # fmt: skip


def _tasks(actor: Actor) -> list[Step]:
    """Tasks on cases and without one."""
    clock, todo = _("Task"), _("Do the task and hand in the evidence")
    return [
        Step(
            id=f"task-{t.id}", url="/tasks" if t.shut else f"/tasks/{t.id}", no=f"T{t.id}", title=t.text, todo=todo,
            look="work", press=int(t.due_at.timestamp()), timer="run", clock=clock, due=int(t.due_at.timestamp()),
            start=int(t.given_at.timestamp()),
        )
        for t in task_queries.waiting_for(actor, MOST)
    ]  # fmt: skip


def _duties(actor: Actor) -> list[Step]:
    """Roles to be acknowledged, tasks to be done, and what a commander has to lead or to declare."""
    running = Incident.state == "active"
    roles = db.session.execute(
        select(Incident, IncidentRole)
        .join(IncidentRole, IncidentRole.incident_id == Incident.id)
        .where(running, IncidentRole.person_id == actor.id, IncidentRole.until_at.is_(None))
    )
    tasks = db.session.execute(
        select(Incident, IncidentTask)
        .join(IncidentTask, IncidentTask.incident_id == Incident.id)
        .where(running, IncidentTask.owner_id == actor.id, IncidentTask.done_at.is_(None))
    )
    found = [_role(incident, role) for incident, role in roles if not role.acknowledged_at]
    found += [_task(incident, task) for incident, task in tasks]
    return found + [_lead(incident) for incident in _to_lead(actor)]


def _to_lead(actor: Actor) -> list[Incident]:
    """Running incidents for commanders, and reported ones for those who may declare them."""
    states = [s for s, verb in (("active", "incident.command"), ("reported", "incident.declare")) if may(actor, verb)]
    return list(db.session.scalars(select(Incident).where(Incident.state.in_(states)))) if states else []


def _duty(incident: Incident, name: str, title: str, todo: str, clock: str, due: Any, start: Any) -> Step:
    until, since = (int(at.timestamp()) if at else 0 for at in (due, start))
    return Step(
        id=f"incident-{incident.id}-{name}", url=f"/incidents/{incident.no}", no=incident.no, title=title, todo=todo,
        look="work", press=until or since, timer="run" if until else "idle", clock=clock, due=until, start=since,
    )  # fmt: skip


def _role(incident: Incident, role: IncidentRole) -> Step:
    title = f"{plans.of(incident.plan_version).roles[role.role].word(i18n.locale())} · {incident.title}"
    return _duty(incident, f"role-{role.id}", title, _("Acknowledge the role"), "", None, role.from_at)


def _task(incident: Incident, task: IncidentTask) -> Step:
    clock, todo = _("Incident task"), _("Do the task and report it done")
    title = plans.words(incident.plan_version, task.code, task.title, i18n.locale())
    return _duty(incident, f"task-{task.id}", title, todo, clock, task.due_at, task.added_at)


def _lead(incident: Incident) -> Step:
    if incident.state == "reported":
        todo = _("Declare the emergency, or dismiss the report")
        return _duty(incident, "declare", incident.title, todo, "", None, incident.reported_at)
    begun = incident.last_report_at or incident.declared_at
    return _duty(
        incident, "command", incident.title, _("Lead the incident"), _("Next report"), incident.next_report_at, begun
    )
