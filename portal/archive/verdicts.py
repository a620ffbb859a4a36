"""Each verdict of a case held against the version of the policy by which it was made: due and outcome, counted anew."""

from typing import Any, NamedTuple

from portal.clocks import book, rules
from portal.clocks.kept import clocks_of, decision_of, segments_of, stretches_for
from portal.clocks.models import Clock, Segment
from portal.kernel.instants import epoch, epoch_or_none


class Compared(NamedTuple):
    """One clock: what stands in the store and what the policy version gives; instants in epoch seconds."""

    kind: str
    cycle: int
    round: int
    policy: int
    calendar: int
    rule: str
    due: int
    counted: int
    outcome: str
    verdict: str
    same: bool


def compared(case_id: int) -> list[Compared]:
    """Every clock of a case, in the order it began."""
    segments = segments_of(case_id)
    return [_one(row, segments) for row in sorted(clocks_of(case_id), key=lambda c: (c.started_at, c.id))]


def lines_of(row: Clock, segments: list[Segment]) -> list[dict[str, Any]]:
    """The explanation of a clock by its policy and calendar version, as facts."""
    calendar, stopped = book.calendar(row.calendar, row.calendar_version), epoch_or_none(row.stopped_at)
    return rules.explain(
        decision_of(row), calendar, now=stopped or epoch(row.due_at), stopped=stopped,
        paused=epoch_or_none(row.paused_at), segments=stretches_for(row, segments),
    )  # fmt: skip


def explained(row: Clock, segments: list[Segment]) -> dict[str, Any]:
    """A clock as a record keeps it: its facts, the versions it was judged by, and its explanation."""
    return {
        "kind": row.kind, "cycle": row.cycle, "round": row.round, "level": row.level, "rule": row.rule,
        "clause": row.clause, "policy": row.policy_version, "calendar": row.calendar,
        "calendar_version": row.calendar_version, "amount": row.amount, "unit": row.unit,
        "started": epoch(row.started_at), "due": epoch(row.due_at), "agreed": epoch_or_none(row.agreed_at),
        "stopped": epoch_or_none(row.stopped_at), "outcome": row.outcome, "lines": lines_of(row, segments),
    }  # fmt: skip


def _one(row: Clock, segments: list[Segment]) -> Compared:
    stopped = epoch_or_none(row.stopped_at)
    counted = next(line["at"] for line in lines_of(row, segments) if line["row"] == "due")
    binding = epoch(row.effective_due) if row.agreed_at else counted
    verdict = row.outcome
    if row.outcome in ("met", "missed") and stopped is not None:
        verdict = "met" if stopped <= binding else "missed"
    return Compared(
        row.kind, row.cycle, row.round, row.policy_version, row.calendar_version, row.rule, epoch(row.due_at), counted,
        row.outcome, verdict, counted == epoch(row.due_at) and verdict == row.outcome,
    )  # fmt: skip
