"""The promises of a case as its journal tells them (SL7): promised reply times and new times. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from portal.kernel.instants import moment


@dataclass(frozen=True)
class Promised:
    """One promise or one new time. Instants are aware; `told_*` is the contact in which the customer heard of it.

    `outcome` is open, kept, broken, cancelled, refused (the old instant stands) or followed (by the next new time).
    `decision` is empty for a promise, else waits, approved or refused.
    """

    kind: str  # promise or extension
    clock: str  # the clock it binds: promise, result
    clock_id: int | None
    by_id: int
    at: datetime
    reason: str
    told_at: datetime | None
    told_means: str
    told_words: str
    original: datetime | None
    due: datetime
    decision: str
    decided_by: int
    decided_at: datetime | None
    decided_words: str
    outcome: str
    original_met: bool | None


def ledger(lines: Sequence[Any], clocks: Iterable[Any], now: datetime) -> list[Promised]:
    """All of a case in the order they were given, from its journal's entries and its clocks."""
    found: list[Promised] = []
    rows, cycle, heard = list(clocks), 1, None
    for line in lines:
        f = line.facts
        if line.kind == "Reopened":
            cycle += 1
        elif line.kind == "Contacted" and f and f["direction"] == "out" and f["reached"] and f["by_person"]:
            heard = line
            if f.get("promised"):
                found.append(_promise(line, rows, now))
        elif line.kind == "Extended" and f:
            found = [_followed(p, f["kind"]) for p in found]
            found.append(_extension(line, heard, rows, cycle, now))
        elif line.kind == "ExtensionDecided" and f:
            found = [_decided(p, line) for p in found]
    return found


def state(row: Any, now: datetime) -> str:
    """How a promised instant stands by its clock: open, kept, broken or cancelled."""
    if row is None:
        return "cancelled"
    if row.outcome == "running":
        return "broken" if now > row.effective_due and not row.paused_at else "open"
    return {"met": "kept", "missed": "broken"}.get(row.outcome, "cancelled")


def _promise(line: Any, rows: list[Any], now: datetime) -> Promised:
    due = moment(line.facts["promised"])
    row = next((c for c in rows if c.kind == "promise" and c.due_at == due and c.started_at == line.at), None)
    return Promised(
        "promise", "promise", row.id if row else None, line.by_id, line.at, "", line.at, line.facts["means"],
        line.facts["words"], None, due, "", 0, None, "", state(row, now), None,
    )  # fmt: skip


def _extension(line: Any, heard: Any, rows: list[Any], cycle: int, now: datetime) -> Promised:
    f = line.facts
    row = next((c for c in reversed(rows) if c.kind == f["kind"] and c.cycle == cycle), None)
    return Promised(
        "extension", f["kind"], row.id if row else None, line.by_id, line.at, f["reason"],
        heard.at if heard else None, heard.facts["means"] if heard else "", f["told"], moment(f["old_due"]),
        moment(f["due"]), "waits", 0, None, "", state(row, now), row.met_original if row else None,
    )  # fmt: skip


def _followed(one: Promised, clock: str) -> Promised:
    """A later new time of the same clock takes the place of an earlier one that stood."""
    stood = one.kind == "extension" and one.clock == clock and one.outcome != "refused"
    return replace(one, outcome="followed") if stood else one


def _decided(one: Promised, line: Any) -> Promised:
    f = line.facts
    if one.kind != "extension" or one.decision != "waits" or one.due != moment(f["due"]):
        return one
    decision = "approved" if f["approved"] else "refused"
    outcome = one.outcome if f["approved"] else "refused"
    return replace(
        one, decision=decision, decided_by=line.by_id, decided_at=line.at, decided_words=f["words"], outcome=outcome
    )
