"""DK2: the portal makes the sheet; it is accepted by name, and what is not accepted stays with the giver."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.collaboration import actions as together
from portal.collaboration import shift_actions
from portal.desk import handover
from portal.identity import queries as people
from portal.incidents import actions as incidents
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Refused
from portal.notices.models import Notice
from portal.roster import absence_actions
from portal.roster import actions as roster
from portal.roster.models import HandOver
from tests.builders import NINE, judged_case, make_person

pytestmark = pytest.mark.alike

HOUR = timedelta(hours=1)


def fresh(case: Case) -> Case:
    db.session.rollback()
    return db.session.get_one(Case, case.id, populate_existing=True)


@pytest.fixture
def shift(app, engine, at, staff):
    """Cases of the technical department at nine: a P2, a promise for eleven, one for tomorrow, a mail unanswered."""
    made = {}
    with transaction():
        for n, (name, level) in enumerate((("pressing", "P2"), ("soon", "P3"), ("far", "P3"), ("mail", "P3"))):
            case = judged_case(
                staff["agent"], staff["supervisor"], level=level, unit="tech", contact=f"1380013100{n}"
            )  # fmt: skip
            together.claim(staff["handler"], NINE, case)
            made[name] = case
        for name, later in (("soon", 2), ("far", 26)):
            cases.contact(
                staff["handler"], NINE, made[name], direction="out", means="phone", reached=True, words="约定再联系",
                promised=NINE + later * HOUR,
            )  # fmt: skip
        cases.contact(
            staff["agent"], NINE, made["mail"], direction="in", means="email", reached=True, words="还没有修好吗"
        )
        until = NINE + timedelta(hours=7)
        person = make_person(role="handler", unit="tech", name="高飞", login="gaofei")
        roster.add(
            staff["head"], NINE, unit_id=person.unit_id, person_id=person.id, role="handler", kind="desk",
            begin=NINE + HOUR, end=until,
        )  # fmt: skip
    return made | {"next": person, "unit": person.unit_id, "until": until}


def whys(shift) -> dict[str, list[str]]:
    db.session.rollback()
    found = handover.lines(shift["unit"], NINE, handover.until_of(shift["unit"], NINE))
    names = {shift[name].no: name for name in ("pressing", "soon", "far", "mail")}
    return {names[line["no"]]: [why for why, _at in line["why"]] for line in found}


def test_the_sheet_says_what_the_next_shift_has_to_know(shift):
    assert handover.until_of(shift["unit"], NINE) == shift["until"]
    assert whys(shift) == {"pressing": ["open"], "soon": ["callback"], "mail": ["reply"]}


def test_accepted_by_name_and_what_is_not_stays(shift, staff, signed_in):
    giver, taker = signed_in(staff["handler"]), signed_in(shift["next"])
    data = {"note": "钥匙在值班室", "key": "form-1"}
    for _twice in range(2):
        assert giver.post("/handover?unit=tech", data=data).headers["Location"] == "/handover/1"
    page = taker.get("/desk").get_data(as_text=True)
    assert "/handover/1" in page  # those on duty next are told
    ticks = {"cases": [str(shift["pressing"].id), str(shift["far"].id)]}  # one that is not on the sheet
    assert giver.post("/handover/1", data=ticks).status_code == 409
    for _twice in range(2):
        assert taker.post("/handover/1", data=ticks).status_code == 303
    owners = {name: fresh(shift[name]).owner_name for name in ("pressing", "soon", "far", "mail")}
    assert owners == {"pressing": "高飞", "soon": "陈浩", "far": "陈浩", "mail": "陈浩"}
    line = [x for x in stream.read(shift["pressing"].stream) if x.kind == "Assigned"][-1]
    assert (line.facts["how"], line.facts["instead_of"]) == ("shift", "陈浩")
    sheet = db.session.get_one(HandOver, 1)
    assert (sheet.accepted_by, sheet.taken) == (shift["next"].id, [shift["pressing"].id])
    with pytest.raises(Refused, match="sheet_accepted"), transaction():
        shift_actions.accept(staff["head"], NINE, 1, [])
    assert "陈浩" in taker.get("/handover/1").get_data(as_text=True)
    assert "钥匙在值班室" in taker.get("/handover/1").get_data(as_text=True)


def test_mine_and_the_departments_stand_apart_and_only_the_receiver_ticks(shift, staff, signed_in):
    with transaction():
        together.claim(staff["head"], NINE, judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech"))
        incident = incidents.report(
            staff["watch"], NINE, occurred=NINE, title="城东机房断电", kind="system", extent="many", place="总部",
            affected=500, scope="缴费失败", cause="待查",
        )  # fmt: skip
        roles = {"commander": staff["commander"].id}
        incidents.declare(staff["watch"], NINE, incident, kind="system", grade="major", reason="断电", roles=roles)
        absence_actions.enter(
            staff["head"], NINE, people.person(staff["handler"].id), deputy_id=shift["next"].id,
            begin=NINE + 24 * HOUR, end=NINE + 40 * HOUR,
        )  # fmt: skip
    giver = signed_in(staff["handler"])
    page = giver.get("/handover?unit=tech").get_data(as_text=True)
    mine, others, besides = page.index('id="lines"'), page.index('id="others"'), page.index('id="besides"')
    assert mine < page.index(shift["pressing"].no) < others < page.index("刘洋") < besides
    assert 'name="cases"' not in page
    assert "本班的交接单" not in page
    assert besides < page.index("城东机房断电", besides) < page.index("高飞", besides)
    assert "代理人 高飞" in page[besides:]
    giver.post("/handover?unit=tech", data={"key": "once"})
    assert "您已于 09:00 提交本班的交接单" in giver.get("/handover?unit=tech").get_data(as_text=True)
    assert 'name="cases"' not in giver.get("/handover/1").get_data(as_text=True)
    taker = signed_in(shift["next"])
    assert "陈浩 已于 09:00 提交本班的交接单" in taker.get("/handover?unit=tech").get_data(as_text=True)
    sheet = taker.get("/handover/1").get_data(as_text=True)
    assert sheet.index("陈浩 的工单") < sheet.rindex('name="cases"') < sheet.index('id="others"')


def test_another_department_neither_reads_nor_accepts(shift, staff, signed_in):
    with transaction():
        shift_actions.give(
            staff["handler"], NINE, unit_id=shift["unit"], until=shift["until"],
            lines=handover.lines(shift["unit"], NINE, shift["until"]), facts=handover.facts(shift["unit"], NINE),
        )  # fmt: skip
    stranger = signed_in(staff["business"])
    assert stranger.get("/handover/1").status_code == 403
    assert stranger.post("/handover/1").status_code == 403
    with pytest.raises(Forbidden), transaction():
        shift_actions.give(staff["business"], NINE, unit_id=shift["unit"], until=NINE, lines=[], facts={})


def test_where_the_roster_names_nobody_the_department_is_told(app, at, staff, signed_in):
    with transaction():
        shift_actions.give(
            staff["handler"], NINE, unit_id=staff["handler"].unit_id, until=NINE + HOUR, lines=[], facts={}, note=""
        )
    told = db.session.scalars(select(Notice.person_id).where(Notice.kind == "shift_given")).all()
    assert set(told) == {staff["head"].id}
    page = signed_in(staff["head"]).get("/notices").get_data(as_text=True)
    assert 'href="/handover/1">打开</a>' in page
    assert "handover:1" not in page
