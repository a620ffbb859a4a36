"""What an incident tells a case that is linked to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class IncidentNews:
    """公告传达: what customers were told in the incident (`what` published), or that it no longer holds (withdrawn).

    Instants are whole epoch seconds. It is no contact with this case's customer.
    """

    incident_no: str
    n: int
    what: str
    text: str
    channels: str
    recovery: int | None = None
    next_news: int | None = None
    restored: bool = False


EVENTS: tuple[type, ...] = (IncidentNews,)


def _nothing(case: Any, event: IncidentNews, at: Any, by: int) -> None:
    """Only the journal keeps it."""


APPLY: dict[type[Any], Callable[[Any, Any, Any, int], None]] = {IncidentNews: _nothing}
