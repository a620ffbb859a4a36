"""The clocks of one case while an event is recorded: start, meet, cancel, pause, decide anew."""

from datetime import datetime
from typing import Any, cast

from portal.clocks import book as books
from portal.clocks.calendar import Calendar, provisional, verdict
from portal.clocks.kept import (
    class_of,
    clocks_of,
    epoch,
    moment,
    next_threshold,
    segments_of,
    stretches_for,
    take,
)
from portal.clocks.models import Clock, Segment
from portal.clocks.moving import after_pause, cures
from portal.clocks.policy import Row
from portal.clocks.rules import Decision, Facts, deadline, decide, warning_point
from portal.clocks.unsaved import CLOCK, SEGMENT, UnsavedClock, UnsavedSegment
from portal.kernel.db import db
from portal.kernel.gather import later

NEVER = 9_900_000_000  # sorts after every instant: a case whose clocks are all stopped or paused


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
            level=(case.dispute["governs"] if case.dispute else case.level) or None,
            proposed_level=case.proposed_level,
            urgent=case.urgency == "urgent",
            complexity=case.complexity,
            received=epoch(case.received_at),
            later=later,
            customer_class=class_of(case.customer_id, self.now) if self.book.policy.asks_class else "",
            request_type=case.request_type,
        )

    def running(self, kind: str) -> Clock | None:
        """The running clock of a kind in this cycle."""
        for clock in self.clocks:
            if clock.kind == kind and clock.cycle == self.case.cycle and clock.outcome == "running":
                return clock
        return None

    def start(self, kind: str, at: datetime, *, later: bool = False, least: int = 1) -> Clock | None:
        """Starts a clock if the policy has a limit for it; the next round if one ran before, and the least at least."""
        decision = decide(self.book.policy, self.book.calendars, kind, self.facts(later=later), epoch(at))
        if decision is None or decision.winner.unit == "talk":
            return None
        rounds = [c.round for c in self.clocks if c.kind == kind and c.cycle == self.case.cycle]
        made = cast(type[Clock], UnsavedClock) if self.fresh else Clock
        clock = made(case_id=self.case.id, kind=kind, cycle=self.case.cycle, round=max(*rounds, least - 1, 0) + 1)
        clock.outcome, clock.told_step = "running", 0
        take(clock, decision)
        self._add(clock)
        self.clocks.append(clock)
        if decision.met_by_taking:
            self.stop(clock, at)
        return clock

    def share(self, kind: str) -> None:
        """Starts a clock that has a share of what is left of the result, on the result's calendar."""
        result = self.running("result")
        if result is None:
            return
        calendar = books.calendar(result.calendar, result.calendar_version)
        left = max(0, calendar.between(epoch(self.now), epoch(result.effective_due)))
        row = next(iter(self.book.policy.by_kind.get(kind, ())), None)
        if row is not None:
            self._derived(row, left * row.amount // 100, result.calendar, result.calendar_version, result.pausable)

    def promise(self, until: int) -> None:
        """Starts the clock of a promise: it ends at the instant promised and never pauses (SL7)."""
        row = next(iter(self.book.policy.by_kind.get("promise", ())), None)
        if row is not None:
            version = self.book.calendars[row.calendar].version
            self._derived(row, until - epoch(self.now), row.calendar, version, False)

    def _derived(self, row: Row, seconds: int, calendar: str, version: int, pausable: bool) -> None:
        days, start = books.calendar(calendar, version), epoch(self.now)
        due, policy = days.add(start, seconds), self.book.policy
        rounds = [c.round for c in self.clocks if c.kind == row.kind and c.cycle == self.case.cycle]
        clock = Clock(
            case_id=self.case.id, kind=row.kind, cycle=self.case.cycle, round=max(rounds, default=0) + 1,
            policy_version=policy.version, rule=row.id, clause=row.clause, house=row.house, combine="level", losers=[],
            calendar=calendar, calendar_version=version, provisional=provisional(days, due, start), amount=seconds,
            unit="s", pausable=row.pausable and pausable, level=self.facts().governing_level,
            judged=bool(self.case.level), started_at=self.now, due_at=moment(due), outcome="running", told_step=0,
        )  # fmt: skip
        warn = warning_point(days, start, due, row.warn_share, policy.warn_from)
        clock.warn_at = moment(warn) if warn else None
        self._add(clock)
        self.clocks.append(clock)

    def meet(self, kind: str, at: datetime | None = None) -> None:
        """The named event happened: the clock stops with its verdict."""
        clock = self.running(kind)
        if clock:
            self.stop(clock, at or self.now)

    def stop(self, clock: Clock, at: datetime) -> None:
        """Stops a clock: met or missed by the due instant that binds; both attainments are kept (SL7)."""
        clock.stopped_at, clock.paused_at = at, None
        clock.department_id = self.case.unit_id
        self._judge(clock)

    @staticmethod
    def _judge(clock: Clock) -> None:
        """The verdict of a clock that has stopped."""
        stopped = epoch(clock.stopped_at) if clock.stopped_at else 0
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

    def decide_running_anew(self, *kinds: str) -> None:
        """Clocks of these kinds, if they run, get the limit of the new level from their own start."""
        for kind in kinds:
            clock = self.running(kind)
            decision = clock and decide(
                self.book.policy, self._calendars(clock), kind, self.facts(), epoch(clock.started_at)
            )
            if clock and decision:
                self._swap(clock, decision, changed=False)

    def decide_anew(self, kinds: tuple[str, ...], *, changed: bool) -> None:
        """The level changed (SL5): running clocks get the new limit, keep start and pauses; kinds come and go.

        changed=False: the new budget counts from the original start, even into the past. changed=True: the earlier
        of the old due instant and the new budget from now.
        """
        for kind in kinds:
            clock = self.running(kind)
            begin = clock.started_at if clock else self.case.received_at
            later = kind == "progress" and clock is not None and clock.round > 1
            decision = decide(self.book.policy, self._calendars(clock), kind, self.facts(later=later), epoch(begin))
            if clock and (decision is None or decision.winner.unit == "talk"):
                self._end(clock)
            elif clock and decision:
                self._swap(clock, decision, changed=changed)
            elif decision and not any(c.kind == kind and c.cycle == self.case.cycle for c in self.clocks):
                self.start(kind, begin)

    def _calendars(self, clock: Clock | None) -> dict[str, Calendar]:
        """The calendars in force; a running clock keeps the version it has, and else those of its start (SL3)."""
        if clock is None:
            return self.book.calendars
        then = books.in_force(clock.started_at, self.book.policy.version).calendars
        own = books.calendar(clock.calendar, clock.calendar_version)
        return self.book.calendars | then | {clock.calendar: own}

    def _swap(self, clock: Clock, decision: Decision, *, changed: bool) -> None:
        old, calendar = clock.due_at, books.calendar(decision.winner.calendar, decision.calendar_version)
        gone = self.now > clock.effective_due and not clock.paused_at
        if gone and cures(decision, calendar, stretches_for(clock, self.segments()), epoch(old)):
            return  # a due instant that has passed is moved by no lower level (SL5)
        take(clock, decision)
        if changed:
            anew = decide(self.book.policy, self._calendars(clock), clock.kind, self.facts(), epoch(self.now))
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
        made = cast(type[Segment], UnsavedSegment) if self.fresh else Segment
        row = made(
            case_id=self.case.id, from_at=self.now, kind=kind, reason=reason, by_id=by_id,
            department_id=self.case.unit_id,
        )  # fmt: skip
        self.segments().append(row)
        self._add(row)

    def _add(self, row: Clock | Segment) -> None:
        if not self.fresh:
            db.session.add(row)

    def store(self) -> None:
        """Writes what a new case begins with in one statement a table, which costs a fraction of a row by row."""
        if self.fresh:
            for columns, rows in ((CLOCK, self.clocks), (SEGMENT, self.segments())):
                later(columns.statement, *(columns.values(row) | {"case_id": self.case.id} for row in rows))

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

    def disagree(self, kind: str, due: datetime, old: datetime) -> None:
        """A new time was refused: the old instant stands, also for a clock that has stopped meanwhile (SL7)."""
        for clock in self.clocks:
            if clock.kind == kind and clock.agreed_at == due:
                clock.agreed_at = None if old == clock.due_at else old
                if clock.stopped_at and clock.outcome in ("met", "missed"):
                    self._judge(clock)

    def judge_again(self, kinds: tuple[str, ...], *, since: datetime) -> None:
        """Clocks that stopped since then get their limit and verdict by the level that stands now (SL6)."""
        for clock in self.clocks:
            if clock.kind not in kinds or clock.cycle != self.case.cycle or clock.outcome not in ("met", "missed"):
                continue
            if clock.stopped_at is None or clock.stopped_at < since:
                continue
            facts = self.facts(later=clock.kind == "progress" and clock.round > 1)
            decision = decide(self.book.policy, self._calendars(clock), clock.kind, facts, epoch(clock.started_at))
            if decision is not None and decision.winner.unit != "talk":
                take(clock, decision)
                self.recompute(clock)
                self._judge(clock)

    def summary(self) -> dict[str, Any]:
        """The clock that presses most and the next instant at which somebody is to be told, for the case row."""
        alive = [c for c in self.clocks if c.outcome == "running"]
        ticking = [c for c in alive if not c.paused_at]
        nearest = min(ticking or alive, key=lambda c: c.effective_due, default=None)
        thresholds = [t for c in ticking for t in (next_threshold(c, self.book),) if t is not None]
        if nearest is None:
            nothing = dict.fromkeys(("clock_start", "clock_due", "clock_warn", "notice_at"))
            return nothing | {"press": NEVER, "clock_kind": ""}
        due = epoch(nearest.effective_due)
        return {
            "press": due if ticking else min(NEVER, due + 5_000_000_000),
            "clock_kind": nearest.kind,
            "clock_start": epoch(nearest.started_at),
            "clock_due": due,
            "clock_warn": epoch(nearest.warn_at) if nearest.warn_at else None,
            "notice_at": min(thresholds, default=None),
        }
