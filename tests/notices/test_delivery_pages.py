"""The administrator's page of sending: robots, tests with their outcome, what was given up and sent again."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.jobs.deliver import deliver
from portal.journal.models import Body, Entry
from portal.kernel.db import db
from portal.notices.models import Notice, Robot
from tests.builders import NINE
from tests.notices.test_delivery import news, states

GOOD = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc"


@pytest.fixture
def admin(signed_in, staff):
    return signed_in(staff["admin"])


def test_a_robot_is_set_up_changed_and_removed(app, engine, at, staff, admin):
    form = {"unit": str(staff["handler"].unit_id), "kind": "wecom", "locale": "en", "address": GOOD}
    assert admin.post("/admin/delivery/robots", data=form).status_code == 303
    again = admin.post("/admin/delivery/robots", data=form)
    assert again.status_code == 422
    assert GOOD.encode() in again.data
    robot = db.session.scalars(select(Robot)).one()
    assert b"key=abc" not in admin.get(f"/admin/delivery/robots/{robot.id}").data
    admin.post(f"/admin/delivery/robots/{robot.id}", data=form | {"address": "", "locale": "zh_Hans_CN", "unit": ""})
    db.session.expire_all()
    assert (robot.address, robot.locale, robot.unit_id) == (GOOD, "zh_Hans_CN", None)
    admin.post(f"/admin/delivery/robots/{robot.id}/remove")
    assert db.session.scalars(select(Robot)).all() == []
    kinds = list(db.session.scalars(select(Entry.kind).where(Entry.stream == "config:delivery").order_by(Entry.n)))
    assert kinds == ["RobotSet", "RobotSet", "RobotRemoved"]


@pytest.mark.parametrize("address", ["", "https://10.0.0.8/hook", "http://qyapi.weixin.qq.com/x", "javascript:x"])
def test_a_bad_address_is_refused_at_its_field(app, at, admin, address):
    answer = admin.post(
        "/admin/delivery/robots", data={"unit": "", "kind": "wecom", "locale": "en", "address": address}
    )
    assert answer.status_code == 422
    assert b'id="address-error"' in answer.data
    assert db.session.scalars(select(Robot)).all() == []


@pytest.mark.parametrize(
    ("does", "word"),
    [("ok", "测试消息已由接收方接收"), ("refuse", "93000 invalid key"), ("hang", "接收方未在规定时间内应答")],
)
def test_a_test_shows_what_came_of_it(app, at, admin, chat, robot, does, word):
    robot_id, chat.does = robot(), does
    page = admin.post(f"/admin/delivery/robots/{robot_id}/test", follow_redirects=True)
    assert word in page.get_data(as_text=True)


def test_a_robot_that_is_not_allowed_any_more_says_why(app, at, staff, admin, chat, robot):
    robot_id = robot()
    news([staff["handler"]])
    app.config["PORTAL"] = replace(app.config["PORTAL"], robot_hosts=())
    deliver(NINE)
    page = admin.post(f"/admin/delivery/robots/{robot_id}/test", follow_redirects=True).get_data(as_text=True)
    assert "地址必须以 https:// 开头" in page
    assert "不是 https 地址" in page
    assert "robot_address" not in page


def test_a_mail_test_goes_to_ones_own_address(app, at, staff, admin, post, wants):
    assert admin.post("/admin/delivery/mail/test").status_code == 422
    wants(staff["admin"], mail="me@example.com")
    assert admin.post("/admin/delivery/mail/test").status_code == 303
    assert post.got[0]["To"] == "me@example.com"


def test_what_was_given_up_is_shown_with_its_reason_and_sent_again(app, engine, at, staff, admin, post, wants):
    wants(staff["handler"])
    news([staff["handler"]])
    post.does = "refuse"
    deliver(NINE)
    page = admin.get("/admin/delivery").get_data(as_text=True)
    assert "550 no such person" in page
    assert "王芳" not in page
    row = db.session.scalars(select(Notice.id).where(Notice.state == "parked")).one()
    admin.post("/admin/delivery/again", data={"row": str(row)})
    post.does = "ok"
    assert deliver(NINE) == 1
    assert states() == [("sent", 0)]


@pytest.mark.parametrize("who", ["agent", "supervisor", "security"])
def test_nobody_else_sees_it(app, at, staff, signed_in, who):
    browser = signed_in(staff[who])
    assert browser.get("/admin/delivery").status_code == 403
    assert browser.post("/admin/delivery/again").status_code == 403


def test_a_secret_is_kept_never_shown_and_forgotten_on_demand(app, engine, at, staff, admin, caplog):
    form = {"unit": "", "kind": "dingtalk", "locale": "en", "secret": "SECgeheim77",
            "address": "https://oapi.dingtalk.com/robot/send?access_token=x"}  # fmt: skip
    refused = admin.post("/admin/delivery/robots", data=form | {"address": "nowhere"})
    assert refused.status_code == 422
    assert b"SECgeheim77" not in refused.data
    assert admin.post("/admin/delivery/robots", data=form | {"kind": "wecom"}).status_code == 422
    assert admin.post("/admin/delivery/robots", data=form).status_code == 303
    robot = db.session.scalars(select(Robot)).one()
    address = f"/admin/delivery/robots/{robot.id}"
    for page in (address, "/admin/delivery"):
        assert b"SECgeheim77" not in admin.get(page).data
    admin.post(address, data=form | {"secret": "", "address": ""})
    db.session.expire_all()
    assert robot.secret == "SECgeheim77"
    admin.post(address, data=form | {"secret": "", "address": "", "unsigned": "y"})
    db.session.expire_all()
    assert robot.secret == ""
    facts = str(db.session.scalars(select(Body.facts)).all())
    assert "SECgeheim77" not in facts + caplog.text
