"""Rules of drills (EM9): what is put in and when, and how a drill is scored against its goals. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from portal.incidents import drill_events as e
from portal.incidents import drills
from portal.incidents.rules import one_of, require
from portal.kernel.errors import Invalid, Refused

STAGES = ("unplanned", "overdue")
RATINGS = ("performed", "some", "major", "unable")
MOST_INJECTS, LONGEST = 40, 24 * 60
_INJECT = re.compile(r"^(?:T\s*\+)?\s*(\d{1,4})\s*[:： ,，、]?\s*(\S.*)$", re.IGNORECASE)


class Goal(NamedTuple):
    """One objective: its goal and what was reached (minutes, per cent), None while it is not known; `met` likewise."""

    code: str
    goal: int
    actual: int | None
    met: bool | None


def injects_of(text: str) -> list[dict[str, Any]]:
    """Injects as typed, one a line `T+10 words`, by time. Raises Invalid with the line that cannot be read."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        read = _INJECT.match(line.strip())
        if read is None or int(read[1]) > LONGEST:
            raise Invalid("inject_unreadable", field="injects", line=number)
        found.append({"minutes": int(read[1]), "text": read[2].strip()[:400]})
    if len(found) > MOST_INJECTS:
        raise Invalid("too_many_injects", field="injects", most=MOST_INJECTS)
    return sorted(found, key=lambda row: row["minutes"])


def begun(
    drill_id: int, objectives: Mapping[str, int], injects: Iterable[dict[str, Any]], now: datetime
) -> e.DrillBegun:
    """The beginning: each inject gets its number and its instant."""
    rows = tuple(
        {"n": n, "due": int((now + timedelta(minutes=row["minutes"])).timestamp()), "text": row["text"]}
        for n, row in enumerate(injects, start=1)
    )
    return e.DrillBegun(drill_id, dict(objectives), rows)


def practised(incident: Any) -> None:
    """Raises Refused for a real incident: what belongs to drills is never done in one."""
    if not incident.exercise:
        raise Refused("no_drill", no=incident.no)


def due_injects(incident: Any, now: datetime) -> list[e.InjectCame]:
    """The injects whose time has come, in order; late ones come late, none is skipped."""
    rows = (incident.drill or {}).get("injects", ())
    at = int(now.timestamp())
    found = [row for row in rows if row["came"] is None and row["due"] <= at]
    return [e.InjectCame(row["n"], row["text"], row["due"]) for row in sorted(found, key=lambda row: row["due"])]


def observed(incident: Any, objective: str, rating: str, words: str) -> e.Observed:
    """What an evaluator saw."""
    practised(incident)
    one_of(objective, drills.OBJECTIVES, "objective")
    one_of(rating, RATINGS, "rating")
    return e.Observed(objective, rating, require(words, "words"))


def score(incident: Any, lines: Iterable[Any], waiting: int, now: datetime) -> list[Goal]:
    """Each goal with what was reached: `lines` is the journal, oldest first; `waiting`: findings not tested again."""
    told, goals = list(lines), drills.OBJECTIVES | ((incident.drill or {}).get("objectives") or {})
    over = incident.state == "ended"
    reached = {
        "declare": _declared(incident), "staff": _staffed(incident), "report": _reported(incident, told),
        "tasks": _on_time(incident, now), "handover": _handed_over(told), "findings": _tested(told, waiting),
    }  # fmt: skip
    return [_goal(code, goals[code], reached[code], over) for code in drills.OBJECTIVES]


def _goal(code: str, goal: int, actual: int | None, over: bool) -> Goal:
    if code in drills.IN_PER_CENT:
        enough = actual is None or actual >= goal
        return Goal(code, goal, actual, enough if over or (actual is not None and enough) else None)
    if actual is None:
        return Goal(code, goal, None, False if over else None)
    return Goal(code, goal, actual, actual <= goal)


def _minutes(since: datetime | None, until: datetime | None) -> int | None:
    """Whole minutes, begun ones counted."""
    return None if since is None or until is None else -(-int((until - since).total_seconds()) // 60)


def _declared(incident: Any) -> int | None:
    return _minutes(incident.reported_at, incident.declared_at)


def _staffed(incident: Any) -> int | None:
    """Until the last of those who hold a role is in place."""
    at = [row.acknowledged_at for row in incident.held.values()]
    return _minutes(incident.declared_at, max(at)) if at and all(at) else None


def _reported(incident: Any, lines: list[Any]) -> int | None:
    first = next((line.at for line in lines if line.kind == "SituationReported"), None)
    return _minutes(incident.declared_at, first)


def _on_time(incident: Any, now: datetime) -> int | None:
    """Of the tasks whose time has come or that are done."""
    end = incident.ended_at or now
    due = [t for t in incident.tasks if t.done_at or t.due_at <= end]
    kept = sum(t.done_at is not None and t.done_at <= t.due_at for t in due)
    return 100 * kept // len(due) if due else None


def _handed_over(lines: list[Any]) -> int | None:
    """From the last offer of command to its acceptance."""
    offered, taken = None, None
    for line in lines:
        if line.kind == "CommandOffered":
            offered = line.at
        elif line.kind == "RoleAssigned" and line.facts.get("role") == "commander" and line.facts.get("previous"):
            taken, offered = _minutes(offered or line.at, line.at), None
    return taken


def _tested(lines: list[Any], waiting: int) -> int | None:
    done = sum(line.kind == "FindingChecked" for line in lines)
    return 100 * done // (done + waiting) if done + waiting else None


def next_due(last: datetime | None) -> datetime | None:
    """When the next drill of a class has to be held by; None: one has never been held."""
    return last + timedelta(days=drills.EVERY_DAYS) if last else None


def first_due(begin: datetime) -> datetime:
    """Until when a plan never exercised is exercised first: `begin` is since when there are plans."""
    return begin + timedelta(days=drills.EVERY_DAYS)


def stage(last: datetime | None, by: datetime, planned: bool, now: datetime) -> str:
    """What those responsible hear of a required drill; a plan never exercised is asked for a month after it began."""
    if by <= now:
        return "overdue"
    days = drills.REMIND_DAYS if last else drills.EVERY_DAYS - drills.REMIND_DAYS
    return "unplanned" if not planned and by - timedelta(days=days) <= now else ""
