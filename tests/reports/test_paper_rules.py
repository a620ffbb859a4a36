"""RE1: periods of reports, when they are drafted, and what prose may not say."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from portal.kernel.errors import Invalid
from portal.reports import paper_rules
from portal.reports.anonymise import leaks
from portal.reports.paper_rules import KINDS

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("every", "period", "first", "after"),
    [
        ("day", "2026-02-28", date(2026, 2, 28), date(2026, 3, 1)),
        ("week", "2026W53", date(2026, 12, 28), date(2027, 1, 4)),
        ("month", "2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("quarter", "2026Q4", date(2026, 10, 1), date(2027, 1, 1)),
    ],
)
def test_a_period_has_its_days_and_each_of_them_lies_in_it(every, period, first, after):
    assert paper_rules.days_of(every, period) == (first, after)
    assert paper_rules.period_of(every, first) == period
    assert paper_rules.period_of(every, after) != period
    assert paper_rules.before(every, paper_rules.period_of(every, after)) == period


@pytest.mark.parametrize(
    ("every", "period"),
    [("day", "2026-02-30"), ("week", "2027W53"), ("month", "2026-13"), ("quarter", "2026Q0"), ("month", "../etc")],
)
def test_what_is_no_period_is_refused(every, period):
    with pytest.raises(Invalid):
        paper_rules.days_of(every, period)


def test_the_newest_report_due_is_that_of_the_last_period_whose_draft_has_come():
    kind = KINDS["p2_daily"]
    night = datetime(2026, 11, 25, 0, 30, tzinfo=SHANGHAI).timestamp()
    assert paper_rules.newest_due(kind, int(night), SHANGHAI) == "2026-11-23"
    assert paper_rules.newest_due(kind, int(night) + 1800, SHANGHAI) == "2026-11-24"


def test_masking_finds_people_and_leaves_days_and_counts():
    assert leaks("2026 年 11 月 24 日受理 12,345 件，达成率 98.5 %，P2 共 3 件") == []
    assert leaks("王经理来电 13912345678") == ["13912345678", "王经理"]
    assert leaks("发给 a.b@example.com") == ["a.b@example.com"]
    assert leaks("李雷反映", ["李雷"]) == ["李雷"]
