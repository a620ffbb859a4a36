"""A real help-desk log lived as closed history: volumes and lengths equal an independent reckoning over the file."""

import csv
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from portal.cases.models import Case
from portal.clocks.models import Clock
from portal.journal.models import Body, Entry, Stream
from portal.kernel.db import db, transaction
from portal.kernel.i18n import local, parse_local
from portal.reports import periods
from portal.reports.metrics import counting, room
from tests.bench.loader import rows_of
from tests.builders import NINE, closed_case
from tests.conftest import REAL_DATA

KINDS = ("Logged", "Told", "Confirmed", "Closed")
BATCH = 1_000


def log() -> list[tuple[datetime, datetime]]:
    """First and last event of each case of the log, taken as times of the installation."""
    path = REAL_DATA / "helpdesk_events.csv"
    if not path.exists():
        pytest.skip("the real data is not here")
    found: dict[str, list[datetime]] = defaultdict(list)
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["CaseID"]].append(parse_local(row["CompleteTimestamp"]))
    return sorted((min(times), max(times)) for times in found.values())


class Template:
    """One case with its clocks and journal, to be copied."""

    def __init__(self, case_id: int) -> None:
        stream = f"case:{case_id}"
        self.case = rows_of(Case.__table__, Case.id == case_id)[0]
        self.clocks = rows_of(Clock.__table__, Clock.case_id == case_id)
        self.stream = rows_of(Stream.__table__, Stream.stream == stream)[0]
        self.entries = rows_of(Entry.__table__, Entry.stream == stream)
        ids = [entry["id"] for entry in self.entries]
        self.bodies = {row["journal_id"]: row for row in rows_of(Body.__table__, Body.journal_id.in_(ids))}


def live(template: Template, cases: list[tuple[datetime, datetime]]) -> None:
    """Each case: received and logged at its first event; told, confirmed and closed at its last."""
    first_id, first_entry = 1_000, 100_000
    kept = [entry for entry in template.entries if entry["kind"] in KINDS]
    clock = next(clock for clock in template.clocks if clock["kind"] == "result")
    for start in range(0, len(cases), BATCH):
        rows: dict[Any, list[dict[str, Any]]] = {Case: [], Clock: [], Stream: [], Entry: [], Body: []}
        for n, (begun, ended) in enumerate(cases[start : start + BATCH], start):
            number, stream = first_id + n, f"case:{first_id + n}"
            moments = dict.fromkeys(("received_at", "recorded_at", "judged_at", "responded_at"), begun)
            moments |= dict.fromkeys(("result_at", "told_at", "confirmed_at", "closed_at", "entry_at"), ended)
            rows[Case].append(template.case | {"id": number, "no": f"H-{n:05}"} | moments)
            limit = {name: value for name, value in clock.items() if name != "id"}
            met = ended <= begun + timedelta(days=1)
            limit |= {"case_id": number, "started_at": begun, "due_at": begun + timedelta(days=1), "stopped_at": ended}
            rows[Clock].append(limit | {"outcome": "met" if met else "missed", "met_original": met})
            rows[Stream].append(template.stream | {"stream": stream})
            for entry in kept:
                first_entry += 1
                at = begun if entry["kind"] == "Logged" else ended
                rows[Entry].append(entry | {"id": first_entry, "stream": stream, "at": at})
                rows[Body].append(template.bodies[entry["id"]] | {"journal_id": first_entry})
        with transaction() as session:
            for model in (Case, Clock, Stream, Entry, Body):
                session.execute(insert(model.__table__), rows[model])


def reckoned(cases: list[tuple[datetime, datetime]], start: int, end: int) -> dict[str, Any]:
    """The same figures by plain counting over the log."""
    inside = [(int(a.timestamp()), int(b.timestamp())) for a, b in cases]
    lengths = sorted(b - a for a, b in inside if start <= b < end)
    due = [(a, b) for a, b in inside if start <= a + 86_400 < end]

    def rank(share: float) -> int:
        return lengths[max(0, -(-int(share * 100) * len(lengths) // 100) - 1)]

    return {
        "received": sum(start <= a < end for a, _ in inside), "closed": len(lengths),
        "opening": sum(a < start <= b for a, b in inside), "closing": sum(a < end <= b for a, b in inside),
        "met": sum(b - a <= 86_400 for a, b in due), "due": len(due),
        "mean": round(sum(lengths) / len(lengths), 1), "median": rank(0.5), "p90": rank(0.9),
    }  # fmt: skip


def test_volumes_and_resolution_times_of_a_real_log_equal_an_independent_count(app, at, staff):
    cases = log()
    with transaction():
        made = closed_case(staff["agent"], staff["supervisor"], staff["handler"], level="P2", now=NINE).id
    live(Template(made), cases)
    now = at()
    for code in ("2010Q4", "2011Q2", "2012Q1", "2012-03"):
        span = periods.period(code, now, local(now).tzinfo)
        counts = counting.count(span)
        figures = {
            name: room.figure(counts, name)
            for name in ("received", "closed", "opening", "closing", "staff_solved", "attainment.result")
        }
        solved, met = figures["staff_solved"], figures["attainment.result"]
        found: dict[str, Any] = {name: figures[name].value for name in ("received", "closed", "opening", "closing")}
        found |= {"met": met.numerator, "due": met.denominator, "mean": solved.mean, "median": solved.value}
        assert found | {"p90": solved.p90} == reckoned(cases, span.start, span.end)
        assert room.balance(counts).difference == 0
    db.session.rollback()
