"""One person to be told of one step of one clock."""

from typing import Any, NamedTuple

Id = tuple[int, int, int]


class Call(NamedTuple):
    """One person to be told of one step; `at` is the instant it fell on, `facts` what the notice says."""

    clock_id: int
    step: int
    person_id: int
    case_id: int
    kind: str
    role: str
    at: int
    facts: dict[str, Any]

    @property
    def id(self) -> Id:
        """What makes it one: clock, step and person."""
        return self.clock_id, self.step, self.person_id

    @property
    def key(self) -> str:
        """The key of a notice of its own, without the person."""
        return f"clock:{self.clock_id}:{self.step}"

    @property
    def subject(self) -> str:
        """What it is about."""
        return f"case:{self.case_id}"
