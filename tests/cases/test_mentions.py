"""DK5: @name in a note tells that person, once, and only somebody who may see the case."""

import pytest

from portal.cases import actions as cases
from portal.cases.mentions import after_at, meant
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
