"""A closed case of another system, taken over whole: one entry that is its beginning, its course and its end (AR2)."""

from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class TakenOver:
    """接收: what the other system said of a case when it was closed; `assumed` are the fields it did not say.

    Instants are epoch seconds. `text` is the result, `words` the course as far as the other system told it.
    """

    no: str
    channel: str
    customer_id: int
    customer_name: str
    contact: str
    request_type: str
    category: str
    title: str
    description: str
    received: int
    closed: int
    level: str
    unit_id: int
    intake_unit_id: int
    outcome: str
    demand: str = ""
    happened: str = ""
    order_no: str = ""
    product: str = ""
    symptom: str = ""
    text: str = ""
    cause: str = ""
    words: str = ""
    handled_by: str = ""
    rating: int | None = None
    assumed: tuple[str, ...] = ()
    source: str = ""

    # what a request has besides, which no other system says
    caller: ClassVar[str] = ""
    complexity: ClassVar[str] = "simple"
    urgency: ClassVar[str] = "normal"
    prefers: ClassVar[str] = "phone"
    exercise: ClassVar[bool] = False
    expected: ClassVar[int | None] = None
    read_back: ClassVar[tuple[str, ...]] = ()
    incomplete: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[dict[str, str]] = {}

    @property
    def proposed_level(self) -> str:
        """The level, which is the only one known."""
        return self.level


@dataclass
class Plain:
    """A case's fields without a store behind them, for those who make many; what is not set is as in a new row."""

    values: dict[str, Any] = field(default_factory=dict)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "values":
            object.__setattr__(self, name, value)
        else:
            self.values[name] = value

    def __getattr__(self, name: str) -> Any:
        return self.values.get(name)


EVENTS = (TakenOver,)
