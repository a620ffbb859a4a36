"""What can happen when several departments work on one case: duties, tasks with due times, delays answered for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DutyNamed:
    """分工: a department and its duty on the case; the lead department's own, or a cooperating one joins (QU3)."""

    unit_id: int
    unit: str
    duty: str


@dataclass(frozen=True)
class TaskGiven:
    """下达任务: a task for a department, or a named person of it, with a due time of its own (epoch seconds)."""

    n: int
    text: str
    unit_id: int
    unit: str
    due: int
    person_id: int | None = None
    person: str = ""
    kind: str = "case"


@dataclass(frozen=True)
class TaskReported:
    """任务进展: how far the task is."""

    n: int
    text: str
    words: str


@dataclass(frozen=True)
class TaskFinished:
    """任务完成: with the evidence for it."""

    n: int
    text: str
    evidence: str


@dataclass(frozen=True)
class TaskReturned:
    """任务退回: not carried out, handed back with the reason."""

    n: int
    text: str
    words: str


@dataclass(frozen=True)
class TaskReopened:
    """任务重办: who gave the task is not content with what was handed in, or gives it once more."""

    n: int
    text: str
    words: str
    due: int


@dataclass(frozen=True)
class TaskChased:
    """催办任务: somebody presses for a task."""

    n: int
    text: str
    words: str


@dataclass(frozen=True)
class TaskHanded:
    """移交任务: the task of somebody who leaves goes to a colleague (DK3, QU10)."""

    n: int
    text: str
    person_id: int
    person: str
    instead_of: str


@dataclass(frozen=True)
class DelayAnswered:
    """延误说明: a chase is answered for, with the reason of the delay and the next step (QU4)."""

    words: str


EVENTS = (
    DutyNamed, TaskGiven, TaskReported, TaskFinished, TaskReturned, TaskReopened, TaskChased, TaskHanded, DelayAnswered,
)  # fmt: skip
