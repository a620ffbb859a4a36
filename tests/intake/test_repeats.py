"""IN8, IN2, IN5, IN14: duplicates while typing, linked contacts, fields of a type, identity before disclosure."""

import io
import re
from datetime import datetime, timedelta
from time import perf_counter

import pytest

from portal.cases import actions as cases
from portal.cases import customer_actions
from portal.cases.models import Case
from portal.cases.rules import TYPES
from portal.clocks.kept import clocks_of
from portal.directory import lists, queries
from portal.directory.list_rules import BUILTIN
from portal.intake import extras, similar
from portal.intake.alike import Index, grams, likeness
from portal.jobs.selfcheck import check
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid, Refused
from tests.builders import NINE, judged_case, make_case
from tests.conftest import HTMX
from tests.intake.test_form import count, filled

SAME = "光猫 LOS 灯一直亮红灯，移机以后电脑手机都不能上网，重启无效"


def test_the_built_in_types_are_the_cases_types():
    assert tuple(BUILTIN["type"]) == TYPES


def test_likeness_sees_the_same_matter_in_other_words_and_not_another_matter():
    said = "移机后光猫 LOS 灯常亮红色，手机和电脑都不能上网，重启两次无效"
    assert likeness(grams(said), grams(SAME)) > 0.3
    assert likeness(grams(said), grams("上月账单多收了二十元套餐费，要求退还")) < 0.1
    assert likeness(grams("订单 778899 没收到"), grams("订单 112233 没收到")) == 1.0
    index = Index()
    for n in range(5000):
        index.add(n, grams(said))
    begun = perf_counter()
    assert len(index.nearest(grams(SAME), 0.3)) == 300
    assert perf_counter() - begun < 0.5


def test_a_customers_case_alike_is_shown_and_a_contact_linked_to_it(app, engine, at, staff, signed_in):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], now=NINE)
        make_case(staff["agent"], contact="13900000001", description=SAME)
    now = at(hours=3)
    agent = signed_in(staff["agent"])
    page = agent.post("/intake/similar", data=filled(description=SAME), headers=HTMX).text
    assert case.no in page
    assert f'formaction="/intake/link/{case.no}"' in page
    assert page.count("formaction") == 1  # another customer's case is shown, never linked
    data = filled(channel="email", description="再次来信催问：光猫红灯仍然亮着", received="2026-11-24 11:58")
    before = count()
    for _ in range(2):  # a double post
        done = agent.post(f"/intake/link/{case.no}", data=data, headers=HTMX)
        assert done.headers["HX-Redirect"].startswith(f"/cases/{case.no}")
    assert count() == before
    page = agent.get(f"/cases/{case.no}").text
    assert page.count("再次来信催问") == 1
    db.session.expire_all()
    assert db.session.get_one(Case, case.id).channel == "hotline"
    assert db.session.get_one(Case, case.id).inward_at == now


def test_a_written_contact_starts_the_next_reply_and_one_on_the_line_does_not(app, engine, at, staff):
    def replies(channel: str) -> list[datetime]:
        with transaction():
            case = judged_case(staff["agent"], staff["supervisor"])
            answered(staff, case)
            customer_actions.link_contact(
                staff["agent"], NINE + timedelta(hours=1), case, channel=channel, words="还是不行", contact="",
                received=NINE + timedelta(minutes=50),
            )  # fmt: skip
        return [c.started_at for c in clocks_of(case.id) if c.kind == "next_reply"]

    assert replies("email") == replies("voicemail") == [NINE + timedelta(minutes=50)]  # never from when it was linked
    assert replies("hotline") == []
    assert not check(NINE + timedelta(hours=2)).differences


def test_a_contact_from_before_the_request_is_refused_at_its_field(app, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"])
    with pytest.raises(Invalid) as refused, transaction():
        customer_actions.link_contact(
            staff["agent"], NINE, case, channel="email", words="还是不行", contact="",
            received=case.received_at - timedelta(seconds=1),
        )  # fmt: skip
    assert (refused.value.code, refused.value.facts["field"]) == ("contact_before_case", "received")


def answered(staff, case) -> None:
    """The first response is given, so that the next message of the customer waits for an answer."""
    cases.contact(
        staff["agent"], NINE + timedelta(minutes=9), case, direction="out", means="phone", reached=True, words="已联系"
    )


def test_many_alike_today_ask_for_an_incident(app, at, staff, signed_in):
    similar.forget()
    with transaction():
        for n in range(6):
            make_case(staff["agent"], contact=f"1390000010{n}", description=f"{SAME}，楼栋 {n}")
    agent = signed_in(staff["agent"])
    page = agent.post("/intake/similar", data=filled(contact="13700000000", description=SAME), headers=HTMX).text
    assert "/incidents/report" in page
    at(days=1)
    agent = signed_in(staff["agent"])
    page = agent.post("/intake/similar", data=filled(contact="13700000000", description=SAME), headers=HTMX).text
    assert "/incidents/report" not in page


def test_a_type_asks_for_its_fields_and_an_added_type_has_its_words(app, engine, at, staff, signed_in):
    admin, agent = signed_in(staff["admin"]), signed_in(staff["agent"])
    data = {"code": "campus", "zh": "校园业务", "en": "Campus", "active": "y", "least": "1", "verify": ["name"],
            "fields": "school = 学校 | School | required\nroom = 宿舍"}  # fmt: skip
    bad = admin.post("/admin/lists/type/entry", data=data | {"fields": "School: 学校"})
    assert bad.status_code == 422
    assert "School: 学校" in bad.text
    for extra in (extras.COMPLEX, *(one for fields in extras.CHANNEL.values() for one in fields)):
        taken = admin.post("/admin/lists/type/entry", data=data | {"fields": f"room = 宿舍\n{extra.code} = 其他"})
        assert taken.status_code == 422
        assert f"代码 {extra.code} 由受理表单自用" in taken.text
    assert admin.post("/admin/lists/type/entry", data=data).status_code == 303
    assert agent.get("/admin/lists").status_code == 403
    assert 'name="x-school"' in agent.post("/intake/extra", data={"request_type": "campus"}, headers=HTMX).text
    lacking = agent.post("/intake/new", data=filled(request_type="campus", **{"x-room": "3-502"}))
    assert lacking.status_code == 422
    assert "学校" in lacking.text
    assert 'value="3-502"' in lacking.text
    done = agent.post("/intake/new", data=filled(request_type="campus", **{"x-school": "一中", "x-room": "3-502"}))
    assert done.status_code == 303
    page = agent.get(done.headers["Location"]).text
    assert "校园业务" in page
    assert "一中" in page
    assert admin.post("/admin/lists/type/entry?code=campus", data=data | {"active": ""}).status_code == 303
    assert "campus" not in [code for code, _ in lists.choices("type")]


def test_who_acts_has_a_name_and_only_what_is_written_was_read_back(app, at, staff, signed_in):
    agent = signed_in(staff["agent"])
    for wrong in ({"acting": "other"}, {"read_back": "order_no"}):
        assert agent.post("/intake/new", data=filled(**wrong)).status_code == 422
    assert count() == 0
    good = filled(acting="other", caller="王强（丈夫）", read_back="phone")
    page = agent.get(agent.post("/intake/new", data=good).headers["Location"]).text
    assert "王强（丈夫）" in page


def test_data_is_disclosed_only_after_the_identity_check_of_the_type(app, engine, at, staff, signed_in):
    with transaction():
        case = make_case(staff["agent"], request_type="account")
        with pytest.raises(Refused, match="check_identity_first"):
            customer_actions.disclose(staff["agent"], NINE, case, what="账号下的全部号码", means="phone", to="王芳")
        customer_actions.check_identity(staff["agent"], NINE, case, right=("name", "phone_tail"))
        assert not case.checked
        customer_actions.check_identity(
            staff["agent"], NINE, case, right=("name", "phone_tail", "birthday"), wrong=("document_tail",)
        )
        assert not case.checked
        with pytest.raises(Invalid, match="tick_facts"):
            customer_actions.check_identity(staff["agent"], NINE, case, right=())
    agent, url = signed_in(staff["agent"]), f"/cases/{case.no}/do"
    refused = agent.post(
        f"{url}/disclose", data={"disclose-what": "账号资料", "disclose-to": "王芳", "disclose-means": "phone"}
    )
    assert refused.status_code == 409
    assert "账号资料" in refused.text
    assert agent.get(f"{url}/verify").text.count('name="verify-right"') == 4
    ticked = {"verify-right": ["name", "phone_tail", "document_tail"]}
    assert agent.post(f"{url}/verify", data=ticked).status_code == 303
    told = {"disclose-what": "账号资料", "disclose-to": "王芳", "disclose-means": "phone"}
    assert agent.post(f"{url}/disclose", data=told).status_code == 303
    with transaction():
        free = make_case(staff["agent"], request_type="consultation")
        customer_actions.disclose(staff["agent"], NINE, free, what="营业时间", means="phone", to="王芳")
    assert queries.find("13800130013")


def test_a_contact_whose_file_is_refused_is_not_linked_and_says_why(app, at, staff, signed_in):
    with transaction():
        case = make_case(staff["agent"])
    agent = signed_in(staff["agent"])
    page = agent.get("/intake/new").get_data(as_text=True)
    key = re.search(r'name="key"[^>]* value="([^"]+)"', page)[1]
    sent = {"key": key, "channel": "app", "contact": "13800130013", "description": "催问昨天报的断网"}
    bad = {"files": (io.BytesIO(b"MZ\x90\x00" * 20), "截图.exe")}
    answer = agent.post(f"/intake/link/{case.no}", data=sent | bad, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "未关联" in answer.get_data(as_text=True)
    assert agent.post(f"/intake/link/{case.no}", data=sent).status_code == 303
