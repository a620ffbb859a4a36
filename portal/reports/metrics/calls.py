"""Figures of the hotline from the calls that its telephone system handed in (IN7). Exact seconds, no case needed."""

from typing import NamedTuple

from portal.kernel.db import read
from portal.reports.metrics.definitions import Kpi
from portal.reports.rules import Figure, Span, share

IN_TIME = 20  # seconds, SL1 channel table
IN_TIME_BUSY = 60  # seconds while the line is busy, SL1 channel table
SHORT = 5  # [H] seconds: who hangs up sooner has not waited
# the telephone system says so, or the supervisor has declared the period (IN7)
BUSY = (
    "(busy OR EXISTS (SELECT 1 FROM busy_period AS b WHERE b.hotline_id = call_record.hotline_id"
    " AND b.from_at <= call_record.offered_at AND call_record.offered_at < b.until_at))"
)
GAVE_UP = "answered_at IS NULL AND ended_at - offered_at > :short"
SUMS = (
    "SELECT count(*), count(answered_at),"
    " sum(CASE WHEN answered_at - offered_at <= :soon THEN 1 ELSE 0 END),"
    f" sum(CASE WHEN {GAVE_UP} THEN 1 ELSE 0 END),"
    " sum(CASE WHEN answered_at IS NOT NULL AND handed THEN 1 ELSE 0 END),"
    " sum(answered_at - offered_at),"
    " sum(CASE WHEN answered_at IS NOT NULL THEN ended_at - answered_at + after ELSE 0 END),"
    f" sum(CASE WHEN {BUSY} AND answered_at - offered_at <= :late THEN 1 ELSE 0 END),"
    f" sum(CASE WHEN {BUSY} AND (answered_at IS NOT NULL OR {GAVE_UP}) THEN 1 ELSE 0 END)"
    " FROM call_record WHERE offered_at >= :start AND offered_at < :until"
)
LENGTHS = {"asa": "answered_at - offered_at", "aht": "ended_at - answered_at + after"}
RANKED = (
    "SELECT %s FROM call_record WHERE offered_at >= :start AND offered_at < :until AND answered_at IS NOT NULL"
    " ORDER BY 1 LIMIT 1 OFFSET :rank"
)
LISTED = (
    f"SELECT offered_at, answered_at, ended_at, hold, after, handed, {BUSY} FROM call_record"
    " WHERE offered_at >= :start AND offered_at < :until ORDER BY offered_at DESC LIMIT :most OFFSET :skip"
)


class Calls(NamedTuple):
    """What the calls of a period add up to: numbers of calls, and seconds waited and worked."""

    offered: int
    answered: int
    in_time: int
    abandoned: int  # after more than SHORT seconds
    handed: int
    waited: int
    worked: int
    busy_in_time: int
    busy: int  # answered or given up while the line was busy


def sums(start: int, until: int) -> Calls:
    """The calls offered in [start, until)."""
    asked = {"soon": IN_TIME, "late": IN_TIME_BUSY, "short": SHORT, "start": start, "until": until}
    row = read(SUMS, asked)[0]
    return Calls(*(int(value or 0) for value in row))


def figure(kpi: Kpi, span: Span) -> Figure:
    """A figure of the telephone system; without a call in the period the reason stands in its place."""
    now, before = sums(span.start, span.until), sums(span.before, span.start)
    part, whole = _parts(kpi.code, now)
    if not now.offered:
        return Figure(kpi.code, None, kpi.unit, 0, 0, missing="no_calls")
    value, link = _value(kpi, now), {"calls": span.code}
    if kpi.unit != "s":
        return Figure(
            kpi.code, value, kpi.unit, part, whole, _value(kpi, before), None, kpi.more_is_better, link
        )  # fmt: skip
    median, p90 = (_ranked(kpi.code, span, whole, per_cent) for per_cent in (50, 90))
    return Figure(
        kpi.code, value, "s", whole, whole, _value(kpi, before), None, kpi.more_is_better, link, mean=value, p90=p90,
        median=median,
    )  # fmt: skip


def _ranked(code: str, span: Span, calls: int, per_cent: int) -> int | None:
    """The nearest-rank percentile of the lengths of so many answered calls, in seconds; None of none."""
    if not calls:
        return None
    asked = {"start": span.start, "until": span.until, "rank": max(0, -(-per_cent * calls // 100) - 1)}
    return int(read(RANKED % LENGTHS[code], asked)[0][0])


def _value(kpi: Kpi, calls: Calls) -> float | None:
    part, whole = _parts(kpi.code, calls)
    if kpi.unit == "s":
        return round(part / whole, 1) if whole else None
    return share(part, whole)


def _parts(code: str, calls: Calls) -> tuple[int, int]:
    """Part and whole of each, by the formulas printed beside them."""
    return {
        "service_level": (calls.in_time, calls.answered + calls.abandoned),
        "busy_level": (calls.busy_in_time, calls.busy),
        "answer_rate": (calls.answered, calls.offered),
        "abandon": (calls.abandoned, calls.offered),
        "asa": (calls.waited, calls.answered),
        "aht": (calls.worked, calls.answered),
        "call_transfer": (calls.handed, calls.answered),
    }[code]


class Line(NamedTuple):
    """One call behind a figure; epoch seconds and seconds."""

    offered: int
    answered: int | None
    ended: int
    hold: int
    after: int
    handed: bool
    busy: bool

    @property
    def outcome(self) -> str:
        """How it went: answered, handed (on), abandoned or short (hung up at once)."""
        if self.answered:
            return "handed" if self.handed else "answered"
        return "abandoned" if self.ended - self.offered > SHORT else "short"


def listed(span: Span, page: int, most: int) -> list[Line]:
    """The calls of a period, the latest first."""
    values = {"start": span.start, "until": span.until, "most": most, "skip": (page - 1) * most}
    return [Line(*row) for row in read(LISTED, values)]
