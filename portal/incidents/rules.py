"""Decisions about incidents: pure functions of what is known and of `now`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from portal.incidents import events as e
from portal.incidents import grading_rules
from portal.incidents.doubts import HARD
from portal.incidents.plan_data import Named, Plan
from portal.kernel.errors import Invalid, Refused

TASK_KINDS = ("on_site", "remote", "material")
ENTRY_KINDS = ("information", "decision")


def require(text: str, field: str) -> str:
    """The text without outer blanks. Raises Invalid when nothing is left."""
    if not text.strip():
        raise Invalid("words_missing", field=field)
    return text.strip()


def one_of(value: str, known: Iterable[str], field: str) -> str:
    """The value if it is on the scale. Raises Invalid."""
    if value not in known:
        raise Invalid("not_on_scale", field=field)
    return value


def ahead(moment: datetime, now: datetime, field: str) -> int:
    """Epoch seconds of an instant that lies ahead. Raises Invalid."""
    if moment <= now:
        raise Invalid("must_lie_ahead", field=field)
    return int(moment.timestamp())


def not_ended(incident: Any) -> None:
    """Raises Refused when the incident has ended: nothing can be changed any more."""
    if incident.state == "ended":
        raise Refused("incident_ended", no=incident.no)


def open_for(incident: Any, states: Iterable[str]) -> None:
    """Raises Refused for a deed that belongs before the end once it has ended, and the other way round."""
    if incident.state == "ended" and "ended" not in states:
        raise Refused("incident_ended", no=incident.no)
    if incident.state != "ended" and set(states) == {"ended"}:
        raise Refused("not_ended", no=incident.no)


def running(incident: Any) -> None:
    """Raises Refused unless the incident is declared and has not ended."""
    not_ended(incident)
    if incident.state != "active":
        raise Refused("not_declared", no=incident.no)


def declare(
    incident: Any, now: datetime, plan: Plan, *, kind: str, grade: str, reason: str, linked: int = 0
) -> e.Declared:
    """Class and grade; another grade than the proposed one needs a reason (EM1)."""
    not_ended(incident)
    if incident.state != "reported":
        raise Refused("declared_already", no=incident.no)
    one_of(kind, plan.classes, "kind")
    one_of(grade, plan.grades, "grade")
    proposed, because = grading_rules.propose(plan, grading_rules.answers_of(incident, linked))
    if grade != proposed and not reason.strip():
        raise Invalid("grade_reason", field="reason")
    minutes = plan.grades[grade].facts["report_minutes"]
    criteria = tuple({"code": c.code, "text": c.zh} for c in plan.criteria[kind])
    return e.Declared(
        kind=kind,
        grade=grade,
        proposed_grade=proposed,
        reason=reason.strip(),
        plan_version=plan.number,
        criteria=criteria,
        next_report=int((now + timedelta(minutes=minutes)).timestamp()),
        because=because,
    )


def change_grade(incident: Any, plan: Plan, grade: str, reason: str, now: datetime) -> e.GradeChanged:
    """Up or down, always with a reason; a higher grade is reported at its own cadence from now on."""
    running(incident)
    one_of(grade, plan.grades, "grade")
    if grade == incident.grade:
        raise Invalid("same_grade", field="grade")
    order, due = list(plan.grades), None
    if order.index(grade) > order.index(incident.grade):
        due = now + timedelta(minutes=plan.grades[grade].facts["report_minutes"])
        due = due if incident.next_report_at is None else min(due, incident.next_report_at)
    return e.GradeChanged(grade, incident.grade, require(reason, "reason"), int(due.timestamp()) if due else None)


def report_situation(incident: Any, plan: Plan, text: str, due: int | None) -> e.SituationReported:
    """What is known, and when more is reported; that no more comes (`due` None) is said at the lowest grade alone."""
    running(incident)
    if due is None and incident.grade != next(iter(plan.grades)):
        raise Invalid("reports_go_on", field="last")
    return e.SituationReported(incident.reports + 1, require(text, "text"), due)


def plan_task(row: Named, n: int, now: datetime, owner_id: int, owner: str) -> e.TaskAdded:
    """A checklist line of the plan as a task with its due time."""
    due = int((now + timedelta(minutes=row.facts["minutes"])).timestamp())
    return e.TaskAdded(
        n=n, title=row.zh, kind=row.facts["kind"], role=row.facts["role"], owner_id=owner_id, owner=owner,
        due=due, code=row.code,
    )  # fmt: skip


def open_task(incident: Any, n: int) -> Any:
    """The task with this number, still to be done. Raises Missing-like Invalid or Refused."""
    running(incident)
    task = next((t for t in incident.tasks if t.n == n), None)
    if task is None:
        raise Invalid("no_such_task", field="task")
    if task.done_at:
        raise Refused("task_done_already", title=task.title)
    return task


def following(incident: Any, role: str) -> tuple[int, ...]:
    """Numbers of the open tasks that go with a role to its next holder.

    These are the tasks of the role that its holder has, or, while nobody holds it, the commander in the holder's
    place. With the command go also the tasks of every role that nobody holds.
    """
    held, holder = incident.held, incident.held.get(role)
    before = holder.person_id if holder else incident.commander_id
    roles = {role} | ({t.role for t in incident.tasks if t.role not in held} if role == "commander" else set())
    return tuple(t.n for t in incident.tasks if not t.done_at and t.role in roles and t.owner_id == before)


def word_pieces(text: str) -> set[str]:
    """What two texts can share: pairs of neighbouring Chinese characters, and Latin words of three letters or more."""
    runs = re.findall(r"[\u4e00-\u9fff]+", text)
    pairs = {run[i : i + 2] for run in runs for i in range(len(run) - 1)}
    return pairs | {word.lower() for word in re.findall(r"[A-Za-z]{3,}", text)}


def in_common(text: str, about: str, keywords: Iterable[str]) -> tuple[str, ...]:
    """The incident's own words in a case's text, the class's keywords first; empty where both speak of other things.

    Alike is a keyword of the class, or three pieces in common. Neighbouring pieces are put together again.
    """
    known, pieces = list(grading_rules.words_in(text, keywords)), word_pieces(text)
    if not known and len(word_pieces(about) & pieces) < 3:
        return ()
    shared = re.findall(r"[A-Za-z]{3,}|[\u4e00-\u9fff]+", "".join(_kept(about, pieces)))
    return tuple(dict.fromkeys(known + shared))


def _kept(about: str, pieces: set[str]) -> Iterator[str]:
    """The text with a space for every character of no shared piece."""
    latin = {i for m in re.finditer(r"[A-Za-z]{3,}", about) if m[0].lower() in pieces for i in range(*m.span())}
    for i, sign in enumerate(about):
        yield sign if i in latin or about[i : i + 2] in pieces or (i and about[i - 1 : i + 1] in pieces) else " "


def open_criterion(incident: Any, code: str) -> dict[str, Any]:
    """The end criterion with this code, still open."""
    running(incident)
    found = next((c for c in incident.criteria if c["code"] == code), None)
    if found is None:
        raise Invalid("no_such_criterion", field="criterion")
    if found["state"] != "open":
        raise Refused("criterion_settled")
    return dict(found)


def unmet(incident: Any) -> list[dict[str, Any]]:
    """The end criteria that are neither met nor set aside."""
    return [c for c in incident.criteria if c["state"] == "open"]


def end(
    incident: Any, statement: str, open_criteria: str, against: Iterable[dict[str, Any]], why: Mapping[str, str],
    review_due: int | None = None,
) -> e.Ended:  # fmt: skip
    """The declared end; refused with the list of criteria that are still open (EM7).

    Each fact that stands against it needs a reason by its code, which the entry keeps beside the fact; an announcement
    that is open lets nothing end (EM4).
    """
    running(incident)
    if unmet(incident):
        raise Refused("criteria_open", criteria=open_criteria)
    left = tuple(t.n for t in incident.tasks if not t.done_at)
    against = tuple(against)
    if any(doubt["code"] in HARD for doubt in against):
        raise Refused("announcement_open")
    reasons = {code: words.strip() for code, words in why.items()}
    for doubt in against:
        if not reasons.get(doubt["code"]):
            raise Invalid("end_anyway", field=f"why_{doubt['code']}")
    waived = tuple(doubt | {"why": reasons[doubt["code"]]} for doubt in against)
    return e.Ended(require(statement, "statement"), left, waived, review_due)
