"""What happens after an incident: the review is written, measures are agreed, done, verified and tested again."""

from dataclasses import dataclass
from typing import Any

# Instants in events are whole epoch seconds, so that the journal holds plain JSON.


@dataclass(frozen=True)
class ReviewWritten:
    """总结: losses, causes, lessons, and the journal entries that tell the story; a finished one is not changed."""

    cause: str
    losses: str
    worked: str
    lessons: str
    entries: tuple[int, ...]
    finished: bool


@dataclass(frozen=True)
class MeasureAdded:
    """改进措施: what is to be improved, by whom, until when, and when it is tested again."""

    n: int
    text: str
    owner_id: int
    owner: str
    due: int
    retest: int


@dataclass(frozen=True)
class MeasureDone:
    """措施完成: with what proves it."""

    n: int
    evidence: str


@dataclass(frozen=True)
class MeasureVerified:
    """措施核验: another person than its owner looked at the proof; refused means it is to be done again."""

    n: int
    accepted: bool
    words: str
    person: str


@dataclass(frozen=True)
class MeasureTested:
    """措施复验: whether it held when it was tested again; if not it is to be done again."""

    n: int
    held: bool
    words: str


KINDS: tuple[type[Any], ...] = (ReviewWritten, MeasureAdded, MeasureDone, MeasureVerified, MeasureTested)
