"""The clocks of one case while an event is recorded: start, meet, cancel, pause, decide anew."""

from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Table, select

from portal.clocks import book as books
from portal.clocks.calendar import verdict
from portal.clocks.models import Clock, Segment
from portal.clocks.moving import after_pause, cures
from portal.clocks.policy import Lost
from portal.clocks.rules import Decision, Facts, deadline, decide, warning_point
from portal.kernel.db import db

NEVER = 9_900_000_000  # sorts after every instant: a case whose clocks are all stopped or paused
PAUSING = frozenset(("progress", "answer", "result", "department_result", "step"))  # SL4: the kinds a pause can move
WITH_CUSTOMER = ("result", "answer")  # SL11: the time from told to refused is the customer's


def epoch(value: datetime) -> int:
    """Whole epoch seconds of an aware instant."""
    return int(value.timestamp())


def moment(seconds: int) -> datetime:
    """The aware instant of epoch seconds."""
    return datetime.fromtimestamp(seconds, UTC)


class Keeper:
    """Holds the clocks of a case; `case` is anything with id, cycle, unit_id and the facts the limits depend on."""

    def __init__(self, case: Any, now: datetime, *, fresh: bool = False) -> None:
        self.case = case
        self.now = now
        self.fresh = fresh
        self.clocks: list[Clock] = [] if fresh else clocks_of(case.id)
        self.book = books.in_force(now, self.clocks[0].policy_version if self.clocks else None)
        self._segments: list[Segment] | None = [] if fresh else None

    def facts(self, *, later: bool = False) -> Facts:
        """What the limits depend on, as the case stands."""
        case = self.case
        return Facts(
            channel=case.channel,
            level=case.level or None,
            proposed_level=case.proposed_level,
            urgent=case.urgency == "urgent",
            complexity=case.complexity,
            received=epoch(case.received_at),
            later=later,
        )

    def running(self, kind: str) -> Clock | None:
        """The running clock of a kind in this cycle."""
        for clock in self.clocks:
            if clock.kind == kind and clock.cycle == self.case.cycle and clock.outcome == "running":
                return clock
        return None

    def start(self, kind: str, at: datetime, *, later: bool = False) -> Clock | None:
        """Starts a clock if the policy has a limit for it; the next round if one of the kind ran before."""
        decision = decide(self.book.policy, self.book.calendars, kind, self.facts(later=later), epoch(at))
        if decision is None or decision.winner.unit == "talk":
            return None
        rounds = [c.round for c in self.clocks if c.kind == kind and c.cycle == self.case.cycle]
        clock = Clock(case_id=self.case.id, kind=kind, cycle=self.case.cycle, round=max(rounds, default=0) + 1)
        clock.outcome, clock.told_step = "running", 0
        _take(clock, decision)
        self._add(clock)
        self.clocks.append(clock)
        if decision.met_by_taking:
            self.stop(clock, at)
        return clock

    def meet(self, kind: str, at: datetime | None = None) -> None:
        """The named event happened: the clock stops with its verdict."""
        clock = self.running(kind)
        if clock:
            self.stop(clock, at or self.now)

    def stop(self, clock: Clock, at: datetime) -> None:
        """Stops a clock: met or missed by the due instant that binds; both attainments are kept (SL7)."""
        stopped = epoch(at)
        clock.stopped_at, clock.paused_at = at, None
        clock.department_id = self.case.unit_id
        clock.outcome = verdict(epoch(clock.effective_due), stopped)
        clock.met_original = verdict(epoch(clock.due_at), stopped) == "met"
        clock.breached_at = clock.effective_due if clock.outcome == "missed" else None

    def cancel(self, kind: str) -> None:
        """The clock no longer applies; a breach that has happened stays a breach."""
        clock = self.running(kind)
        if clock:
            self._end(clock)

    def end_all(self, *, void: bool = False) -> None:
        """The case ends: what still runs is cancelled, what had run out stays missed (void and merged: cancelled)."""
        for clock in self.clocks:
            if clock.outcome == "running":
                self._end(clock, void=void)

    def _end(self, clock: Clock, *, void: bool = False) -> None:
        late = self.now > clock.effective_due and not clock.paused_at
        clock.stopped_at, clock.department_id = self.now, self.case.unit_id
        clock.outcome = "missed" if late and not void else "cancelled"
        clock.breached_at = clock.effective_due if late else None
        clock.met_original = False if late and not void else None

    def decide_anew(self, kinds: tuple[str, ...], *, changed: bool) -> None:
        """The level changed (SL5): running clocks get the new limit, keep start and pauses; kinds come and go.

        changed=False: the new budget counts from the original start, even into the past. changed=True: the earlier
        of the old due instant and the new budget from now.
        """
        for kind in kinds:
            clock = self.running(kind)
            begin = clock.started_at if clock else self.case.received_at
            later = kind == "progress" and clock is not None and clock.round > 1
            decision = decide(self.book.policy, self.book.calendars, kind, self.facts(later=later), epoch(begin))
            if clock and (decision is None or decision.winner.unit == "talk"):
                self._end(clock)
            elif clock and decision:
                self._swap(clock, decision, changed=changed)
            elif decision and not any(c.kind == kind and c.cycle == self.case.cycle for c in self.clocks):
                self.start(kind, begin)

    def _swap(self, clock: Clock, decision: Decision, *, changed: bool) -> None:
        old, calendar = clock.due_at, books.calendar(decision.winner.calendar, decision.calendar_version)
        gone = self.now > clock.effective_due and not clock.paused_at
        if gone and cures(decision, calendar, stretches_for(clock, self.segments()), epoch(old)):
            return  # a due instant that has passed is moved by no lower level (SL5)
        _take(clock, decision)
        if changed:
            anew = decide(self.book.policy, self.book.calendars, clock.kind, self.facts(), epoch(self.now))
            if anew:
                clock.due_at = min(old, moment(anew.due)) if self.now <= old else old
            if clock.paused_at and clock.due_at != old:
                clock.paused_at = self.now  # the new budget begins now, and only the rest of the pause moves it
        else:
            self.recompute(clock)
        if not clock.pausable and (changed or self.case.paused):
            clock.paused_at = None  # else the pause ends with the judgement, and resume() counts it

    def segment(self, kind: str, by_id: int, reason: str = "") -> None:
        """A new stretch begins: running, paused, told (with the customer) or closed, held by the case's department."""
        row = Segment(
            case_id=self.case.id,
            from_at=self.now,
            kind=kind,
            reason=reason,
            department_id=self.case.unit_id,
            by_id=by_id,
        )
        self.segments().append(row)
        self._add(row)

    def _add(self, row: Clock | Segment) -> None:
        if not self.fresh:
            db.session.add(row)

    def store(self) -> None:
        """Writes what a new case begins with in one statement a table, which costs a fraction of a row by row."""
        if self.fresh:
            for model, rows in ((Clock, self.clocks), (Segment, self.segments())):
                table = cast(Table, model.__table__)
                values = [{c.name: getattr(row, c.name) for c in table.columns if c.name != "id"} for row in rows]
                db.session.connection().execute(table.insert(), values)

    def segments(self) -> list[Segment]:
        """The stretches of the case in order."""
        if self._segments is None:
            self._segments = segments_of(self.case.id)
        return self._segments

    def pause(self) -> None:
        """Clocks that may stop, stop now; one that has run out is not cured."""
        for clock in self.clocks:
            if clock.outcome == "running" and clock.pausable and self.now <= clock.effective_due:
                clock.paused_at = self.now

    def resume(self) -> None:
        """Paused clocks run again; what they have left is what they had left."""
        for clock in self.clocks:
            if clock.outcome == "running" and clock.paused_at:
                since, clock.paused_at = clock.paused_at, None
                self.recompute(clock, (epoch(since), epoch(self.now)))

    def recompute(self, clock: Clock, pause: tuple[int, int] | None = None) -> None:
        """Sets the cached due and warning instants from start, limit and pauses, or after one pause."""
        calendar, begun = books.calendar(clock.calendar, clock.calendar_version), epoch(clock.started_at)
        limit, stretches = (clock.amount, clock.unit), stretches_for(clock, self.segments())
        due = deadline(*limit, calendar, begun, stretches)
        if pause:
            due = after_pause(limit, calendar, begun, stretches, epoch(clock.due_at), pause)
        clock.due_at = moment(due)
        row = next(r for r in self.book.policy.rows if r.id == clock.rule)
        warn = warning_point(calendar, begun, due, row.warn_share, self.book.policy.warn_from)
        clock.warn_at = moment(warn) if warn else None

    def agree(self, kind: str, due: datetime) -> None:
        """A new time agreed with the customer binds this clock; the policy's instant stays beside it."""
        clock = self.running(kind)
        if clock:
            clock.agreed_at = due

    def summary(self) -> dict[str, Any]:
        """The clock that presses most and the next instant at which somebody is to be told, for the case row."""
        alive = [c for c in self.clocks if c.outcome == "running"]
        ticking = [c for c in alive if not c.paused_at]
        nearest = min(ticking or alive, key=lambda c: c.effective_due, default=None)
        thresholds = [t for c in ticking for t in (next_threshold(c),) if t is not None]
        if nearest is None:
            return {
                "press": NEVER,
                "clock_kind": "",
                "clock_start": None,
                "clock_due": None,
                "clock_warn": None,
                "notice_at": None,
            }
        due = epoch(nearest.effective_due)
        return {
            "press": due if ticking else min(NEVER, due + 5_000_000_000),
            "clock_kind": nearest.kind,
            "clock_start": epoch(nearest.started_at),
            "clock_due": due,
            "clock_warn": epoch(nearest.warn_at) if nearest.warn_at else None,
            "notice_at": min(thresholds, default=None),
        }


def _take(clock: Clock, decision: Decision) -> None:
    """Copies a decision into a clock's row."""
    row = decision.winner
    clock.policy_version, clock.rule, clock.clause, clock.house = (
        decision.policy_version,
        row.id,
        row.clause,
        row.house,
    )
    clock.combine, clock.losers = decision.combine, [[lost.row.id, lost.due] for lost in decision.losers]
    clock.calendar, clock.calendar_version = row.calendar, decision.calendar_version
    clock.amount, clock.unit, clock.pausable = row.amount, row.unit, decision.pausable
    clock.provisional, clock.level, clock.judged = decision.provisional, decision.level, decision.judged
    clock.started_at, clock.due_at = moment(decision.start), moment(decision.due)
    clock.warn_at = moment(decision.warn) if decision.warn else None


def decision_of(clock: Clock) -> Decision:
    """The decision a clock was set by, rebuilt from its policy version."""
    rows = {r.id: r for r in books.policy(clock.policy_version).rows}
    calendar = books.calendar(clock.calendar, clock.calendar_version)
    start, due = epoch(clock.started_at), epoch(clock.due_at)
    losers = tuple(Lost(rows[i], lost_due) for i, lost_due in clock.losers if i in rows)
    return Decision(
        kind=clock.kind, level=clock.level, judged=clock.judged, policy_version=clock.policy_version,
        calendar_version=clock.calendar_version, combine=clock.combine, winner=rows[clock.rule], losers=losers,
        start=start, due=due, warn=epoch(clock.warn_at) if clock.warn_at else None, budget=calendar.between(start, due),
        pausable=clock.pausable, provisional=clock.provisional, met_by_taking=False,
    )  # fmt: skip


def next_threshold(clock: Clock) -> int | None:
    """The next instant at which somebody is told about this clock (SL8): the warning, then the due instant."""
    if clock.told_step == 0 and clock.warn_at:
        return epoch(clock.warn_at)
    if clock.told_step <= 1:
        return epoch(clock.effective_due)
    return None


def clocks_of(case_id: int) -> list[Clock]:
    """All clocks of a case in the order they were started."""
    return list(db.session.scalars(select(Clock).where(Clock.case_id == case_id).order_by(Clock.id)))


def segments_of(case_id: int) -> list[Segment]:
    """The stretches of a case in order."""
    return list(db.session.scalars(select(Segment).where(Segment.case_id == case_id).order_by(Segment.id)))


def stretches_for(clock: Clock, segments: list[Segment]) -> list[tuple[int, int | None, str, str]]:
    """The case's stretches as this clock sees them: only what may stop it is a pause."""
    found: list[tuple[int, int | None, str, str]] = []
    for here, after in zip(segments, [*segments[1:], None], strict=True):
        until = epoch(after.from_at) if after else None
        stops = (here.kind == "paused" and clock.kind in PAUSING) or (
            here.kind == "told" and clock.kind in WITH_CUSTOMER
        )
        found.append((epoch(here.from_at), until, "paused" if stops else "running", here.reason or here.kind))
    return found
