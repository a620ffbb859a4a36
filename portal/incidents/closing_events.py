"""What happens around the end of an incident: milestones set right, who writes the review, who is back to normal."""

from dataclasses import dataclass
from typing import Any

# Instants in events are whole epoch seconds, so that the journal holds plain JSON.


@dataclass(frozen=True)
class MilestoneSet:
    """里程碑: when it really was; `previous` is what stood there, None for nothing."""

    code: str
    moment: int
    previous: int | None
    basis: str


@dataclass(frozen=True)
class ReviewOwnerNamed:
    """总结负责人: who writes the review after the end."""

    person_id: int
    person: str
    previous: str = ""


@dataclass(frozen=True)
class DepartmentsAsked:
    """通知各部门恢复正常: each of these departments (id, name) is told and answers for itself."""

    units: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class DepartmentBack:
    """部门确认恢复正常: a department has heard of the end and works as usual."""

    unit_id: int
    unit: str
    note: str = ""


@dataclass(frozen=True)
class WentOn:
    """重新启动: it was not over after all; conditions and answers of departments begin anew."""

    reason: str
    next_report: int | None = None


KINDS: tuple[type[Any], ...] = (MilestoneSet, ReviewOwnerNamed, DepartmentsAsked, DepartmentBack, WentOn)


def as_now(kind: str, facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of an entry as they are spelled now: an end once had one reason (`anyway`) for all against it."""
    if kind != "Ended" or "anyway" not in facts:
        return facts
    why = facts["anyway"]
    rest = {name: value for name, value in facts.items() if name != "anyway"}
    return rest | {"doubts": [{"why": why} | doubt for doubt in facts.get("doubts", ())]}
