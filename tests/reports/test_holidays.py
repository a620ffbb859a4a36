"""SL3, RE2: a quarter whose deadlines were reckoned over a year not loaded says so beside its period."""

from datetime import timedelta

import pytest

from portal.clocks import calendar_actions
from portal.clocks.calendar_changes import Changes
from portal.kernel.db import transaction
from portal.kernel.i18n import speaking
from portal.reports import pdf, quarterly
from tests.builders import NINE, judged_case

NEW_YEARS_EVE = NINE + timedelta(days=37)  # Thursday 2026-12-31, 09:00
JANUARY = NINE + timedelta(days=50)


@pytest.fixture
def over_new_year(app, at, staff):
    """A case whose limits run into January."""
    with transaction():
        judged_case(staff["agent"], staff["supervisor"], level="P3", now=NEW_YEARS_EVE)


def test_the_pages_and_the_pdf_say_which_year_was_not_loaded(app, at, staff, signed_in, over_new_year):
    at(days=50)
    client = signed_in(staff["analyst"])
    for url in ("/reports?quarter=2027Q1", "/reports/quarterly/2027Q1"):
        page = client.get(url, headers={"Accept-Language": "en"}).get_data(as_text=True)
        assert 'id="provisional"' in page
        assert "without the holidays of 2027" in page
    with speaking("en"):
        document = quarterly.document("2027Q1", JANUARY)
        assert document.provisional.years == (2027,)
        assert f'late-text">{document.warning}' in pdf.quarterly_page("2027Q1", "en", JANUARY)


def test_a_quarter_whose_years_were_loaded_says_nothing(app, at, staff, signed_in):
    with transaction():
        calendar_actions.change(staff["admin"], NINE, "cn-business", Changes({}, {}, {2027: True}))
    with transaction():
        calendar_actions.put_in_force(staff["admin"], NINE, "cn-business", effective=NINE.date(), note="通知", seen=1)
    with transaction():
        judged_case(staff["agent"], staff["supervisor"], level="P3", now=NEW_YEARS_EVE)
    at(days=50)
    for url in ("/reports?quarter=2027Q1", "/reports/quarterly/2027Q1", "/reports?quarter=2026Q4"):
        assert 'id="provisional"' not in signed_in(staff["analyst"]).get(url).get_data(as_text=True)
    document = quarterly.document("2027Q1", JANUARY)
    assert document.warning == ""
    assert "in late-text" not in pdf.quarterly_page("2027Q1", "zh", JANUARY)
