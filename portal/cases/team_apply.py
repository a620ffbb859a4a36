"""How the events of several departments change the case row; part of apply."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from portal.cases import team_events as t


def _named(case: Any, event: t.DutyNamed, at: datetime, by: int) -> None:
    duty = {"unit_id": event.unit_id, "unit": event.unit, "duty": event.duty}
    case.duties = [*(d for d in case.duties or [] if d["unit_id"] != event.unit_id), duty]
    _join(case, event.unit_id)


def _join(case: Any, unit_id: int) -> None:
    known = case.partner_ids
    if unit_id not in known and unit_id != case.unit_id:
        case.partners = ",".join(map(str, sorted(known | {unit_id})))


def _given(case: Any, event: t.TaskGiven, at: datetime, by: int) -> None:
    case.tasks_given, case.tasks_open = event.n, case.tasks_open + 1
    _join(case, event.unit_id)


def _finished(case: Any, event: t.TaskFinished | t.TaskReturned, at: datetime, by: int) -> None:
    case.tasks_open -= 1


def _again(case: Any, event: t.TaskReopened, at: datetime, by: int) -> None:
    case.tasks_open += 1


def _answered(case: Any, event: t.DelayAnswered, at: datetime, by: int) -> None:
    case.owed = None


def _nothing(case: Any, event: t.TaskReported | t.TaskChased | t.TaskHanded, at: datetime, by: int) -> None:
    """Only the journal and the task keep it."""


APPLY: dict[type[Any], Callable[[Any, Any, datetime, int], None]] = {
    t.DutyNamed: _named, t.TaskGiven: _given, t.TaskFinished: _finished, t.TaskReturned: _finished,
    t.TaskReopened: _again, t.TaskReported: _nothing, t.TaskChased: _nothing, t.TaskHanded: _nothing,
    t.DelayAnswered: _answered,
}  # fmt: skip
