"""What staff do around drills: plan, begin, put in, observe, test earlier findings again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.incidents import actions, drill_queries, drill_rules, drills, plans, review_actions, rules
from portal.incidents import drill_events as e
from portal.incidents.drill_models import Drill
from portal.incidents.models import Incident
from portal.incidents.record import record, tell_of
from portal.journal import stream
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Refused

STREAM = "config:drills"
DAY = timedelta(days=1)


def plan(
    actor: Actor, now: datetime, *, kind: str, title: str, extent: str, place: str, scenario: str, planned: datetime,
    owner_id: int, objectives: Mapping[str, int], injects: str, key: str = "",
) -> Drill:  # fmt: skip
    """Plans a drill; the form's key makes a second post find the first one's. Raises Invalid at the field."""
    allow(actor, "drill.plan")
    known = drill_queries.made_by(key)
    if known is not None:
        return known
    rules.one_of(kind, plans.latest().classes, "kind")
    rules.one_of(extent, plans.EXTENTS, "extent")
    rules.ahead(planned, now, "planned")
    owner = people.person(owner_id)
    goals = {code: int(objectives.get(code, goal)) for code, goal in drills.OBJECTIVES.items()}
    drill = Drill(
        kind=kind, title=rules.require(title, "title"), extent=extent, place=rules.require(place, "place"),
        scenario=rules.require(scenario, "scenario"), planned_at=planned, owner_id=owner.id, owner=owner.name,
        objectives=goals, injects=drill_rules.injects_of(injects), told_next=planned - DAY, reason="",
        by_id=actor.id, at=now, key=key or None,
    )  # fmt: skip
    db.session.add(drill)
    db.session.flush()
    return _kept(drill, "DrillPlanned", actor, now)


def drop(actor: Actor, now: datetime, drill: Drill, *, reason: str) -> None:
    """A planned drill is not held, with the reason; a second time changes nothing."""
    allow(actor, "drill.plan")
    if drill.incident_id:
        raise Refused("drill_begun_already")
    if drill.dropped_at is None:
        drill.dropped_at, drill.reason, drill.told_next = now, rules.require(reason, "reason"), None
        _kept(drill, "DrillDropped", actor, now, reason=drill.reason)


def begin(actor: Actor, now: datetime, drill: Drill) -> Incident:
    """Begins a planned drill: its scenario is reported as an exercise, its injects get their instants."""
    allow(actor, "incident.declare")
    if drill.incident_id or drill.dropped_at:
        raise Refused("drill_begun_already")
    incident = actions.report(
        actor, now, title=drill.title, kind=drill.kind, extent=drill.extent, place=drill.place, scope=drill.scenario,
        cause="", occurred=now, exercise=True,
    )  # fmt: skip
    record(incident, drill_rules.begun(drill.id, drill.objectives, drill.injects, now), by=actor, at=now)
    drill.incident_id, drill.told_next = incident.id, None
    _kept(drill, "DrillHeld", actor, now, no=incident.no)
    return incident


def put_in(actor: Actor, now: datetime, incident: Incident) -> int:
    """Puts in what has come due, each once, and tells those who hold a role, or who lead while nobody does."""
    allow(actor, "incident.act", incident)
    if incident.state == "ended" or not incident.exercise:
        return 0
    found = drill_rules.due_injects(incident, now)
    for event in found:
        record(incident, event, by=actor, at=now)
        holders = [row.person_id for row in incident.held.values()]
        tell_of(holders or people.holders("watch"), "drill_inject", incident, now, task=event.text)
    return len(found)


def observe(actor: Actor, now: datetime, incident: Incident, *, objective: str, rating: str, words: str) -> None:
    """An evaluator writes down what was seen of an objective; a later one of the same takes its place."""
    allow(actor, "incident.verify", incident)
    record(incident, drill_rules.observed(incident, objective, rating, words), by=actor, at=now)


def recheck(actor: Actor, now: datetime, incident: Incident, *, measure_id: int, held: bool, words: str) -> None:
    """An earlier finding of the class is tested again in this drill; its own incident keeps whether it held."""
    allow(actor, "incident.verify", incident)
    drill_rules.practised(incident)
    rules.running(incident)
    found = {row.id: row for row, _no in drill_queries.waiting(incident)}
    row = found.get(measure_id)
    if row is None:
        raise Invalid("no_such_measure", field="measure")
    said = rules.require(words, "words")
    earlier = db.session.get_one(Incident, row.incident_id, with_for_update=True, populate_existing=True)
    number, text = row.n, row.text
    review_actions.retest_measure(actor, now, earlier, n=number, held=held, words=f"{incident.no} · {said}")
    record(incident, e.FindingChecked(earlier.no, number, text, held, said), by=actor, at=now)


def _kept(drill: Drill, kind: str, actor: Actor, now: datetime, **facts: Any) -> Drill:
    named = {"drill": drill.id, "kind": drill.kind, "title": drill.title, "planned": int(drill.planned_at.timestamp())}
    stream.append(STREAM, kind, named | facts, by_id=actor.id, at=now)
    return drill
