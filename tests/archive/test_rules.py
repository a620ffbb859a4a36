"""What is filed, how long it is kept, what an excerpt shows."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from portal.archive.rules import days_between, excerpt, mark, masked_text, quarter_of, retained_until


def test_a_record_is_kept_for_two_years_at_least():
    assert retained_until(datetime(2026, 11, 24, 1, tzinfo=UTC)) == datetime(2028, 11, 24, 1, tzinfo=UTC)
    assert retained_until(datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2030, 3, 1, tzinfo=UTC)


def test_the_quarter_is_that_of_the_local_calendar():
    assert quarter_of(datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC)) == "2026q3"
    assert quarter_of(datetime(2026, 9, 30, 16, tzinfo=UTC)) == "2026q4"


@given(st.dates(date(2024, 1, 1), date(2027, 12, 31)), st.dates(date(2024, 1, 1), date(2027, 12, 31)))
def test_days_between_covers_exactly_the_days(start, end):
    found = days_between(start, end)
    for day in (start, end, date(2025, 6, 15), date(2026, 2, 28)):
        covered = mark("m", f"{day:%Y%m}") in found or mark("y", f"{day:%Y%m%d}") in found
        assert covered == (start <= day <= end)


def test_numbers_in_free_text_are_masked_and_dates_are_not():
    text = "2026-11-24 来电13800130013，座机0571-88886600，邮箱wang.fang@example.com"
    assert masked_text(text) == "2026-11-24 来电138****0013，座机057****6600，邮箱w***@example.com"


def test_an_excerpt_shows_the_term_in_its_surroundings():
    pieces = excerpt(["前" * 100 + "退款" + "后" * 100], ("退款",))
    assert ("退款", True) in pieces
    assert len("".join(text for text, _ in pieces)) < 120
