"""One case of the demonstration while it is played: who takes part, what time it is, what comes next."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from portal.cases.models import Case
from portal.clocks.calendar import Calendar
from portal.clocks.kept import clocks_of
from portal.demo.customers import Caller
from portal.demo.texts import of_type
from portal.demo.times import PACE
from portal.identity.actor import Actor
from portal.kernel.i18n import local


@dataclass
class Stage:
    """What all plays share: the people by login and by unit, the units, the calendar, and the plays going on."""

    as_of: datetime
    people: dict[str, Actor]
    units: dict[str, int]
    calendar: Calendar
    going: list["Play"] = field(default_factory=list)

    def of(self, role: str, unit: str | None = None) -> list[Actor]:
        """The people with a role, in a unit or anywhere."""
        wanted = self.units[unit] if unit else None
        return [p for p in self.people.values() if p.has(role) and wanted in (None, p.unit_id)]

    def workers(self, unit: str) -> list[Actor]:
        """Who works a unit's queue."""
        return self.of("agent", unit) if unit == "service" else self.of("handler", unit)

    def open_twin(self, play: "Play") -> "Play | None":
        """Another play whose case is still open, for a customer who calls again about the same matter."""
        alive = [p for p in self.going if p is not play and p.case is not None and p.case.open]
        return alive[-1] if alive else None


@dataclass
class Play:
    """One case: its theme, level, customer, the traits that bend its course, and where it stops."""

    number: int
    rng: Random
    stage: Stage
    theme: dict[str, Any]
    level: str
    caller: Caller
    channel: str
    received: datetime
    traits: frozenset[str] = frozenset()
    until: str = ""
    unit: str = ""
    now: datetime = field(init=False)
    case: Any = None
    twin: "Play | None" = None
    way: int = 0  # which of the theme's matters was asked (texts.Said)

    def __post_init__(self) -> None:
        self.now = self.received
        self.unit = self.unit or self.theme["unit"]
        self.agent = self.rng.choice(self.stage.of("agent"))
        self.supervisor = self.stage.of("supervisor")[0]
        self.worker = self.rng.choice(self.stage.workers(self.unit))

    @property
    def pressed(self) -> bool:
        """Whether the clock matters more than office hours: P1, P2, and cases staged for today's queues."""
        return self.level in ("P1", "P2") or bool(self.until)

    def step(self, name: str) -> datetime:
        """The instant of the next step, as long after the last one as this level's pace says; late ones drag."""
        least, most = PACE[self.level][name]
        if self.until:
            least, most = min(least, 6), min(most, 14)
        slow = 3.2 if "late" in self.traits and name in ("claim", "result") else 1.0
        return self.after(least * slow, most * slow, shift=name in ("judge", "claim", "contact"))

    def after(self, least: float, most: float, *, shift: bool = False) -> datetime:
        """An instant so many minutes on; where nothing presses, by the shifts of every day or by office hours."""
        seconds = int(60 * self.rng.uniform(least, most)) + self.rng.randrange(59) + 1
        if shift and not self.pressed:
            self.now = self._on_shift(self.now + timedelta(seconds=seconds))
        elif self.pressed:
            self.now += timedelta(seconds=seconds)
        else:
            self.now = datetime.fromtimestamp(self.stage.calendar.add(int(self.now.timestamp()), seconds), UTC)
        return self.now

    def _on_shift(self, at: datetime) -> datetime:
        """The instant itself between 8:00 and 21:00, else some time after the next 8:00."""
        here = local(at)
        if 8 <= here.hour < 21:
            return at
        morning = here.replace(hour=8, minute=0, second=0) + timedelta(days=here.hour >= 21)
        return (morning + timedelta(seconds=self.rng.randrange(60, 2400))).astimezone(UTC)

    def next_morning(self) -> datetime:
        """Some time in the morning of the following day."""
        day = local(self.now).replace(hour=9, minute=0, second=0) + timedelta(days=1)
        self.now = (day + timedelta(seconds=self.rng.randrange(9000))).astimezone(UTC)
        return self.now

    def next_working_morning(self) -> datetime:
        """The morning of the next working day."""
        self.next_morning()
        while not self.stage.calendar.is_working_day(local(self.now).date()):
            self.next_morning()
        return self.now

    def pick(self, phrases: tuple[str, ...] | list[str]) -> str:
        """One of several phrases."""
        return self.rng.choice(phrases)

    def fits(self, phrases: dict[str, Any]) -> Any:
        """One of the phrases that fit what is asked."""
        return self.rng.choice(of_type(phrases, self.theme))

    def has(self, trait: str) -> bool:
        """Whether the play is bent this way."""
        return trait in self.traits

    def teller(self) -> Actor:
        """Who tells the result: the agent who took the request down, or the worker."""
        return self.agent if self.rng.random() < 0.6 else self.worker

    def row(self) -> Case:
        """The case; it must have been logged."""
        assert isinstance(self.case, Case)
        return self.case

    def due(self, kind: str) -> datetime | None:
        """When a running clock of the case falls due."""
        running = [c for c in clocks_of(self.row().id) if c.kind == kind and c.outcome == "running"]
        return running[-1].effective_due if running else None
