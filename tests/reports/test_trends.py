"""RE3: forecasts that are checked against the past, marks of what is unusual, weak spots by enough cases."""

import csv
import html
from collections import Counter
from datetime import date, datetime, timedelta
from random import Random

import pytest

from portal.cases.models import Case
from portal.clocks import book
from portal.kernel.db import db, transaction
from portal.reports import forecast, trend_pages, trends
from tests.builders import NINE, judged_case
from tests.conftest import REAL_DATA

WEEK = [f"d{n}" for n in range(7)]


def test_a_week_of_holidays_weighs_less():
    days = [WEEK] * 20 + [["holiday"] * 5 + WEEK[5:]]
    counts = [[10, 10, 10, 10, 10, 2, 2]] * 20 + [[2] * 7]
    known = forecast.weights(days, counts)
    usual, short = forecast.exposure([WEEK, ["holiday"] * 5 + WEEK[5:]], known)
    assert 0.95 < usual < 1.1
    assert short < 0.5 * usual


def test_a_forecast_knows_the_short_week_ahead_and_says_how_wrong_it_was():
    chance = Random(7)
    weight = [0.4 if n % 13 == 5 else 1.0 for n in range(117)]
    values = [float(round(100 * part + chance.gauss(0, 5))) for part in weight]
    made = forecast.forecast(values[:104], weight[:104], weight[104:])
    assert made is not None
    for expected, came, low, high in zip(made.values, values[104:], made.low, made.high, strict=True):
        assert abs(expected - came) < 25
        assert low <= expected <= high
    inside = sum(low <= came <= high for came, low, high in zip(values[104:], made.low, made.high, strict=True))
    assert inside >= 9
    for error in made.errors:
        assert error.own < error.naive
    assert forecast.forecast(values[:11], weight[:11], weight[11:24]) is None
    assert forecast.forecast([0.0] * 30, [1.0] * 30, [1.0] * 13) is None


def test_months_are_told_apart_after_two_years():
    month = [n % 52 // 4.34 + 1 for n in range(156)]
    values = [150.0 if int(one) == 7 else 100.0 for one in month]
    assert forecast.months(values[:100], [1.0] * 100, [int(m) for m in month[:100]]) == {}
    known = forecast.months(values, [1.0] * 156, [int(m) for m in month])
    assert known[7] > 1.2
    assert 0.9 < known[2] < 1.1


def test_three_times_the_usual_is_marked_and_chance_is_not():
    usual = [4, 5, 4, 6, 5, 4, 5, 5, 4, 6, 5, 4, 5, 5]
    assert forecast.marks("complaint/delivery", [*usual, 6, 7], [1.0] * 16) == []
    (mark,) = forecast.marks("complaint/delivery", [*usual, 5, 15], [1.0] * 16)
    assert (mark.came, mark.usual, mark.times) == (15, 5, 3)
    assert forecast.marks("rare", [0] * 15 + [3], [1.0] * 16) == []


def test_a_weak_spot_has_enough_cases_to_matter():
    cells = {("delivery", 3): (40, 20), ("delivery", 4): (200, 190), ("product", 3): (4, 0), ("product", 4): (100, 93)}
    (spot,) = forecast.weak(cells, "attainment")
    assert (spot.category, spot.unit, spot.n) == ("delivery", 3, 40)
    assert 14 < spot.lost < 18
    assert forecast.weak({}, "attainment") == []
    reopened = {("delivery", 3): (60, 20), ("product", 4): (300, 10)}
    assert [one.unit for one in forecast.weak(reopened, "reopen", good=False)] == [3]


def test_the_trend_counts_the_weeks_that_are_over(app, engine, at, staff):
    with transaction():
        for weeks in range(14):
            for _n in range(2):
                judged_case(
                    staff["agent"], staff["supervisor"], level="P2", channel="email", now=NINE - timedelta(weeks=weeks)
                )  # fmt: skip
    found = trends.trends(NINE + timedelta(days=7))
    assert found.volume.values == [2.0] * 14
    assert found.volume.mondays[-1] == date(2026, 11, 23)
    assert found.volume.forecast is not None
    assert [round(one) for one in found.volume.forecast.values[:4]] == [2, 2, 2, 2]
    assert found.season.days["d1"] > 3
    assert found.attainment.values == [0.0] * 14  # nobody told a result: missed when it fell due
    assert found.attainment.of == [2] * 14
    with transaction():
        db.session.query(Case).filter(Case.received_at >= NINE).update({"exercise": True})
    assert trends.trends(NINE + timedelta(days=7)).volume.values[-1] == 0.0


def test_the_page_shows_weeks_and_says_when_there_are_too_few(app, at, staff, signed_in):
    assert signed_in(staff["handler"]).get("/reports/trends").status_code == 403
    page = signed_in(staff["analyst"]).get("/reports/trends")
    assert page.status_code == 200
    assert "预测至少需要十二周的数据" in page.text


def test_what_a_trend_shows_leads_to_its_cases(app, at, staff, signed_in):
    at(days=7)
    with transaction():
        judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email", now=NINE)
    browser = signed_in(staff["analyst"])
    trend_pages._kept.clear()
    link = html.unescape(browser.get("/reports/trends").text.split('href="/reports/cases?')[1].split('"')[0])
    assert link == "figure=received&period=2026W48"
    assert "1" in browser.get(f"/reports/cases?{link}").text
    weeks = "/reports/cases?figure=attainment&code=result&period=2026W36&until=2026W48&category=delivery"
    page = browser.get(weeks)
    assert page.status_code == 200
    assert "2026-08-31" in page.text
    assert browser.get(weeks.replace("W36", "W49")).status_code in (400, 404, 422)
    assert browser.get(weeks.replace("until=2026W48", "until=2026-11")).status_code in (400, 404, 422)


@pytest.mark.skipif(not (REAL_DATA / "helpdesk_events.csv").exists(), reason="the real data are not on this machine")
def test_on_real_cases_the_forecast_is_less_wrong_than_saying_as_last_week(app):
    first: dict[str, str] = {}
    with (REAL_DATA / "helpdesk_events.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            first[row["CaseID"]] = min(first.get(row["CaseID"], "9"), row["CompleteTimestamp"])
    days = Counter(datetime.fromisoformat(at).date() for at in first.values())
    begin = min(days) - timedelta(days=min(days).weekday())
    counts = [[days[begin + timedelta(days=7 * n + d)] for d in range(7)] for n in range(135)]
    classes = [trends._classes(book.in_force(NINE).calendars["always"], begin + timedelta(weeks=n)) for n in range(135)]
    weight = forecast.exposure(classes, forecast.weights(classes, counts))
    made = forecast.forecast([float(sum(week)) for week in counts], weight, [1.0] * 13)
    assert made is not None
    for error in made.errors:
        assert error.own < error.naive
