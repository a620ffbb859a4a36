"""SL3: a year's holidays from CSV and iCalendar; every bad line is named, with its reason."""

from datetime import date

import pytest

from portal.clocks.calendar import Special
from portal.clocks.calendar_import import as_csv, changes_of, decoded, read
from portal.clocks.seed import seeded_calendars

BUSINESS = seeded_calendars()["cn-business"]
OFFICE = BUSINESS.week[0]
MORNING = ((9 * 3600, 12 * 3600),)


def faults(text: str, year: int = 2027) -> list[tuple[int, str]]:
    return [(fault.line, fault.code) for fault in read(text, year, BUSINESS).faults]


def test_csv_is_read_with_and_without_a_head():
    lines = (
        "2027-01-01,holiday,,元旦\n2027/2/6,补班,,春节\n"
        "2027-02-05,half,09:00-12:00,除夕前\n2027-02-07,working,09:00-12:00 13:00-15:00\n"
    )
    expected = {
        date(2027, 1, 1): Special("holiday", (), "元旦"),
        date(2027, 2, 6): Special("working", OFFICE, "春节"),
        date(2027, 2, 5): Special("half", MORNING, "除夕前"),
        date(2027, 2, 7): Special("working", (*MORNING, (13 * 3600, 15 * 3600)), ""),
    }
    assert read(lines, 2027, BUSINESS).days == expected
    assert read("日期,类型,时段,名称\r\n" + lines.replace("\n", "\r\n"), 2027, BUSINESS).days == expected


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("2027-02-30,holiday", "import_day_bad"),
        ("tomorrow,holiday", "import_day_bad"),
        ("2026-01-01,holiday", "import_other_year"),
        ("2027-01-01,feast", "import_kind_unknown"),
        ("2027-01-01", "import_kind_unknown"),
        ("2027-01-01,half", "calendar_exception_bad"),
        ("2027-01-01,holiday,09:00-12:00", "calendar_exception_bad"),
        ("2027-01-01,working,09:00-12:00 11:00-13:00", "calendar_interval_overlap"),
        ("2027-01-01,working,9 to 5", "calendar_interval_bad"),
        ("2027-01-01,holiday,," + "长" * 61, "import_name_long"),
        ("2027-01-01,holiday,,x,y", "import_too_many_columns"),
        ("2027-12-31,holiday,,again", "import_day_twice"),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_reason(line, why):
    assert faults(f"date,kind,hours,name\n2027-12-31,holiday\n\n{line}\n") == [(4, why)]


def test_all_bad_lines_are_named_at_once():
    assert faults("2027-01-01,x\n2027-01-02,holiday\n2027-01-02,holiday\n") == [
        (1, "import_kind_unknown"),
        (3, "import_day_twice"),
    ]


def test_nothing_to_read_is_said():
    assert faults("") == [(1, "import_empty")]
    assert faults("date,kind\n") == [(1, "import_empty")]


def calendar_file(*events: str) -> str:
    body = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{body}END:VCALENDAR\r\n"


def test_all_day_events_are_read_with_folded_lines_and_alarms():
    text = calendar_file(
        "UID:1\r\nDTSTART;VALUE=DATE:20270205\r\nDTEND;VALUE=DATE:20270208\r\nSUMMARY:春节\r\n 假期\\, 放假",
        "DTSTART;VALUE=DATE:20270220\r\nSUMMARY:春节（班）\r\nBEGIN:VALARM\r\nSUMMARY:x\r\nEND:VALARM",
        "DTSTART;VALUE=DATE:20261231\r\nDTEND;VALUE=DATE:20270102\r\nSUMMARY:New Year",
    )
    found = read(text, 2027, BUSINESS)
    assert found.faults == []
    assert found.elsewhere == 1
    assert {day.isoformat(): (s.kind, s.name) for day, s in found.days.items()} == {
        "2027-01-01": ("holiday", "New Year"),
        "2027-02-05": ("holiday", "春节假期, 放假"),
        "2027-02-06": ("holiday", "春节假期, 放假"),
        "2027-02-07": ("holiday", "春节假期, 放假"),
        "2027-02-20": ("working", "春节（班）"),
    }
    assert found.days[date(2027, 2, 20)].intervals == OFFICE


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("DTSTART:20270101T090000Z\r\nSUMMARY:x", "import_event_not_all_day"),
        ("SUMMARY:x", "import_event_not_all_day"),
        ("DTSTART;VALUE=DATE:20270231", "import_day_bad"),
        ("DTSTART;VALUE=DATE:20270105\r\nDTEND;VALUE=DATE:20270105", "import_event_length"),
        ("DTSTART;VALUE=DATE:20270105\r\nDTEND;VALUE=DATE:20270905", "import_event_length"),
        ("DTSTART;VALUE=DATE:20270105\r\nRRULE:FREQ=YEARLY", "import_event_repeats"),
        ("DTSTART;VALUE=DATE:20270101", "import_day_twice"),
    ],
)
def test_a_bad_event_is_named_by_its_first_line(event, why):
    assert faults(calendar_file("DTSTART;VALUE=DATE:20270101", event)) == [(6, why)]


def test_an_event_that_does_not_end_is_named():
    assert faults("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20270101\n") == [(2, "import_event_open")]


def test_days_the_file_does_not_name_stay_unless_told_otherwise():
    held = {d for d in BUSINESS.exceptions if d.year == 2026}
    found = read("2026-01-01,holiday,,元旦\n2026-12-25,half,09:00-12:00,x\n", 2026, BUSINESS)
    added = changes_of(found, BUSINESS, replace=False, loaded=True)
    assert list(added.days) == [date(2026, 12, 25)]
    assert added.years == {}
    only = changes_of(found, BUSINESS, replace=True, loaded=False)
    assert {d for d, s in only.days.items() if s is None} == held - {date(2026, 1, 1)}


def test_the_seeded_year_is_read_back_as_it_is():
    days = {d: s for d, s in BUSINESS.exceptions.items() if d.year == 2026}
    assert read(as_csv(days), 2026, BUSINESS).days == days


def test_files_of_chinese_spreadsheets_are_read():
    assert decoded("2027-01-01,休,,元旦".encode("gb18030")).endswith("元旦")
    assert decoded(b"\xef\xbb\xbfdate").startswith("date")
    with pytest.raises(ValueError, match="too large"):
        decoded(b"x" * 200_001)
