"""What may follow what when departments work on one case: returning, escalating, extending, disputing a level. Pure."""

from datetime import datetime, timedelta
from typing import Any

from portal.cases import joint_events as joint
from portal.cases.rules import LEVELS, require, still_open
from portal.kernel.errors import Invalid, Refused

RETURN_CODES = ("not_ours", "incomplete", "needs_other", "duplicate")
PING_PONG = 3  # QU2: the third hand-over of one case goes to the supervisor
TIERS = 3  # SL12: first line, second line, expert
CONSULTATION = timedelta(minutes=30)  # SL6


def give_back(case: Any, *, unit: str, from_unit: str, code: str, words: str) -> joint.Returned:
    """Hands a transferred case back to the department it came from (QU2), for a reason on the list."""
    still_open(case)
    if case.handed_by is None:
        raise Refused("nobody_to_return_to", no=case.no)
    if code not in RETURN_CODES:
        raise Invalid("choose_return_code", field="code")
    return joint.Returned(case.handed_by, unit, case.unit_id, from_unit, code, require(words, "words"))


def ping_pong(case: Any) -> bool:
    """Whether the case has been handed to and fro so often that the supervisor decides."""
    return int(case.returns) > 0 and int(case.transfers) + int(case.returns) >= PING_PONG


def escalate(case: Any, reason: str) -> joint.Escalated:
    """Hands the case to the next line of the department (SL12): first line, second line, expert."""
    still_open(case)
    if case.tier >= TIERS:
        raise Refused("no_higher_line", no=case.no)
    return joint.Escalated(case.tier + 1, require(reason, "reason"))


def decide_extension(case: Any, *, approved: bool, words: str) -> joint.ExtensionDecided:
    """Approves a new time that was agreed with the customer, or refuses it: then the old instant stands (SL7)."""
    if not case.extension:
        raise Refused("no_extension_waits", no=case.no)
    asked = case.extension
    said = words.strip() if approved else require(words, "words")
    return joint.ExtensionDecided(asked["kind"], asked["due"], asked["old_due"], approved, said)


def dispute(case: Any, now: datetime, *, level: str, why: str, unit_id: int, unit: str, before: int) -> joint.Disputed:
    """Disputes the judged level (SL6): once per judgement, again only with new facts. `before`: disputes since then."""
    still_open(case)
    if not case.level:
        raise Refused("judge_first", no=case.no)
    if case.dispute:
        raise Refused("dispute_runs", no=case.no)
    if level not in LEVELS:
        raise Invalid("choose_level", field="level")
    if level == case.level:
        raise Invalid("same_level", field="level", level=level)
    facts = require(why, "why", 4)
    if before and len(facts) < 20:
        raise Invalid("new_facts_needed", field="why")
    return joint.Disputed(level, facts, unit_id, unit, int((now + CONSULTATION).timestamp()))


def vote(case: Any, now: datetime, *, unit_id: int, unit: str, level: str, words: str) -> joint.Voted:
    """What a department says in the consultation."""
    _running(case, now)
    if level not in LEVELS:
        raise Invalid("choose_level", field="level")
    return joint.Voted(unit_id, unit, level, require(words, "words"))


def absent(case: Any, now: datetime, *, unit_id: int, unit: str, words: str, field: str) -> joint.Voted:
    """A department concerned does not come (SL6). What a department has said already is not taken back by it."""
    _running(case, now)
    if unit_id not in case.unit_ids:
        raise Invalid("not_concerned", field=field, unit=unit)
    if any(v["unit_id"] == unit_id and v["level"] for v in case.dispute["votes"]):
        raise Invalid("has_spoken", field=field, unit=unit)
    return joint.Voted(unit_id, unit, "", words.strip())


def settle(case: Any, now: datetime, *, level: str, reason: str) -> joint.DisputeSettled:
    """The chair's verdict: the final level with its written reason (SL6)."""
    _running(case, now)
    if level not in LEVELS:
        raise Invalid("choose_level", field="level")
    return joint.DisputeSettled(level, case.level, require(reason, "reason", 4))


def lapse(case: Any) -> joint.DisputeSettled:
    """Thirty minutes without a verdict: the stricter level stands (SL6)."""
    _running(case)
    return joint.DisputeSettled(case.dispute["governs"], case.level, "", lapsed=True)


def _running(case: Any, now: datetime | None = None) -> None:
    """A consultation that ran out takes nothing more, whether or not the worker has ended it yet."""
    if not case.dispute or (now and now.timestamp() > case.dispute_until):
        raise Refused("consultation_over" if case.dispute else "no_dispute_runs", no=case.no)
