"""SL3: the pages of calendars: nothing typed is lost, refusals stand at their field, warnings are loud."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.clocks import book, calendar_queries
from portal.clocks.calendar import Special
from portal.clocks.models import CalendarDraft
from portal.jobs import doctor
from portal.kernel.db import db
from portal.kernel.i18n import speaking
from tests.builders import NINE

URL = "/admin/calendars/cn-business"
EN = {"Accept-Language": "en"}
NEW = {
    "code": "night-desk", "name": "夜班热线", "zone": "Asia/Shanghai", "mon": "18:00-24:00", "tue": "18:00-24:00",
    "wed": "", "thu": "", "fri": "", "sat": "", "sun": "00:00-06:00", "effective": "2026-11-24", "note": "夜间值守",
}  # fmt: skip
LINES = "2027-01-01,holiday,,元旦\n2027-02-06,working,,春节\n"


@pytest.fixture
def admin(at, staff, signed_in):
    return signed_in(staff["admin"])


def words(answer):
    return answer.get_data(as_text=True)


def day(**facts):
    return {"day-date": "2026-12-01", "day-kind": "half", "day-hours": "09:00-12:00", "day-name": "庆典"} | {
        f"day-{name}": value for name, value in facts.items()
    }


def drafted(code="cn-business"):
    db.session.rollback()
    return calendar_queries.drafted(code)


def test_the_list_names_version_years_and_the_missing_year(admin):
    page = words(admin.get("/admin/calendars", headers=EN))
    assert "2025, 2026" in page
    assert "The holidays of 2027 are not loaded." in page
    assert "no public holidays" in page


def test_a_month_says_each_day_in_words(admin):
    page = words(admin.get(f"{URL}?month=2026-10", headers=EN))
    for name in ("Holiday", "Make-up working day", "Working day", "Day off", "国庆节"):
        assert name in page
    assert "month=2026-09" in page
    assert "month=2026-11" in page


def test_a_day_is_changed_in_the_draft_and_put_in_force(admin):
    answer = admin.post(f"{URL}/day", data=day())
    assert answer.location == f"{URL}?month=2026-12&day=2026-12-01#draft"
    assert drafted().days == {date(2026, 12, 1): Special("half", ((32400, 43200),), "庆典")}
    assert "庆典" in words(admin.get(f"{URL}?month=2026-12"))
    sent = {"force-effective": "2026-12-01", "force-note": "公司庆典", "force-seen": "1"}
    assert admin.post(f"{URL}/force", data=sent).status_code == 303
    page = words(admin.get(URL, headers=EN))
    assert "公司庆典" in page
    assert "冯涛" in page
    assert not drafted()


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"hours": "09:00-12:00, 11:00-13:00"}, "day-hours"),
        ({"hours": "12:00-09:00"}, "day-hours"),
        ({"hours": "早上"}, "day-hours"),
        ({"hours": ""}, "day-hours"),
        ({"date": "2026-02-30"}, "day-date"),
        ({"date": "0001-01-01"}, "day-date"),
        ({"kind": "feast"}, "day-kind"),
        ({"name": "长" * 61}, "day-name"),
    ],
)
def test_a_refused_day_keeps_what_was_typed(admin, change, place):
    typed = day(**change)
    answer = admin.post(f"{URL}/day", data=typed)
    page = words(answer)
    assert answer.status_code == 422
    assert f'id="{place}-error"' in page
    assert all(typed[f"day-{name}"] in page for name in ("date", "name"))
    assert "()" not in page
    assert not drafted()


def test_refused_weekly_hours_stand_at_their_day(admin):
    typed = {f"week-{name}": "09:00-12:00" for name in ("mon", "tue", "wed", "thu")} | {
        "week-fri": "09:00-12:00, 10:00-11:00"
    }
    answer = admin.post(f"{URL}/week", data=typed)
    assert answer.status_code == 422
    assert 'id="week-fri-error"' in words(answer)
    assert "09:00-12:00, 10:00-11:00" in words(answer)
    short = admin.post(f"{URL}/week", data={"week-mon": "09:00-09:30"}, headers=EN)
    assert short.status_code == 422
    assert "less than one working hour" in words(short)
    assert not drafted()


def test_an_effective_day_that_has_passed_is_refused_at_the_field(admin):
    admin.post(f"{URL}/day", data=day())
    sent = {"force-effective": "2026-11-23", "force-note": "理由在此", "force-seen": "1"}
    answer = admin.post(f"{URL}/force", data=sent)
    assert answer.status_code == 422
    assert 'id="force-effective-error"' in words(answer)
    assert "理由在此" in words(answer)
    assert "2026-11-23" in words(answer)
    assert book.in_force(NINE).calendars["cn-business"].version == 1


def test_a_draft_that_moved_meanwhile_is_shown_again_with_what_was_typed(admin):
    admin.post(f"{URL}/day", data=day())
    admin.post(f"{URL}/day", data=day(date="2026-12-02"))
    sent = {"force-effective": "2026-12-01", "force-note": "理由在此", "force-seen": "1"}
    answer = admin.post(f"{URL}/force", data=sent)
    assert answer.status_code == 409
    assert "理由在此" in words(answer)
    assert 'name="force-seen" value="2"' in words(answer)
    assert admin.post(f"{URL}/force", data=sent | {"force-seen": "2"}).status_code == 303
    again = admin.post(f"{URL}/force", data=sent | {"force-seen": "2"})
    assert again.status_code == 409
    assert "理由在此" in words(again)
    assert book.in_force(NINE + timedelta(days=8)).calendars["cn-business"].version == 2


def test_a_draft_is_thrown_away(admin):
    admin.post(f"{URL}/day", data=day())
    assert admin.post(f"{URL}/draft").status_code == 303
    assert db.session.get(CalendarDraft, "cn-business") is None


def test_the_empty_form_proposes_today_on_the_local_clock(at, staff, signed_in):
    at(datetime(2026, 11, 24, 22, 0, tzinfo=UTC))
    page = words(signed_in(staff["admin"]).get("/admin/calendars/new"))
    assert 'value="2026-11-25"' in page


def test_a_calendar_is_added(admin):
    answer = admin.post("/admin/calendars", data=NEW | {"observes": "y"})
    assert answer.location == "/admin/calendars/night-desk"
    assert "夜班热线" in words(admin.get("/admin/calendars"))
    assert book.in_force(NINE).calendars["night-desk"].week[0] == ((64800, 86400),)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"zone": "Asia/Atlantis"}, "zone"),
        ({"mon": "18:00-24:00, 20:00-22:00"}, "mon"),
        ({"mon": "", "tue": "", "sun": "00:00-00:30"}, "mon"),
        ({"code": "always"}, "code"),
        ({"code": "Night Desk"}, "code"),
        ({"code": "new"}, "code"),
        ({"effective": "2026-11-23"}, "effective"),
        ({"effective": "soon"}, "effective"),
        ({"note": ""}, "note"),
    ],
)
def test_a_refused_calendar_keeps_what_was_typed(admin, change, place):
    answer = admin.post("/admin/calendars", data=NEW | change)
    page = words(answer)
    assert answer.status_code == 422
    assert f'id="{place}-error"' in page
    assert "夜班热线" in page
    assert "night-desk" not in book.in_force(NINE).calendars


def upload(text, name="2027.csv", **more):
    body = text if isinstance(text, bytes) else text.encode()
    return {"year": "2027", "source": "file", "file": (io.BytesIO(body), name), "do": "try"} | more


def test_an_import_is_tried_first_and_then_taken_into_the_draft(admin):
    tried = admin.post(f"{URL}/import", data=upload(LINES, loaded="y"), headers=EN)
    assert tried.status_code == 200
    assert "What would change" in words(tried)
    assert "2027-02-06" in words(tried)
    assert not drafted()
    saved = {"year": "2027", "source": "file", "text": LINES, "loaded": "y", "do": "save"}
    assert admin.post(f"{URL}/import", data=saved).location == f"{URL}?month=2027-01#draft"
    assert drafted().years == {2027: True}
    assert [d.isoformat() for d in drafted().days] == ["2027-01-01", "2027-02-06"]


def test_a_bad_line_stops_the_whole_import_and_says_where_and_why(admin):
    bad = LINES + "2027-02-30,holiday,,x\n2027-01-01,holiday,,again\n"
    for do in ("try", "save"):
        answer = admin.post(f"{URL}/import", data=upload(bad, do=do, loaded="y"), headers=EN)
        page = words(answer)
        assert answer.status_code == 422
        assert "“2027-02-30” is not a day" in page
        assert "2027-01-01 stands already in line 1." in page
        assert "2027-02-06,working" in page
        assert "What would change" not in page
    assert not drafted()


def test_only_the_first_hundred_bad_lines_are_listed(admin):
    page = words(admin.post(f"{URL}/import", data=upload("x,holiday\n" * 130), headers=EN))
    assert page.count("is not a day") == 100
    assert "and 30 more" in page


def test_an_icalendar_file_is_read(admin):
    event = "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270206\r\nSUMMARY:春节 班\r\nEND:VEVENT\r\n"
    text = f"BEGIN:VCALENDAR\r\n{event}END:VCALENDAR"
    page = words(admin.post(f"{URL}/import", data=upload(text, "2027.ics"), headers=EN))
    assert "Make-up working day" in page
    assert "春节 班" in page


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"file": (io.BytesIO(b""), "")}, "file"),
        ({"file": (io.BytesIO(b"\xff\xfe\x00\x81\x20"), "x.csv")}, "file"),
        ({"year": "27"}, "year"),
        ({"source": "seeded"}, "year"),
        ({"source": "elsewhere"}, "source"),
    ],
)
def test_a_refused_import_stands_at_its_field(admin, change, place):
    answer = admin.post(f"{URL}/import", data=upload(LINES) | change)
    assert answer.status_code == 422
    assert f'id="{place}-error"' in words(answer)


def test_a_seeded_year_is_taken_over(admin):
    admin.post("/admin/calendars", data=NEW | {"observes": "y"})
    sent = {"year": "2026", "source": "seeded", "loaded": "y", "do": "save"}
    assert admin.post("/admin/calendars/night-desk/import", data=sent).status_code == 303
    found = drafted("night-desk")
    assert found.days[date(2026, 10, 1)] == Special("holiday", (), "国庆节")
    assert found.days[date(2026, 10, 10)].intervals == ((64800, 86400),)
    assert found.years == {2026: True}


def test_a_calendar_without_public_holidays_imports_nothing(admin):
    assert admin.get("/admin/calendars/always/import").status_code == 422
    assert admin.post("/admin/calendars/always/import", data=upload(LINES)).status_code == 422


def shanghai(text):
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(("now", "loud"), [("2026-09-30 23:59", False), ("2026-10-01 00:00", True)])
def test_the_missing_year_is_loud_from_the_first_of_october(at, staff, signed_in, now, loud):
    at(shanghai(now))
    client = signed_in(staff["admin"])
    for url in ("/desk", "/admin/calendars", URL):
        page = words(client.get(url, headers=EN))
        assert ('class="banner banner-late holiday-gap"' in page) is loud
        assert "2027" in page
    others = words(signed_in(staff["agent"]).get("/desk", headers=EN))
    assert "holiday-gap" not in others


def test_the_warning_ends_when_the_year_is_loaded(admin):
    admin.post(f"{URL}/years", data={"year-year": "2027", "year-loaded": "1"})
    assert "holiday-gap" in words(admin.get("/desk"))
    admin.post(f"{URL}/force", data={"force-effective": "2026-11-24", "force-note": "x", "force-seen": "1"})
    assert "holiday-gap" not in words(admin.get("/desk"))
    assert "holiday-gap" not in words(admin.get(URL))


def test_no_day_nor_month_in_the_address_breaks_the_page(admin):
    for query in ("day=0001-01-01", "day=9999-12-31", "day=x", "month=9999-12", "month=1970-01", "month=2198-12"):
        assert admin.get(f"{URL}?{query}").status_code == 200


def test_those_who_only_look_find_no_form(at, staff, signed_in):
    for role in ("supervisor", "quality", "auditor"):
        client = signed_in(staff[role])
        assert '<form class="stack"' not in words(client.get(f"{URL}?day=2026-12-01"))
        for path in ("/day", "/week", "/years", "/draft", "/force", "/import"):
            assert client.post(URL + path, data=day() | {"year-year": "2027"}).status_code == 403
        assert client.post("/admin/calendars", data=NEW).status_code == 403
    assert signed_in(staff["agent"]).get(URL).status_code == 403


def test_an_added_calendar_is_called_by_its_name_and_keeps_its_zone(admin, staff, at, signed_in):
    assert admin.post("/admin/calendars", data=NEW | {"observes": "y"}).status_code == 303
    page = words(admin.get("/admin/calendars/night-desk"))
    assert "日历的时区不能更改" in page
    for way in ("/admin/calendars", "/admin/calendars/night-desk"):
        assert "日历“夜班热线”" in words(admin.get(way)), way  # the holidays that are not loaded
    assert book.calendar_name("night-desk") == "夜班热线"
    assert book.calendar_name("cn-business") != "cn-business"
    assert book.calendar_name("gone") == "gone"
    trial = words(signed_in(staff["quality"]).get("/admin/policy/1/try"))
    assert (trial.count("夜班热线"), ">night-desk" in trial) == (1, False)


def test_the_doctor_asks_for_holidays_as_the_pages_do(app, at, staff):
    early, late = datetime(2026, 9, 30, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)
    found = {now: next(f for f in doctor.examine(now) if f.name == "holidays") for now in (early, late)}
    assert [calendar_queries.open_gaps(now)[0].loud for now in (early, late)] == [False, True]
    assert [found[now].state for now in (early, late)] == ["ok", "warn"]
    assert "2027" in found[early].words
    with speaking("zh_Hans_CN"):
        assert "cn-business" not in next(f for f in doctor.examine(late) if f.name == "holidays").words
