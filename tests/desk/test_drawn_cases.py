"""A drawn case page is kept by the application it was drawn in; what it held of another store is never shown."""

from datetime import timedelta

import pytest

from portal.cases import actions as cases
from portal.kernel.db import transaction
from tests.builders import NINE, judged_case, make_case


@pytest.mark.parametrize("words", ["光猫红灯一直闪，电脑不能上网", "账单金额与合同不一致，请核对"])
def test_the_first_case_of_each_store_shows_its_own_words(app, engine, at, staff, signed_in, words):
    with transaction():
        no = make_case(staff["agent"], description=words).no
    assert words in signed_in(staff["agent"]).get(f"/cases/{no}").text


def test_where_the_time_went_is_drawn_when_somebody_comes_to_it(app, engine, at, staff, signed_in):
    with transaction():
        no = make_case(staff["agent"]).no
    browser = signed_in(staff["agent"])
    page = browser.get(f"/cases/{no}").text
    assert f'hx-get="/cases/{no}/time"' in page
    assert "time-chart" not in page
    piece = browser.get(f"/cases/{no}/time", headers={"HX-Request": "true"}).text
    assert piece.lstrip().startswith('<section class="panel" id="case-time"')
    assert "time-chart" in piece
    whole = browser.get(f"/cases/{no}/time", follow_redirects=True).text
    assert "time-chart" in whole
    assert "<title>" in whole
    assert browser.get("/cases/CS0001-0001/time").status_code == 404


def test_a_case_with_a_promise_shows_both_at_once(app, engine, at, staff, signed_in):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P3", unit="tech")
        cases.contact(
            staff["handler"], NINE, case, direction="out", means="phone", reached=True, words="下午回复",
            promised=NINE + timedelta(hours=4),
        )  # fmt: skip
    page = signed_in(staff["handler"]).get(f"/cases/{case.no}").text
    assert 'id="promises"' in page
    assert "time-chart" in page
