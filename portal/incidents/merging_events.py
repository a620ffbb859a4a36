"""Two reports of the same emergency become one."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class MergedInto:
    """并入: the same emergency is led in another incident, which takes the linked cases over."""

    into_id: int
    into_no: str
    reason: str
    cases: int = 0


@dataclass(frozen=True)
class TookIn:
    """合并: another report of the same emergency was taken in, with so many linked cases."""

    from_id: int
    from_no: str
    title: str
    cases: int = 0


KINDS: tuple[type[Any], ...] = (MergedInto, TookIn)
