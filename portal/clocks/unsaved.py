"""Clocks and segments of a case that is being taken down: plain objects, written together by the driver.

A case begins with half a dozen clocks; made as rows of the session each field costs ten times as much.
"""

from typing import Any

from portal.clocks.models import Clock, Segment
from portal.kernel.gather import Columns


class _Unsaved:
    """Answers None for what nobody has set, as a new row does."""

    def __init__(self, **facts: Any) -> None:
        self.__dict__.update(facts)

    def __getattr__(self, name: str) -> None:
        if name.startswith("_"):
            raise AttributeError(name)


class UnsavedClock(_Unsaved):
    """A clock before its case has an id."""

    effective_due = Clock.effective_due


class UnsavedSegment(_Unsaved):
    """A stretch before its case has an id."""


CLOCK, SEGMENT = Columns(Clock, without=("id",)), Columns(Segment, without=("id",))
