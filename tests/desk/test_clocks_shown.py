"""The strip of clocks: what runs and what was missed is seen, what was met stands behind its number."""

import re
from datetime import timedelta

import pytest

from portal.cases import actions as cases
from portal.kernel.db import transaction
from tests.builders import NINE, closed_case, judged_case

SAID = {
    "zh": ("已达成", "到我方人员就此请求首次联系上客户为止。", "首次响应应在", "第 1 次受理", "超时"),
    "en": ("limits met", "Until a person of ours first reaches the customer about this request.",
           "First response was due by", "Cycle 1", "late"),
}  # fmt: skip


@pytest.fixture
def missed_once(app, at, staff):
    """An e-mail answered a day late in its first cycle, then closed, reopened and answered well."""
    with transaction():
        case = closed_case(
            staff["agent"], staff["supervisor"], staff["handler"], level="P2", channel="email",
            received=NINE - timedelta(days=1),
        )  # fmt: skip
        cases.reopen(staff["agent"], NINE + timedelta(hours=2), case, reason="又断了")
    at(days=1)
    return case


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_missed_response_of_an_earlier_cycle_is_opened_from_the_report_and_seen(
    missed_once, staff, signed_in, language
):
    browser = signed_in(staff["supervisor"])
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    listed = browser.get("/reports/cases?figure=attainment&quarter=2026Q4&code=first_response&part=miss").text
    url = re.search(rf'href="(/cases/{missed_once.no}\?clock=\d+)#why-panel"', listed)[1]
    page = browser.get(url).text
    _met, helped, due, cycle, late = SAID[language]
    panel = page[page.index('id="why-panel"') :]
    assert due in panel.split("</h2>")[0]
    assert cycle in panel.split("</h2>")[0]
    assert helped in panel
    strip = page[page.index('class="clocks"') : page.index('class="next"')]
    assert re.search(rf'kind="first_response" state="missed".*?text="[^"]*{late}', strip, re.S)
    assert cycle in strip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_met_clocks_stand_behind_their_number_each_with_its_line_of_help(app, at, staff, signed_in, language):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2")
    browser = signed_in(staff["supervisor"])
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    page = browser.get(f"/cases/{case.no}").text
    met, helped, *_ = SAID[language]
    strip, folded = page[page.index('class="clocks"') :].split('<details class="clocks-met"')
    folded = folded.split("</details>")[0]
    assert met in folded.split("</summary>")[0]
    assert helped in folded
    assert 'kind="result"' in strip
    assert 'kind="first_response"' not in strip


def test_an_unknown_clock_is_not_shown(app, at, staff, signed_in):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2")
    assert signed_in(staff["supervisor"]).get(f"/cases/{case.no}?clock=999999").status_code == 404
    assert signed_in(staff["supervisor"]).get(f"/cases/{case.no}?clock=x").status_code == 200
