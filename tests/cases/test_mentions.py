"""DK5: @name in a note tells that person, once, and only somebody who may see the case."""

import pytest

from portal.cases import actions as cases
from portal.cases.mentions import after_at, meant
from portal.identity import actions as people_actions
from portal.identity import queries as people
from portal.kernel.db import db, transaction
from portal.notices.models import Notice
from tests.builders import NINE, judged_case, make_person

KNOWN = ("陈浩", "王丽", "王丽娜", "limin", "li", "Li Min")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@陈浩请看一下", ["陈浩"]), ("请＠王丽娜 核对，@王丽也看", ["王丽娜", "王丽"]),
        ("@limin, @LIMIN", ["limin", "limin"]),
        ("@limin2 和 @li.min", ["", ""]), ("写给 a@limin.example", []), ("@Li Min 今天回电", ["Li Min"]), ("@", []),
        ("@ 陈浩", []), ("@li. 完", ["li"]), ("@@陈浩", ["陈浩"]), ("@不认识的人", [""]),
    ],
)  # fmt: skip
def test_a_name_is_found_behind_its_sign(text, names):
    assert [meant(piece, KNOWN) for piece in after_at(text)] == names


def told(kind="mentioned"):
    return sorted(row.person_id for row in db.session.query(Notice).filter_by(kind=kind, channel="app"))


def test_who_is_named_and_may_see_the_case_is_told_once(app, engine, at, staff):
    with transaction():
        twin = make_person(role="supervisor", unit="service", name="陈浩", login="twin", everywhere=True)
        case = judged_case(staff["agent"], staff["supervisor"], unit="tech")
        cases.note(
            staff["head"], NINE, case,
            text="@陈浩 @handler 请今天上门，@刘洋 我自己，@王丽娜 @冯涛 看不到本单，@陌生人 13800130013",
        )  # fmt: skip
    assert told() == sorted([staff["handler"].id, twin.id])
    (row, _) = db.session.query(Notice).filter_by(kind="mentioned").all()
    assert row.facts["no"] == case.no


def test_a_note_without_names_asks_nobody(app, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], unit="tech")
        cases.note(staff["head"], NINE, case, text="客户邮箱 a@handler.example.com，\n" + "@" * 500)
    assert told() == []


def test_people_who_may_see_the_case_are_offered_and_nobody_else(app, engine, at, staff, signed_in):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")
        gao = make_person(role="handler", unit="tech", name="高飞", login="gaofei")
        people_actions.set_active(
            staff["admin"], NINE, people.person(make_person(role="handler", unit="tech", name="高云").id), False
        )
    browser = signed_in(staff["handler"])

    def offered(q):
        return [
            one["login"] for one in browser.get(f"/cases/{case.no}/mentionable", query_string={"q": q}).json["people"]
        ]

    assert offered("高") == offered("GAO") == [gao.login]  # not who has left
    assert offered("王丽") == []  # of another department, may not see it
    assert "handler" not in offered("")  # not oneself
    assert offered("")[0] in {"gaofei", "head"}  # the case's department first
    assert offered("%") == []
    assert signed_in(staff["business"]).get(f"/cases/{case.no}/mentionable").status_code == 404
    assert signed_in(staff["auditor"]).get(f"/cases/{case.no}/mentionable").status_code == 403
