"""The table of kinds, progress 进展: from receipt at P1, from each outward contact at P1 and P2."""

from datetime import datetime, timedelta

import pytest

from portal.cases import actions as cases
from portal.cases.events import Contacted
from portal.cases.models import Case
from portal.cases.record import record
from portal.clocks.kept import clocks_of
from portal.collaboration import actions as together
from portal.jobs.selfcheck import check
from portal.kernel.db import transaction
from tests.builders import NINE, judged_case

HOUR = timedelta(hours=1)
SAID = {"direction": "out", "means": "phone", "words": "已告知客户目前进展"}


def progress(case: Case) -> list[tuple[int, str, datetime, datetime]]:
    """Round, rule, start and due instant of each progress clock, and its outcome before them."""
    return [(c.outcome, c.round, c.rule, c.started_at, c.due_at) for c in clocks_of(case.id) if c.kind == "progress"]


def taken_down(staff, level: str) -> Case:
    return judged_case(staff["agent"], staff["supervisor"], level=level, unit="tech", channel="email")


def test_a_progress_report_meets_the_progress_of_a_p1_and_never_its_result(app, engine, at, staff):
    with transaction():
        case = taken_down(staff, "P1")
        cases.contact(staff["handler"], NINE + HOUR, case, reached=True, **SAID)
        assert progress(case) == [
            ("met", 1, "P1.progress", NINE, NINE + 2 * HOUR),
            ("running", 2, "P1.progress_next", NINE + HOUR, NINE + 3 * HOUR),
        ]
        (result,) = (c for c in clocks_of(case.id) if c.kind == "result")
        assert (result.outcome, result.due_at) == ("running", NINE + 2 * HOUR)


def test_at_p2_the_next_progress_counts_from_each_contact_that_reached_the_customer(app, engine, at, staff):
    by, later = staff["handler"], NINE + HOUR
    with transaction():
        case = taken_down(staff, "P2")
        cases.contact(by, NINE, case, reached=False, **SAID)
        cases.contact(by, NINE, case, reached=True, **SAID | {"direction": "in"})
        assert progress(case) == []  # it has none that counts from the receipt
        cases.contact(by, later, case, reached=True, **SAID)
        first = ("running", 2, "P2.progress_next", later, later + 24 * HOUR)
        assert progress(case) == [first]
        together.pause(by, later, case, reason="customer", words="等客户照片")
        together.resume(by, later + 3 * HOUR, case, why="客户已回复")
        assert progress(case) == [(*first[:4], later + 27 * HOUR)]
        cases.contact(by, later + 4 * HOUR, case, reached=True, **SAID)
        assert [row[:2] for row in progress(case)] == [("met", 2), ("running", 3)]
        cases.write_result(
            by, later + 5 * HOUR, case, text="更换光猫后测速正常", cause_category="equipment", cause="老化"
        )
        cases.tell(by, later + 5 * HOUR, case, means="phone", words="已告知处理结果")
        cases.contact(by, later + 5 * HOUR, case, reached=True, **SAID)
        assert [row[:2] for row in progress(case)] == [("met", 2), ("met", 3)]
        cases.confirm(by, later + 6 * HOUR, case, verdict="not_satisfied", means="phone", words="还是慢")
        assert progress(case)[2:] == [("running", 4, "P2.progress_next", later + 6 * HOUR, later + 30 * HOUR)]
    assert not check(later + 7 * HOUR).differences


@pytest.mark.parametrize(("level", "rule"), [("P1", "P1.progress_next"), ("P3", None)])
def test_another_level_has_its_own_time_for_the_next_progress_or_none(app, at, staff, level, rule):
    with transaction():
        case = taken_down(staff, "P2")
        cases.contact(staff["handler"], NINE, case, reached=True, **SAID)
        cases.judge(staff["supervisor"], NINE, case, level=level, impact="part", urgency="high", harm=False,
                    reason="重新判定影响范围")  # fmt: skip
        running = [row for row in progress(case) if row[0] == "running"]
        assert [row[2] for row in running] == ([rule] if rule else [])


def test_a_contact_of_before_renews_nothing_and_its_journal_gives_the_same_clocks(app, at, staff):
    with transaction():
        case = taken_down(staff, "P2")
        record(case, Contacted("out", "phone", True, "已告知"), by=staff["handler"], at=NINE)
        assert progress(case) == []
    assert not check(NINE + HOUR).differences
