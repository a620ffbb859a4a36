"""What the dispatch rules did with a request that came by machine."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Dispatched:
    """派单: a rule gave the case to a department, or to a person of it; `because` are its conditions as name:value."""

    rule: str
    unit: str
    person_id: int | None
    person: str
    because: tuple[str, ...]
