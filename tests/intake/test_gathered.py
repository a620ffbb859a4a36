"""IN11: rows that are written a batch at a time are those that the same action makes one by one, on both engines."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.cases.models import Case, Counter, Submission
from portal.clocks.models import Clock, Segment
from portal.directory.models import Customer, CustomerContact
from portal.identity import queries as people
from portal.identity.actor import SYSTEM
from portal.intake import dispatch_actions as rules
from portal.intake import importer
from portal.intake.import_rules import Options
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.feed import Change
from portal.notices.models import Notice
from tests.bench.loader import plain, rows_of
from tests.builders import NINE

COLUMNS = {"内容": "description", "电话": "contact", "姓名": "customer_name", "时间": "received_at"}
HOW = Options(columns=COLUMNS, channel="app", defaults={"happened": "见内容", "demand": "尽快处理"})
OWN = {"id", "no", "case_id", "customer_id", "source", "key"}
LINES = (
    "宽带昨晚起频繁掉线，重启光猫无效,{p}0001,张三,2026-11-20 09:00",
    "宽带修好后今天又掉线了一整天,{p}0001,张三,2026-11-20 10:00",
    "话费多扣了一百元，要求退还,{p}0002,,2026-11-20 11:00",
    "话费仍未退还，第二次反映,{p}0002,李四,2026-11-21 11:00",
    "机房起火冒烟，有人受伤，请马上派人,{p}0003,王五,2026-11-21 12:00",
    "建议在手机上增加电子发票功能,{p}0004,赵六,2026-11-21 13:00",
    "慢,{p}0005,钱七,2026-11-21 14:00",
)


def run_of(folder: Path, prefix: str) -> importer.Report:
    """Brings the lines in as customers of their own."""
    file = folder / f"{prefix}.csv"
    file.write_text("\n".join((",".join(COLUMNS), *(line.format(p=prefix) for line in LINES))), encoding="utf-8")
    return importer.run(file, HOW, SYSTEM, NINE, dry_run=False)


def brought_in(folder: Path, prefix: str) -> tuple[dict[str, list[str]], dict[str, int]]:
    """What the lines made: rows and entries without their numbers, and how many of what has none of its own."""
    after = {kind: db.session.scalar(select(func.max(kind.id))) or 0 for kind in (Case, Customer)}
    before = counts()
    done = run_of(folder, prefix)
    assert (done.added, done.refused) == (len(LINES), [])
    cases = list(db.session.scalars(select(Case).where(Case.id > after[Case]).order_by(Case.id)))
    files = list(db.session.scalars(select(Customer).where(Customer.id > after[Customer]).order_by(Customer.id)))
    streams = [one.stream for one in (*cases, *files)]
    assert stream.faults(streams) == []
    tables: dict[str, tuple[Any, Any]] = {
        "cases": (Case.__table__, Case.id > after[Case]),
        "clock": (Clock.__table__, Clock.case_id > after[Case]),
        "segment": (Segment.__table__, Segment.case_id > after[Case]),
        "customer": (Customer.__table__, Customer.id > after[Customer]),
        "contact": (CustomerContact.__table__, CustomerContact.customer_id > after[Customer]),
    }
    found = {name: sorted(spelled(row, prefix) for row in rows_of(*which)) for name, which in tables.items()}
    found["entries"] = [
        spelled({"n": line.n, "kind": line.kind, "at": line.at, "by": line.by_id} | line.facts, prefix)
        for name in streams for line in stream.read(name)
    ]  # fmt: skip
    return found, {name: many - before[name] for name, many in counts().items()}


def spelled(row: dict[str, Any], prefix: str) -> str:
    kept = plain({name: value for name, value in row.items() if name not in OWN})
    return json.dumps(kept, ensure_ascii=False, default=str, sort_keys=True).replace(prefix, "")


def counts() -> dict[str, int]:
    found = {kind.__name__: db.session.scalar(select(func.count()).select_from(kind)) or 0
             for kind in (Submission, Change, Notice)}  # fmt: skip
    return found | {"numbers": db.session.scalar(select(func.max(Counter.last))) or 0}


@pytest.mark.parametrize("dispatched", [False, True])
def test_a_batch_written_together_is_what_its_rows_make_one_by_one(
    app, engine, at, staff, tmp_path, monkeypatch, dispatched
):  # fmt: skip
    if dispatched:  # a second entry of each case, in the same batch
        with transaction():
            unit = people.unit_by_code("tech").id
            rules.add(staff["supervisor"], NINE, name="宽带", conditions={"words": ["宽带"]}, unit_id=unit, to="queue")
    together = brought_in(tmp_path, "1380000")
    monkeypatch.setattr(importer, "gathered", nullcontext)
    one_by_one = brought_in(tmp_path, "1390000")
    assert together == one_by_one
    assert together[1]["numbers"] == len(LINES)


def test_a_row_that_only_the_store_refuses_stays_out_alone(app, engine, at, staff, tmp_path, caplog, monkeypatch):
    real = importer.take

    def with_a_number_of_another(actor: Any, now: Any, request: Any, *, key: str) -> Case:
        wrong = "话费多扣" in request.description
        return real(actor, now, request, key="key-of-another" if wrong else key)

    monkeypatch.setattr(importer, "take", with_a_number_of_another)
    first = run_of(tmp_path, "1380000")
    assert (first.added, first.refused) == (len(LINES), [])
    again = run_of(tmp_path, "1390000")
    assert (again.added, [one.line for one in again.refused]) == (len(LINES) - 1, [4])
    assert "pipeline" not in caplog.text
    assert db.session.scalar(select(func.count()).select_from(Case)) == 2 * len(LINES) - 1
