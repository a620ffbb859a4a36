"""IN9: what is offered at a step carries the case's own values and the policy's own instant, and is counted."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases import actions as cases
from portal.cases import queries
from portal.collaboration import actions as together
from portal.desk import said
from portal.kernel.db import db, transaction
from portal.kernel.i18n import instant
from portal.knowledge.models import KnowledgeUse
from tests.builders import NINE, judged_case
from tests.conftest import HTMX


def said_at(actor, now, case, deed: str) -> dict[str, str]:
    return {o.ref.split(":")[0]: o.text for o in said.offered(actor, now, case, deed)[0]}


def test_a_promise_is_the_policys_instant_and_is_not_offered_once_it_has_passed(app, engine, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")
    due = queries.limit_of(case, "result")
    texts = said_at(staff["agent"], NINE, case, "contact")
    assert instant(due) in texts["promise"]
    assert case.no in texts["acknowledgement"]
    assert "技术支持组" in texts["acknowledgement"]
    assert "王芳" in texts["acknowledgement-time"]
    assert "delay-late" not in texts
    late = said_at(staff["agent"], due + timedelta(minutes=5), case, "contact")
    assert "promise" not in late
    assert "5 分" in late["delay-late"]


def test_no_time_is_promised_while_it_moves(app, at, staff):
    handler = staff["handler"]
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")
        together.claim(handler, NINE, case)
        cases.contact(handler, NINE, case, direction="out", means="phone", reached=True, words="请补充订单号")
        due = queries.limit_of(case, "result")
        together.extend(handler, NINE, case, due=due + timedelta(hours=4), reason="备件未到", told="已向客户说明并致歉")
    assert instant(due) in said_at(handler, NINE, case, "contact")["promise"]
    assert all(instant(due) not in text for text in said_at(handler, NINE, case, "extend").values())
    with transaction():
        together.pause(handler, NINE, case, reason="customer", words="等客户补充资料")
    assert "promise" not in said_at(handler, NINE, case, "contact")


def test_the_form_offers_it_by_key_and_the_use_is_counted_once(app, at, staff, signed_in):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")
    client = signed_in(staff["agent"])
    page = client.get(f"/cases/{case.no}/do/contact", headers=HTMX).get_data(as_text=True)
    refs = re.findall(r'data-key="alt (\d)" data-wording="([^"]+)"', page)
    assert [key for key, _ in refs] == [str(n) for n in range(1, len(refs) + 1)]
    data = {"contact-direction": "out", "contact-means": "phone", "contact-reached": "yes", "contact-words": "",
            "contact-seen": str(case.version), "wording": [refs[0][1], refs[0][1], "promise:99", "x"]}  # fmt: skip
    answer = client.post(f"/cases/{case.no}/do/contact", data=data, headers=HTMX)
    assert answer.status_code == 422
    assert f'name="wording" value="{refs[0][1]}"' in answer.get_data(as_text=True)
    assert client.post(f"/cases/{case.no}/do/contact", data=data | {"contact-words": "您好"}).status_code == 303
    uses = list(db.session.scalars(select(KnowledgeUse)))
    assert [(f"{u.code}:{u.version}", u.case_id, u.entry, u.deed) for u in uses] == [
        (refs[0][1], case.id, 3, "contact")
    ]
    assert "1" in client.get("/knowledge/wording").get_data(as_text=True)


def test_at_intake_no_text_speaks_of_a_number_that_is_not_there_yet(app, at, staff, signed_in):
    client = signed_in(staff["agent"])
    page = client.get("/intake/new").get_data(as_text=True)
    assert 'data-wording="greeting-hotline:1"' in page
    assert "李敏为您服务" in page
    assert "acknowledgement:1" not in page
    typed = {"channel": "chat", "customer_name": "王芳", "description": "不好用"}
    assert 'data-wording="greeting-chat:1"' in client.post("/intake/check", data=typed).get_data(as_text=True)


@pytest.mark.parametrize(
    ("language", "lead", "refused"),
    [("zh", "结果向您说明如下：", "以冒号结尾"), ("en", "This is the result: ", "ends with a colon")],
)
def test_the_result_is_told_in_full_and_a_text_that_leads_nowhere_is_refused(
    app, at, staff, signed_in, language, lead, refused
):
    handler = staff["handler"]
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")
        together.claim(handler, NINE, case)
        cases.contact(handler, NINE, case, direction="out", means="phone", reached=True, words="已核实现象")
        cases.write_result(
            handler, NINE, case, text="更换光猫，测速正常", cause_category="equipment", cause="光猫老化"
        )  # fmt: skip
    browser = signed_in(handler)
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    path = f"/cases/{case.no}/do/tell"
    form = browser.get(path).text
    assert lead + "更换光猫，测速正常" in form
    seen = re.search(r'name="tell-seen"[^>]*value="(\d+)"|value="(\d+)"[^>]*name="tell-seen"', form)
    data = {"tell-seen": seen[1] or seen[2], "tell-means": "phone", "tell-words": f"您好，{lead}"}
    answer = browser.post(path, data=data)
    assert answer.status_code == 422
    assert refused in answer.text
    assert browser.post(path, data=data | {"tell-words": f"您好，{lead}已换光猫"}).status_code == 303
