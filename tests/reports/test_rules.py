"""RE2, QA2: periods, shares, percentiles, and what is taken out of a typical case."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from portal.kernel.errors import Invalid
from portal.reports.anonymise import anonymise
from portal.reports.rules import Balance, percentile, previous, quarter_code, share, span_of

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)


def test_a_quarter_begins_and_ends_at_local_midnight():
    span = span_of("2026q3", NOW, ZONE)
    assert span.code == "2026Q3"
    assert datetime.fromtimestamp(span.start, UTC) == datetime(2026, 6, 30, 16, tzinfo=UTC)
    assert datetime.fromtimestamp(span.end, UTC) == datetime(2026, 9, 30, 16, tzinfo=UTC)
    assert datetime.fromtimestamp(span.before, UTC) == datetime(2026, 3, 31, 16, tzinfo=UTC)
    assert [m[0] for m in span.months] == ["2026-04", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09"]
    assert (span.until, span.running) == (span.end, False)


def test_a_running_quarter_counts_up_to_the_present_second():
    span = span_of("2026Q4", NOW, ZONE)
    assert (span.running, span.until) == (True, int(NOW.timestamp()) + 1)


def test_weeks_begin_on_mondays_inside_the_quarter():
    weeks = [label for label, _ in span_of("2026Q3", NOW, ZONE).weeks]
    assert (weeks[:3], weeks[-1], len(weeks)) == (["07-01", "07-06", "07-13"], "09-28", 14)


@pytest.mark.parametrize("code", ["2026", "2026Q0", "2026Q5", "26Q1", "2026Q3x", "", "2026-Q3", "1999Q1", "2027Q1"])
def test_what_is_no_quarter_or_lies_ahead_is_refused(code):
    with pytest.raises(Invalid):
        span_of(code, NOW, ZONE)


def test_quarters_are_stepped_over_the_year():
    assert [previous("2026Q2", n) for n in range(4)] == ["2026Q2", "2026Q1", "2025Q4", "2025Q3"]
    assert quarter_code(datetime(2026, 12, 31, tzinfo=ZONE)) == "2026Q4"


def test_shares_and_percentiles_of_nothing_are_nothing():
    assert (share(1, 3), share(0, 0)) == (33.3, None)
    assert (percentile([], 0.5), percentile([7], 0.9)) == (None, 7)
    assert (percentile(list(range(1, 11)), 0.5), percentile(list(range(1, 11)), 0.9)) == (5, 9)


def test_a_balance_shows_what_does_not_add_up():
    good = Balance(opening=3, received=5, reopened=1, closed=4, merged=1, void=1, closing=3)
    assert good.difference == 0
    assert Balance(3, 5, 1, 4, 1, 1, 5).difference == -2


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("客户王芳来电，电话 13800130013 不通", ["王芳", "13800130013"]),
        ("住朝阳区建国路88号3单元501室，宽带中断", ["建国路", "88", "501"]),
        ("订单 DD20260801123 未送达，专线 ZX2026-0091 中断", ["DD20260801123", "ZX2026-0091"]),
        ("李女士投诉张经理态度差", ["李女士", "张经理"]),
        ("请回信到 wang.fang@example.com 或 010-8888 6666", ["wang.fang", "8888", "6666"]),
        ("身份证 11010119900307123X 被登记错误", ["11010119900307123X"]),
        ("1391234567800M 号码错了，工号 8021", ["1391234567800", "8021"]),
        ("Mr Smith calls about CS2611-0473", ["Smith", "CS2611-0473"]),
    ],
)
def test_names_numbers_and_addresses_are_taken_out(text, gone):
    said = anonymise(text, ["王芳", None, ""])
    assert not [word for word in gone if word in said]
    assert "××" in said


def test_what_says_nothing_about_anybody_stays():
    for text in (
        "光猫 LOS 灯常亮红色，重启两次无效",
        "咨询 5G 套餐资费",
        "总部线路全部中断",
        "1000M 极速包只有一半",
        "多收 1200 元",
        "误扣1500000元",
    ):
        assert anonymise(text, ["王芳"]) == text
