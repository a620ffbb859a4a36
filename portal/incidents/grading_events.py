"""What happens to a grade beside its change: a new look is asked for, or the commander keeps it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class RegradeAsked:
    """建议重新定级: what is known by now speaks for a higher grade; the commander decides."""

    grade: str
    present: str
    because: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class GradeKept:
    """维持等级: the commander looked again and keeps the grade, with the reason."""

    grade: str
    proposed: str
    reason: str


KINDS: tuple[type[Any], ...] = (RegradeAsked, GradeKept)
