"""IN6 at the judgement: the department that the text suggests is chosen with its words; the supervisor decides."""

from portal.cases.models import Case
from portal.identity.queries import unit_id
from portal.kernel.db import db, transaction
from tests.builders import make_case


def chosen(page: str) -> str:
    """The value of the department that is selected."""
    select = page.split('name="judge-unit"')[1].split("</select>")[0]
    return next(o for o in select.split("<option") if " selected" in o).split('value="')[1].split('"')[0]


def test_the_proposed_department_is_chosen_with_its_words_and_can_be_changed(app, at, staff, signed_in):
    client = signed_in(staff["supervisor"])
    with transaction():
        case = make_case(staff["agent"], description="宽带昨晚起频繁掉线，重启光猫无效，请派人上门", request_type="")
    page = client.get(f"/cases/{case.no}/do/judge").text
    assert chosen(page) == str(unit_id("tech"))
    assert "系统建议，依据：" in page
    assert "“掉线”" in page
    data = {"judge-seen": "1", "judge-impact": "single", "judge-urgency": "high", "judge-level": "P3",
            "judge-unit": str(unit_id("business")), "judge-reason": "客户要求退款，由业务处理组牵头"}  # fmt: skip
    refused = client.post(f"/cases/{case.no}/do/judge", data=data | {"judge-reason": ""})
    assert chosen(refused.text) == str(unit_id("business"))
    assert client.post(f"/cases/{case.no}/do/judge", data=data).status_code == 303
    db.session.rollback()
    assert db.session.get_one(Case, case.id, populate_existing=True).unit_id == unit_id("business")
    assert "系统建议，依据：" not in client.get(f"/cases/{case.no}/do/judge").text  # decided


def test_a_text_that_suggests_nothing_leaves_type_and_level_to_propose(app, at, staff, signed_in):
    with transaction():
        case = make_case(staff["agent"], description="阿尔法贝塔伽马德尔塔艾普西隆", request_type="complaint")
    page = signed_in(staff["supervisor"]).get(f"/cases/{case.no}/do/judge").text
    assert chosen(page)
    assert "系统建议" not in page
