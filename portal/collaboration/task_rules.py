"""What may follow what with tasks: given, reported on, done, returned, given once more, chased. Pure."""

from datetime import datetime
from typing import Any

from portal.cases import team_events as t
from portal.cases.rules import require, still_open
from portal.kernel.errors import Forbidden, Invalid, Refused

KINDS = ("assigned", "supervised")  # 交办, 督办 (QU10)
STATES = ("open", "done", "returned", "dropped")
RULERS = ("supervisor", "system")  # who may act on anybody's task
SHORT = 60  # characters of a task's text that its later entries repeat


def name_duty(case: Any, *, unit_id: int, unit: str, duty: str) -> t.DutyNamed:
    """A department's duty on a case: the lead department's own, or one that cooperates (QU3)."""
    still_open(case)
    return t.DutyNamed(unit_id, unit, require(duty, "duty", 4))


def give(
    now: datetime, *, n: int, text: str, unit: tuple[int, str], due: datetime | None, person: tuple[int, str] | None,
    kind: str = "case",
) -> t.TaskGiven:  # fmt: skip
    """A task with a due time ahead, for a unit (id, name) and, where named, a person of it."""
    if due is None:
        raise Invalid("due_missing", field="due")
    if due <= now:
        raise Invalid("due_past", field="due")
    if kind not in ("case", *KINDS):
        raise Invalid("choose_task_kind", field="kind")
    until, words = int(due.timestamp()), require(text, "text", 4)
    person_id, name = person or (None, "")
    return t.TaskGiven(n, words, unit[0], unit[1], until, person_id, name, kind)


def owns(actor: Any, task: Any) -> bool:
    """Whether the task is this person's: by name, or as one of the department it was given to."""
    if actor.has(*RULERS) or task.person_id == actor.id:
        return True
    return task.unit_id in actor.unit_ids and (task.person_id is None or actor.has("head"))


def mine(actor: Any, task: Any) -> None:
    """Raises Forbidden unless the task is this person's."""
    if not owns(actor, task):
        raise Forbidden("not_your_task", who=task.person or task.unit)


def report(task: Any, words: str) -> t.TaskReported:
    """How far it is."""
    _open(task)
    return t.TaskReported(task.n, task.text[:SHORT], require(words, "words", 4))


def finish(task: Any, evidence: str) -> t.TaskFinished:
    """Done, with the evidence."""
    _open(task)
    return t.TaskFinished(task.n, task.text[:SHORT], require(evidence, "words", 4))


def give_back(task: Any, words: str) -> t.TaskReturned:
    """Handed back without being carried out, with the reason."""
    _open(task)
    return t.TaskReturned(task.n, task.text[:SHORT], require(words, "words", 4))


def reopen(task: Any, now: datetime, *, words: str, due: datetime | None) -> t.TaskReopened:
    """Once more, with a new due time: the evidence does not do, or the return is not accepted."""
    if task.state not in ("done", "returned"):
        raise Refused("task_not_ended")
    if due is None or due <= now:
        raise Invalid("due_past", field="due")
    return t.TaskReopened(task.n, task.text[:SHORT], require(words, "words", 4), int(due.timestamp()))


def chase(task: Any, words: str) -> t.TaskChased:
    """Presses for it."""
    _open(task)
    return t.TaskChased(task.n, task.text[:SHORT], require(words, "words"))


def answer_delay(case: Any, words: str) -> t.DelayAnswered:
    """The reason of a delay and what comes next, owed to whoever chased (QU4)."""
    still_open(case)
    if not case.owed:
        raise Refused("nothing_owed", no=case.no)
    return t.DelayAnswered(require(words, "words", 4))


def _open(task: Any) -> None:
    if task.state != "open":
        raise Refused("task_ended", state=task.state)
