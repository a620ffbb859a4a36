"""What one case's clocks have to say now: which steps are reached, who is told, when the watch looks again."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from portal.clocks import book as books
from portal.clocks.calendar import Calendar
from portal.clocks.ladder import Ladder, Reached, Standing, limit_of, next_instant, reached
from portal.jobs.calls import Call
from portal.jobs.chain import Chain
from portal.jobs.digest import Digests
from portal.kernel.instants import epoch

CASE = ("id", "no", "title", "level", "proposed_level", "owner_id", "unit_id", "intake_unit_id")
CLOCK = (
    "id", "case_id", "kind", "level", "told_step", "warn_at", "due_at", "agreed_at", "started_at", "amount", "unit",
    "calendar", "calendar_version", "policy_version", "answer_by", "paused_at",
)  # fmt: skip


class CaseRow(NamedTuple):
    """The columns of a case that a notice needs."""

    id: int
    no: str
    title: str
    level: str
    proposed_level: str
    owner_id: int | None
    unit_id: int
    intake_unit_id: int


class ClockRow(NamedTuple):
    """The columns of a running clock that the ladder asks for; epoch seconds."""

    id: int
    case_id: int
    kind: str
    level: str
    told_step: int
    warn_at: int | None
    due_at: int
    agreed_at: int | None
    started_at: int
    amount: int
    unit: str
    calendar: str
    calendar_version: int
    policy_version: int
    answer_by: int | None
    paused_at: int | None

    @property
    def due(self) -> int:
        """The due instant that binds."""
        return self.agreed_at or self.due_at


class Plan(NamedTuple):
    """What is to be written for one case."""

    case_id: int
    notice_at: int | None
    steps: list[dict[str, Any]]
    calls: list[Call]


class Planner:
    """Plans one batch: ladders, calendars and people are looked up once."""

    def __init__(self, now: datetime, chain: Chain, digests: Digests) -> None:
        self.now = epoch(now)
        self.chain = chain
        self.digests = digests
        self._calendars = books.in_force(now).calendars
        self._ladders: dict[int, tuple[Ladder, Calendar]] = {}
        self._own: dict[tuple[str, int], Calendar] = {}

    def plan(self, case: CaseRow, clocks: Iterable[ClockRow]) -> Plan:
        """The steps that a case's clocks have reached, and when one of them is reached next."""
        made, nexts = Plan(case.id, None, [], []), []
        for clock in clocks:
            if clock.paused_at:
                continue
            ladder, calendar, office = self._of(clock)
            limit = limit_of(clock.amount, clock.unit, clock.started_at, calendar)
            standing = Standing(clock.level, clock.told_step, clock.warn_at, clock.due, limit, clock.answer_by)
            found = reached(ladder, standing, self.now, calendar, office)
            if found:
                self._tell(made, case, clock, found, ladder)
                late = self.digests.takes(found.at)  # after a stop of the watch nothing is passed on early as well
                answer_by = None if late else ladder.answer_by(clock.level, found.step, self.now, office)
                made.steps.append({"id": clock.id, "step": found.step, "answer_by": answer_by})
                standing = standing._replace(told_step=found.step, answer_by=answer_by)
            nexts.append(next_instant(ladder, standing, calendar, office))
        return made._replace(notice_at=min((at for at in nexts if at is not None), default=None))

    def _of(self, clock: ClockRow) -> tuple[Ladder, Calendar, Calendar]:
        """The ladder that a clock follows, its own calendar and that of the office."""
        version, key = clock.policy_version, (clock.calendar, clock.calendar_version)
        if version not in self._ladders:
            policy = books.policy(version)
            self._ladders[version] = (policy.ladder, self._calendars[policy.day_calendar])
        if key not in self._own:
            self._own[key] = books.calendar(*key)
        ladder, office = self._ladders[version]
        return ladder, self._own[key], office

    def _tell(self, made: Plan, case: CaseRow, clock: ClockRow, found: Reached, ladder: Ladder) -> None:
        """Tells everybody of this step and of the earlier ones not told yet: each person once, of the highest."""
        kind = kind_of(ladder, found)
        facts = {
            "no": case.no, "title": case.title, "level": case.level or case.proposed_level, "clock": clock.kind,
            "due": clock.due, "step": found.step,
        }  # fmt: skip
        roles = {role: None for step in ladder.steps[clock.told_step : found.step] for role in step.to}
        for person, role, absent in self.chain.told(case, roles):
            said = facts | {"instead_of": list(absent)} if absent else facts
            made.calls.append(Call(clock.id, found.step, person, case.id, kind, role, found.at, said))


def kind_of(ladder: Ladder, found: Reached) -> str:
    """The notice's kind: warn, due, escalated (later steps), unanswered (early, as nobody acknowledged)."""
    if found.early:
        return "unanswered"
    return {"after": "escalated"}.get(ladder.steps[found.step - 1].at, ladder.steps[found.step - 1].at)
