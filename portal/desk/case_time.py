"""The time of a case in words and in a picture: its clocks, who held it, and what used up the limit."""

from collections.abc import Sequence
from typing import NamedTuple

from portal.cases.models import Case
from portal.clocks import book, rules
from portal.clocks.calendar import Calendar
from portal.clocks.holding import Holding, Limit, Stretch, holdings, limit_of, shared, stretches_of
from portal.clocks.kept import stretches_for
from portal.clocks.models import Clock, Segment
from portal.clocks.picture import DAY, MINUTE, Lane, Picture, Run, picture
from portal.clocks.policy import TIMELESS
from portal.clocks.policy_view import limit_words
from portal.desk import caches
from portal.kernel.i18n import clockspan, hm, instant, listed, local, locale, span, term
from portal.kernel.i18n import gettext as _
from portal.kernel.instants import epoch

SECONDS_TELL = 600  # below ten minutes a table of lengths says seconds


class LaneWords(NamedTuple):
    """What stands above a lane: the clock's name, how it stands, whether that is bad."""

    name: str
    note: str
    late: bool


class Line(NamedTuple):
    """One clock in the table beside the picture."""

    name: str
    start: str
    due: str
    end: str
    state: str
    late: bool
    provisional: bool


class Used(NamedTuple):
    """One department's row: name and lengths in words, share of the limit, whether more than all of it."""

    unit: str
    held: str
    working: str
    share: str
    customer: str
    paused: str
    late: bool = False


class Story(NamedTuple):
    """Everything the page shows about the time of a case."""

    id: str
    title: str
    picture: Picture
    lanes: list[LaneWords]
    bands: list[str]
    ticks: list[str]
    now: str
    clocks: list[Line]
    used: list[Used]
    total: Used | None
    limit: str
    no: str = ""  # of the case, where the page also asks who was told


def story(case: Case, clocks: Sequence[Clock], segments: Sequence[Segment], now: int, *, alone: bool = False) -> Story:
    """Draws and counts: all clocks of the case, or one of them `alone`, with what lies inside it."""
    rows = [(epoch(s.from_at), s.kind, s.reason, s.department_id) for s in segments]
    stretches = stretches_of(rows, epoch(case.received_at), now)
    if alone:
        stretches = _inside(stretches, clocks[0], now)
    drawn = picture([run_of(c, segments, now) for c in clocks], stretches, now, _offset(now))
    states = {c.id: state_at(c, now) for c in clocks}
    measure = clocks[0] if alone else next((c for c in reversed(clocks) if c.kind == "result"), None)
    limit, calendar = _limit(measure, segments, now), _calendar(measure or next(iter(clocks), None))
    found = holdings(stretches, calendar, limit) if calendar else []
    return Story(
        "why" if alone else "time", finding(clocks, states, found), drawn,
        [_lane(lane, clocks, states, now) for lane in drawn.lanes],
        [_band(b.stretch) for b in drawn.bands], [_tick(t.at, drawn.step) for t in drawn.ticks],
        _("now %(at)s", at=f"{local(now):%H:%M}"), [_line(c, states[c.id], now) for c in clocks],
        _rows(found), _total(found, limit),
        _measure(measure) if measure and limit else "", "" if alone else case.no,
    )  # fmt: skip


def _inside(stretches: Sequence[Stretch], clock: Clock, now: int) -> list[Stretch]:
    """The parts of the stretches between a clock's start and its stop or now."""
    start, end = epoch(clock.started_at), epoch(clock.stopped_at) if clock.stopped_at else now
    parts = (s._replace(since=max(s.since, start), until=min(s.until, end)) for s in stretches)
    return [part for part in parts if part.since < part.until]


def _measure(clock: Clock) -> str:
    """The limit that shares are taken of: `Result 24 h`, with the cycle where there are several."""
    cycle = " · " + _("Cycle %(n)s", n=clock.cycle) if clock.cycle > 1 else ""
    return f"{term('clock.' + clock.kind)} {limit_words(clock.amount, clock.unit)}{cycle}"


def run_of(clock: Clock, segments: Sequence[Segment], now: int) -> Run:
    """A clock as the picture needs it."""
    due, end = epoch(clock.effective_due), epoch(clock.stopped_at) if clock.stopped_at else None
    pauses = tuple(
        (since, now + 1 if until is None else until)  # an open pause still holds now; one that ends now does not
        for since, until, kind, _reason in stretches_for(clock, list(segments))
        if kind == "paused" and since <= due
    )
    start = epoch(clock.started_at)
    return Run(clock.id, clock.kind, start, due, end, clock.outcome, pauses, _idle(clock, start, min(due, end or due)))


def _idle(clock: Clock, start: int, until: int) -> tuple[tuple[int, int], ...]:
    """Hours off on a clock's way that its calendar does not count."""
    if clock.unit not in ("s", "wd") or until <= start:
        return ()
    found, reached = [], start
    for a, b in book.calendar(clock.calendar, clock.calendar_version).intervals(start, until):
        if a > reached:
            found.append((reached, a))
        reached = b
    return tuple(found + ([(reached, until)] if reached < until else []))


def state_at(clock: Clock, now: int) -> str:
    """How a clock stands, cancelled ones too."""
    if clock.outcome == "cancelled":
        return "cancelled"
    warn, stopped, paused = (epoch(t) if t else None for t in (clock.warn_at, clock.stopped_at, clock.paused_at))
    return rules.state_of(now, epoch(clock.effective_due), warn, stopped, paused)


def unit_name(unit: int) -> str:
    """A department's name in the reader's language."""
    return next((u.called(locale()) for u in caches.units().values() if u.id == unit), "–")


def finding(clocks: Sequence[Clock], states: dict[int, str], used: Sequence[Holding]) -> str:
    """What the picture shows, in a sentence."""
    late = [term("clock." + c.kind) for c in clocks if states[c.id] in ("late", "missed")]
    if late:
        names = listed(dict.fromkeys(late))
        said = _("%(n)s of %(all)s limits not kept: %(names)s", n=len(late), all=len(clocks), names=names)
    else:
        said = _("All limits kept so far")
    longest = max(used, key=lambda one: one.held, default=None)
    if longest and longest.held:
        held = span(longest.held)
        said += _("; %(unit)s held the case longest, %(span)s", unit=unit_name(longest.unit), span=held)
    return said


def _offset(now: int) -> int:
    offset = local(now).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def _limit(clock: Clock | None, segments: Sequence[Segment], now: int) -> Limit | None:
    if clock is None or clock.unit in TIMELESS:
        return None
    calendar = book.calendar(clock.calendar, clock.calendar_version)
    end = epoch(clock.stopped_at) if clock.stopped_at else max(now, epoch(clock.started_at))
    return limit_of(
        calendar, epoch(clock.started_at), epoch(clock.due_at), end, clock.unit, stretches_for(clock, list(segments)),
        stopped=clock.stopped_at is not None,
    )  # fmt: skip


def _calendar(clock: Clock | None) -> Calendar | None:
    return book.calendar(clock.calendar, clock.calendar_version) if clock else None


def _lane(lane: Lane, clocks: Sequence[Clock], states: dict[int, str], now: int) -> LaneWords:
    """The newest clock of the lane speaks; how many there were and how many of them late stands before it."""
    by_id = {c.id: c for c in clocks}
    newest = by_id[lane.runs[-1].id]
    note = _note(newest, states[newest.id], now)
    late = sum(states[r.id] in ("late", "missed") for r in lane.runs)
    if len(lane.runs) > 1:
        note = _("%(n)s times, %(late)s late; last: %(note)s", n=len(lane.runs), late=late, note=note)
    name = term("clock." + lane.kind) + (" · " + _("Round %(n)s", n=newest.round) if newest.round > 1 else "")
    return LaneWords(name, note, bool(late))


def _note(clock: Clock, state: str, now: int) -> str:
    due = epoch(clock.effective_due)
    if state == "late":
        return _("late by %(span)s", span=span(now - due))
    if clock.stopped_at and state == "missed":
        return _("late by %(span)s", span=span(epoch(clock.stopped_at) - due))
    if clock.stopped_at and state == "met":
        return _("met in %(span)s", span=span(epoch(clock.stopped_at) - epoch(clock.started_at)))
    if state == "paused" and clock.paused_at:
        return _("Paused, left %(span)s", span=clockspan(due - epoch(clock.paused_at)))
    if state == "cancelled":
        return term("clock_state.cancelled")
    return _("due %(at)s", at=hm(due, now)) + (f" · {term('mark.provisional')}" if clock.provisional else "")


def _line(clock: Clock, state: str, now: int) -> Line:
    name = term("clock." + clock.kind) + (f" · {clock.cycle}.{clock.round}" if clock.cycle + clock.round > 2 else "")
    end = instant(clock.stopped_at) if clock.stopped_at else _("still running")
    late = state in ("late", "missed")
    over = (epoch(clock.stopped_at) if clock.stopped_at else now) - epoch(clock.effective_due)
    said = term("clock_state." + state) + (f" +{span(over)}" if late else "")
    return Line(name, instant(clock.started_at), instant(clock.effective_due), end, said, late, clock.provisional)


def _band(part: Stretch) -> str:
    if part.kind == "running" and not part.reason:
        return unit_name(part.unit)
    what = term("pause." + part.reason) if part.reason else term("holding." + part.kind)
    return f"{what} · {unit_name(part.unit)}"


def _tick(at: int, step: int) -> str:
    here = local(at)
    if step >= DAY or (here.hour, here.minute) == (0, 0):
        return f"{here:%m-%d}" if step < 91 * DAY else f"{here:%Y-%m}"
    return f"{here:%H:%M:%S}" if step < MINUTE else f"{here:%H:%M}"


def _rows(found: Sequence[Holding]) -> list[Used]:
    """A row a department. Lengths are rounded so that those of a column add up to the total below them."""
    columns = [rounded([getattr(one, name) for one in found]) for name in ("held", "working", "customer", "paused")]
    return [
        _used(one, unit_name(one.unit), lengths) for one, lengths in zip(found, zip(*columns, strict=True), strict=True)
    ]


def rounded(lengths: Sequence[int]) -> list[str]:
    """Lengths in words whose sum is the sum's own words: to the second below ten minutes, to the minute below a day.

    The parts are taken between the rounded sums so far, as the total is rounded once.
    """
    whole = sum(lengths)
    step = 1 if whole < SECONDS_TELL else 60 if whole < DAY else 3600
    said, reached = [], 0
    for length in lengths:
        before, reached = reached // step, reached + length
        said.append(_length((reached // step - before) * step, step) if length else "–")
    return said


def _length(seconds: int, step: int) -> str:
    if not seconds:
        return _("under %(span)s", span=span(step))
    if step > 1 or seconds < 60 or seconds % 60 == 0:
        return span(seconds)
    return f"{span(seconds // 60 * 60)} {span(seconds % 60)}"


def _used(one: Holding, name: str, lengths: Sequence[str] = ()) -> Used:
    whole = (one.held, one.working, one.customer, one.paused)
    held, working, customer, paused = lengths or [rounded([n])[0] for n in whole]
    share = "–" if one.share is None else f"{one.share:.1f} %"
    return Used(name, held, working, share, customer, paused, (one.share or 0) > 100)


def _total(found: Sequence[Holding], limit: Limit | None) -> Used | None:
    if len(found) < 2:
        return None
    whole = Holding(0)
    for one in found:
        whole = whole.plus(one.held, one.working, one.counted, one.customer, one.paused)
    return _used(shared(whole, limit), _("Total"))
