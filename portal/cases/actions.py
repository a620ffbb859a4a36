"""What staff do to a case itself: policy first, then a rule, then the record."""

from dataclasses import replace
from datetime import datetime

from portal.cases import ending, queries, rules
from portal.cases import events as e
from portal.cases.mentions import tell_mentioned
from portal.cases.models import Case
from portal.cases.record import record
from portal.cases.submissions import note_made
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.models import Unit
from portal.identity.policy import allow
from portal.kernel.db import db
from portal.notices.tell import settle
from portal.notices.tell import tell as tell_people


def log(actor: Actor, now: datetime, event: e.Logged, *, key: str = "") -> Case:
    """Takes a request down as a new case; the form's key makes a second post find the first case."""
    allow(actor, "case.log")
    case = Case()
    record(case, event, by=actor, at=now)
    note_made(key, case.id, by=actor, at=now)
    if event.proposed_level == "P1":
        heads = _heads(case) + people.holders("supervisor")
        tell_people(
            heads,
            "p1_proposed",
            subject=case.stream,
            key=f"p1_proposed:{case.id}",
            facts=_named(case),
            now=now,
        )
    return case


def judge(
    actor: Actor,
    now: datetime,
    case: Case,
    *,
    level: str,
    impact: str,
    urgency: str,
    harm: bool,
    reason: str,
    unit_id: int | None = None,
    changed: bool = False,
) -> None:
    """Sets P1-P4 with its grounds (SL5); the lead department follows from the level unless one is named."""
    allow(actor, "case.judge", case)
    lead = db.session.get_one(Unit, unit_id) if unit_id else people.unit_by_code(rules.LEADS.get(level, "service"))
    event = rules.judge(
        case,
        level=level,
        impact=impact,
        urgency=urgency,
        harm=harm,
        reason=reason,
        unit_id=lead.id,
        changed=changed,
    )
    lowered = rules.lowers(case, level) and queries.share_used(case, "result", now) >= rules.LAST_QUARTER
    record(case, replace(event, unit=lead.name, last_quarter=lowered), by=actor, at=now)
    if lowered:
        auditors, key = people.holders("auditor"), f"lowered:{case.id}:{case.version}"
        tell_people(auditors, "lowered_late", subject=case.stream, key=key, facts=_named(case), now=now)
    if level == "P1":
        tell_people(
            _heads(case),
            "p1_judged",
            subject=case.stream,
            key=f"p1_judged:{case.id}:{case.version}",
            facts=_named(case),
            now=now,
        )
    if level in ("P1", "P2"):
        landed = set(people.holders("handler", {lead.id})) - {actor.id, case.owner_id}
        key, facts = f"landed:{case.id}:{case.version}", _named(case)
        tell_people(landed, "landed", subject=case.stream, key=key, facts=facts, now=now)


def _heads(case: Case) -> list[int]:
    """Heads of the department that holds the case and of the one that took it in (RO4)."""
    return people.holders("head", {case.unit_id, case.intake_unit_id})


def _named(case: Case) -> dict[str, str]:
    return {"no": case.no, "title": case.title, "level": case.level_now}


def contact(
    actor: Actor,
    now: datetime,
    case: Case,
    *,
    direction: str,
    means: str,
    reached: bool,
    words: str,
    promised: datetime | None = None,
    again: datetime | None = None,
) -> None:
    """Records a contact with the customer or an attempt that reached nobody (SL1); a merged case's in the main one.

    `again`: when an attempt is repeated; it stands in the day of whoever holds the case, who is reminded (DK1).
    """
    allow(actor, "case.contact", case)
    via, case = (case.no, queries.main_of(case)) if case.state == "merged" else ("", case)
    event = rules.contact(
        case, now, direction=direction, means=means, reached=reached, words=words, promised=promised,
        limit=queries.limit_of(case, "result") if promised else None, again=again,
    )  # fmt: skip
    event = replace(event, via=via)
    if direction == "out" and reached:
        event = replace(event, by_lead=case.unit_id in actor.unit_ids)
    record(case, event, by=actor, at=now)
    if via:
        owner, key = [case.owner_id or case.agent_id], f"followed:{case.id}:{case.version}"
        tell_people(owner, "followed", subject=case.stream, key=key, facts=_named(case), now=now)


def acknowledge(actor: Actor, now: datetime, case: Case, *, means: str, words: str) -> None:
    """A message with the number and the next step was handed over by the portal itself."""
    allow(actor, "case.contact", case)
    event = rules.contact(
        case, now, direction="out", means=means, reached=True, words=words, promised=None, automatic=True
    )
    record(case, event, by=actor, at=now)


def note(actor: Actor, now: datetime, case: Case, *, text: str) -> None:
    """Adds an internal note; whoever is named in it with @ is told (DK5)."""
    allow(actor, "case.note", case)
    rules.still_open(case)
    record(case, e.Noted(rules.require(text, "text")), by=actor, at=now)
    tell_mentioned(actor, now, case, text)


def start_work(actor: Actor, now: datetime, case: Case, *, what: str) -> None:
    """Writes what is being done; starts the work (P2 within 4 h)."""
    allow(actor, "case.work", case)
    record(case, rules.start_work(case, what), by=actor, at=now)


def write_result(actor: Actor, now: datetime, case: Case, *, text: str, cause_category: str, cause: str) -> None:
    """The department's explicit result in writing, with its cause (QU5)."""
    allow(actor, "case.result", case)
    record(
        case,
        rules.write_result(case, text=text, cause_category=cause_category, cause=cause),
        by=actor,
        at=now,
    )
    if case.agent_id != actor.id:
        tell_people(
            [case.agent_id],
            "result_written",
            subject=case.stream,
            key=f"result:{case.id}:{case.version}",
            facts=_named(case),
            now=now,
        )


def tell(actor: Actor, now: datetime, case: Case, *, means: str, words: str) -> None:
    """The result is told to the customer: staff-solved (SL1)."""
    allow(actor, "case.tell", case)
    record(case, rules.tell(case, means=means, words=words), by=actor, at=now)
    settle(case.agent_id, "result_written", case.stream, now)


def confirm(actor: Actor, now: datetime, case: Case, *, verdict: str, means: str, words: str) -> None:
    """What the customer said of the result; not satisfied begins a new round, of which its holder hears (SL11, QU6)."""
    allow(actor, "case.confirm", case)
    record(case, rules.confirm(case, verdict=verdict, means=means, words=words), by=actor, at=now)
    if verdict == "not_satisfied":
        holders = [case.owner_id] if case.owner_id else _heads(case)
        key = f"not_satisfied:{case.id}:{case.version}"
        others = [i for i in holders if i != actor.id]
        said = "" if case.restricted else words.strip()
        facts = _named(case) | ({"said": said} if said else {})
        tell_people(others, "not_satisfied", subject=case.stream, key=key, facts=facts, now=now)
    elif case.agent_id != actor.id:
        key = f"confirmed:{case.id}:{case.version}"
        tell_people([case.agent_id], "confirmed", subject=case.stream, key=key, facts=_named(case), now=now)


def close(
    actor: Actor,
    now: datetime,
    case: Case,
    *,
    outcome: str,
    reason: str = "",
    cause_category: str = "",
    cause: str = "",
) -> None:
    """Ends the case, its cause corrected where it was wrong (QU5); it is archived in the same instant (AR1)."""
    allow(actor, "case.close", case)
    event = rules.close(case, outcome=outcome, reason=reason)
    ending.check(case, outcome, queries.attempts(case) if outcome == "unreachable" else [])
    corrected = ending.cause(case, cause_category, cause)
    if corrected:
        record(case, corrected, by=actor, at=now)
    record(case, event, by=actor, at=now)
    settle(case.agent_id, "confirmed", case.stream, now)


def reopen(actor: Actor, now: datetime, case: Case, *, reason: str, came: datetime | None = None) -> None:
    """Brings a closed case back as a new cycle; the old verdicts stand. `came`: when the customer asked for it."""
    allow(actor, "case.reopen", case)
    record(case, rules.reopen(case, came or now, reason, queries.reopen_within(case, now)), by=actor, at=now)
    if case.reopened >= rules.REOPENED_OFTEN:
        managers = [*_heads(case), *people.holders("quality"), *people.holders("supervisor")]
        key = f"reopened_often:{case.id}:{case.version}"
        tell_people(managers, "reopened_often", subject=case.stream, key=key, facts=_named(case), now=now)


def complete(
    actor: Actor, now: datetime, case: Case, *, description: str, demand: str, happened: str, overruled: str = ""
) -> None:
    """Fills what a machine-received or imported request lacked (待补全)."""
    allow(actor, "case.complete", case)
    event = rules.complete(case, description=description, demand=demand, happened=happened, overruled=overruled)
    record(case, event, by=actor, at=now)


def void(actor: Actor, now: datetime, case: Case, *, reason: str) -> None:
    """Voids a wrong number, nuisance or test."""
    allow(actor, "case.void", case)
    record(case, rules.void(case, reason), by=actor, at=now)


def link(actor: Actor, now: datetime, case: Case, *, incident_id: int, incident_no: str, title: str) -> None:
    """Notes that the case belongs to an incident."""
    allow(actor, "incident.link")
    rules.still_open(case)
    record(case, e.Linked(incident_id, incident_no, title), by=actor, at=now)


def unlink(actor: Actor, now: datetime, case: Case, *, incident_no: str, reason: str) -> None:
    """Takes the link to an incident back, with the reason."""
    allow(actor, "incident.link")
    rules.still_open(case)
    record(case, e.Unlinked(incident_no, rules.require(reason, "reason")), by=actor, at=now)
