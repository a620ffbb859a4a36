"""SL5: reach and urgency propose a level, harm raises it by one; the judgement form says so while it is filled in."""

import pytest

from portal.cases.grounds import TABLE, proposed
from portal.cases.rules import IMPACTS, LEVELS, URGENCIES
from portal.kernel.db import transaction
from tests.builders import make_case


def test_a_wider_reach_or_a_higher_urgency_never_lowers_the_proposal():
    ranks = [[LEVELS.index(TABLE[impact][n]) for n in range(len(URGENCIES))] for impact in IMPACTS]
    assert all(row == sorted(row) for row in ranks)
    assert all(list(column) == sorted(column) for column in zip(*ranks, strict=True))
    assert {level for row in TABLE.values() for level in row} == set(LEVELS)


@pytest.mark.parametrize(
    ("impact", "urgency", "harm", "level"),
    [("wide", "high", False, "P1"), ("single", "low", False, "P4"), ("single", "low", True, "P3"),
     ("part", "high", True, "P1"), ("wide", "high", True, "P1"), ("", "high", True, ""), ("single", "", False, "")],
)  # fmt: skip
def test_harm_raises_by_one_and_nothing_is_proposed_before_both_grounds_are_chosen(impact, urgency, harm, level):
    assert proposed(impact, urgency, harm) == level


def test_the_form_says_the_proposed_level_and_why_and_asks_who_departs_from_it(app, at, staff, signed_in):
    with transaction():
        case = make_case(staff["agent"], request_type="fault", description="机房停电，整栋楼的网络中断，请尽快恢复")
    client = signed_in(staff["supervisor"])
    url = f"/cases/{case.no}/do/judge"
    page = client.get(url).text
    assert 'id="judge-proposal"' in page
    said = client.post(f"{url}/proposal", data={"judge-impact": "part", "judge-urgency": "high", "judge-harm": "y",
                                                "judge-level": "P3"}).text  # fmt: skip
    assert "P1 紧急" in said
    assert "可能的危害使其提高一级" in said
    assert "您选择了 P3" in said
    assert 'data-take-judge-level="P1"' in said
    assert "您选择了" not in client.post(
        f"{url}/proposal", data={"judge-impact": "single", "judge-urgency": "high", "judge-level": "P3"}
    ).text  # fmt: skip
    assert signed_in(staff["handler"]).post(f"{url}/proposal").status_code == 404
