"""EM11: an open complaint that shows a sign of a major one says so and leads to its report; the signs are data."""

import pytest

from portal.incidents import plans, queries
from portal.incidents.major_rules import Complaint, amount_of, signs
from portal.incidents.plan_data import plan as read_plan
from portal.intake import similar
from portal.kernel.db import transaction
from tests.builders import make_case


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        ({"text": "套餐资费看不懂，请解释"}, []),
        ({"text": "维修时线缆漏电，孩子触电受伤"}, ["harm"]),
        ({"text": "一般投诉", "harm": True}, ["harm"]),
        ({"text": "再不处理就找记者曝光，并向工信部申诉"}, ["public"]),
        ({"text": "I will go to court"}, ["public"]),
        ({"text": "courtesy is missing"}, []),
        ({"text": "同样问题", "alike": 4}, []),
        ({"text": "同样问题", "alike": 5}, ["alike"]),
        ({"text": "多扣费", "amount": 9_999.99}, []),
        ({"text": "多扣费", "amount": 10_000}, ["amount"]),
        ({"text": "反复", "reopened": 3}, ["reopened"]),
    ],
)
def test_any_one_sign_of_the_plan_is_enough(facts, codes):
    given = read_plan(plans.document(2))
    assert [sign.code for sign in signs(Complaint(**facts), given.classes["complaint"].facts)] == codes
    assert signs(Complaint(**facts), given.classes["system"].facts) == []


@pytest.mark.parametrize(("typed", "number"), [("12,000 元", 12_000), ("", 0), ("不详", 0), ("1.2.3", 0)])
def test_an_amount_is_read_as_it_was_typed(typed, number):
    assert amount_of(typed) == number


def test_a_complaint_says_its_signs_and_its_report_links_it(app, at, staff, signed_in):
    similar.forget()
    with transaction():
        plain = make_case(staff["agent"], request_type="complaint", description="对上次回访的解释不满意，请重新说明")
        fault = make_case(staff["agent"], contact="13900000002", request_type="fault", description="路由器起火，请派人")
        grave = make_case(
            staff["agent"], contact="13900000003", request_type="complaint",
            description="装机时电源起火，家人受伤住院，已联系记者",
        )  # fmt: skip
    browser = signed_in(staff["agent"])
    assert 'id="major"' not in browser.get(f"/cases/{plain.no}").text
    assert 'id="major"' not in browser.get(f"/cases/{fault.no}").text  # no complaint: a fault goes its own way
    page = browser.get(f"/cases/{grave.no}").text
    for said in ("是否为重大客户投诉", "受伤、起火、住院", "记者", f"kind=complaint&amp;cases={grave.no}"):
        assert said in page, said
    form = browser.get(f"/incidents/report?kind=complaint&cases={grave.no}").text
    assert ('value="complaint" selected' in form or 'selected value="complaint"' in form, grave.no in form) == (
        True, True,
    )  # fmt: skip
    sent = {
        "title": "装机起火致伤", "kind": "complaint", "extent": "part", "place": "客户家", "scope": "一户",
        "cases": [grave.no], "key": "k", "occurred": "2026-11-24T08:00",
    }  # fmt: skip
    answer = browser.post("/incidents/report", data=sent)
    assert answer.status_code == 303
    incident = queries.incident_by_no(staff["watch"], answer.location.rsplit("/", 1)[1])
    assert [case.no for case in queries.linked(incident.id)] == [grave.no]
    assert 'id="major"' not in browser.get(f"/cases/{grave.no}").text
