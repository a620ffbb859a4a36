"""Languages, dates and lengths as people read them."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import g

from portal.kernel import i18n
from portal.kernel.errors import Refused
from tests.builders import NINE

HEADERS = {
    "zh-CN,zh;q=0.9,en;q=0.8": "zh_Hans_CN", "zh": "zh_Hans_CN", "zh-TW": "zh_Hans_CN", "ZH-hans": "zh_Hans_CN",
    "zh-Hant-HK,en": "zh_Hans_CN", "en-GB": "en", "en": "en", "fr,en;q=0.5": "en", "fr;q=1, zh;q=0.2": "zh_Hans_CN",
    "": "zh_Hans_CN", "fr": "zh_Hans_CN", "*": "zh_Hans_CN",
}  # fmt: skip


@pytest.fixture(params=["en", "zh_Hans_CN"])
def language(app, request):
    with app.test_request_context("/"):
        g.locale = request.param
        yield request.param


@pytest.mark.parametrize("header", HEADERS)
def test_the_browsers_language_is_heard(header):
    assert i18n.from_browser(header) == HEADERS[header]


def test_the_person_comes_before_the_cookie_and_the_cookie_before_the_browser(app):
    asked = {"headers": {"Accept-Language": "zh", "Cookie": "locale=en"}}
    with app.test_request_context("/", **asked):
        assert i18n.choose() == "en"
        g.locale = "zh_Hans_CN"
        assert i18n.choose() == "zh_Hans_CN"
        g.pop("locale")
    with app.test_request_context("/", headers={"Cookie": "locale=../../etc", "Accept-Language": "en"}):
        assert i18n.choose() == "en"


LENGTHS = {
    0: ("0 s", "0 秒"), 59: ("59 s", "59 秒"), 60: ("1 min", "1 分"),
    3599: ("59 min", "59 分"), 3600: ("1 h", "1 小时"),
    7500: ("2 h 05 min", "2 小时 05 分"), 86400: ("1 d", "1 天"), 90000: ("1 d 1 h", "1 天 1 小时"),
    -7500: ("-2 h 05 min", "-2 小时 05 分"),
}  # fmt: skip


@pytest.mark.parametrize("seconds", LENGTHS)
def test_a_length_reads_to_the_minute(language, seconds):
    wanted = LENGTHS[seconds][language != "en"]
    assert i18n.span(seconds) == i18n.span(timedelta(seconds=seconds)) == wanted


def test_a_countdown_reads_to_the_second(language):
    day = "d" if language == "en" else "天"
    texts = [i18n.clockspan(n) for n in (0, 270, 86399, 86400, 90061, -270)]
    assert texts == ["00:00:00", "00:04:30", "23:59:59", f"1 {day} 00:00", f"1 {day} 01:01", "00:04:30"]
    assert i18n.clockspan(None) == i18n.span(None) == i18n.hm(None) == ""


def test_a_time_says_as_much_of_its_day_as_is_needed(language):
    now = int(NINE.timestamp())
    assert i18n.hm(NINE, now) == "09:00"
    assert i18n.hm(NINE - timedelta(hours=10), now) == "11-23 23:00"
    assert i18n.hm(datetime(2025, 12, 31, 15, 59, tzinfo=UTC), now) == "2025-12-31 23:59"
    assert i18n.hm(datetime(2025, 12, 31, 16, 0, tzinfo=UTC), now) == "01-01 00:00"
    assert i18n.instant(NINE) == "2026-11-24 09:00"


@pytest.mark.parametrize(
    "typed", ["2026-11-24 09:00", "2026-11-24T09:00", " 2026-11-24 09:00:00 ", "2026-11-24T01:00+00:00"]
)
def test_a_typed_time_is_local_unless_it_says_its_zone(typed):
    assert i18n.parse_local(typed) == NINE


@pytest.mark.parametrize("typed", ["", "gestern", "2026-13-01 09:00", "2026-11-24 25:00", "24.11.2026"])
def test_an_unreadable_time_is_said_to_be_one(typed):
    with pytest.raises(ValueError, match=r".*"):
        i18n.parse_local(typed)


def test_a_refusal_without_words_still_says_its_code(language):
    assert "no_such_code" in i18n.sentence(Refused("no_such_code"))
    assert "CS1" in i18n.sentence(Refused("no_such_case", no="CS1"))


def test_facts_that_are_codes_are_put_into_words(language):
    text = i18n.sentence(Refused("case_ended", no="CS1", state="term:state.closed"))
    assert i18n.term("state.closed") in text
    assert "term:" not in text


def test_the_comma_of_a_list_follows_the_reader_and_not_whoever_came_first(app):
    template = app.jinja_env.from_string("{{ ['', '']|listed }}")
    for name, comma in (("zh_Hans_CN", "、"), ("en", ", "), ("zh_Hans_CN", "、")):
        with app.test_request_context(), i18n.speaking(name):
            assert template.render() == comma
