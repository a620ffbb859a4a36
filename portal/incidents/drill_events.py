"""What happens in a drill beside what happens in every incident."""

from dataclasses import dataclass
from typing import Any

# Instants in events are whole epoch seconds, so that the journal holds plain JSON.


@dataclass(frozen=True)
class DrillBegun:
    """演练开始: goals by objective (minutes, per cent) and the injects, each with number, due instant and words."""

    drill_id: int
    objectives: dict[str, int]
    injects: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class InjectCame:
    """演练导入: something new is put before those who practise; `due` is when it was planned."""

    n: int
    text: str
    due: int


@dataclass(frozen=True)
class FindingChecked:
    """发现复验: a measure of an earlier incident was tested again in this drill."""

    no: str
    n: int
    text: str
    held: bool
    words: str


@dataclass(frozen=True)
class Observed:
    """评估: what an evaluator saw of one objective, and how it went."""

    objective: str
    rating: str
    words: str


KINDS: tuple[type[Any], ...] = (DrillBegun, InjectCame, FindingChecked, Observed)
