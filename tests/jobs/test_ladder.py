"""SL8 on a store: who hears at which step, what counts as an answer, what happens where nobody can be reached."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, text, update

from portal.cases import actions as cases
from portal.cases import answers
from portal.cases.models import Case
from portal.clocks.models import Clock
from portal.collaboration import actions as together
from portal.identity.models import Membership, Person
from portal.jobs.models import Trouble
from portal.jobs.rules import crowded
from portal.jobs.watch import look
from portal.kernel.db import db, transaction
from portal.kernel.errors import Missing
from portal.notices.models import Notice, Told
from tests.builders import NINE, judged_case, make_case
from tests.conftest import HTMX
from tests.jobs.test_watch import acknowledged, only_result, told

MINUTE = timedelta(minutes=1)


@pytest.fixture
def result(app, engine, at, staff):
    """The result clock of a P2 case that its handler has claimed, the only one that runs."""
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech", channel="email")
        together.claim(staff["handler"], NINE, case)
    return only_result(case)


def heard(staff) -> list[tuple[str, str]]:
    """Who was told what, in order."""
    names = {actor.id: name for name, actor in staff.items()}
    return [(n.kind, names[n.person_id]) for n in told()]


def warning() -> Notice:
    """The notice of the first step."""
    db.session.rollback()
    query = select(Notice).where(Notice.kind == "warn").execution_options(populate_existing=True)
    return db.session.scalars(query).one()


def answered(result, staff, *names: str) -> None:
    for name in names:
        acknowledged(staff[name], result)


def test_each_step_goes_to_its_people_once(result, staff):
    quarter = (result.due_at - result.started_at) / 4
    for moment, name in (
        (result.warn_at, "handler"),
        (result.due_at, "supervisor"),
        (result.due_at + quarter, "head"),
        (result.due_at + 4 * quarter, "quality"),
        (result.due_at + 9 * quarter, ""),
    ):
        look(moment)
        look(moment + MINUTE)
        if name:
            acknowledged(staff[name], result)
    assert heard(staff) == [
        ("warn", "handler"), ("due", "supervisor"), ("due", "handler"), ("escalated", "head"), ("escalated", "quality"),
    ]  # fmt: skip
    assert db.session.get_one(Case, result.case_id).notice_at is None


def test_a_later_step_takes_the_earlier_ones_with_it(result, staff):
    quarter = (result.due_at - result.started_at) / 4
    look(result.due_at + quarter + 5 * MINUTE)
    assert heard(staff) == [("escalated", name) for name in ("supervisor", "handler", "head")]


def test_what_nobody_acknowledges_goes_to_the_next_at_once_and_once(result, staff):
    look(result.warn_at)
    look(result.warn_at + 14 * MINUTE)
    assert heard(staff) == [("warn", "handler")]
    look(result.warn_at + 15 * MINUTE)
    look(result.warn_at + 16 * MINUTE)
    assert heard(staff)[1:] == [("unanswered", "supervisor"), ("unanswered", "handler")]
    acknowledged(staff["supervisor"], result)
    look(result.due_at)
    assert len(told()) == 3


def test_opening_the_case_is_no_answer_and_doing_something_is_one(result, staff, signed_in):
    look(result.warn_at)
    case = db.session.get_one(Case, result.case_id)
    assert signed_in(staff["handler"]).get(f"/cases/{case.no}").status_code == 200
    assert db.session.get_one(Clock, result.id, populate_existing=True).answer_by
    with transaction():
        cases.note(staff["agent"], result.warn_at + MINUTE, db.session.get_one(Case, case.id), text="客户再次来电询问")
    assert db.session.get_one(Clock, result.id, populate_existing=True).answer_by
    with transaction():
        cases.note(staff["handler"], result.warn_at + MINUTE, db.session.get_one(Case, case.id), text="正在核对端口")
    db.session.rollback()
    assert db.session.get_one(Clock, result.id, populate_existing=True).answer_by is None
    assert warning().acknowledged_at == result.warn_at + MINUTE
    look(result.due_at - MINUTE)
    assert heard(staff) == [("warn", "handler")]


def test_acknowledging_twice_or_late_changes_nothing_and_others_may_not(result, staff):
    look(result.warn_at)
    notice = warning()
    with pytest.raises(Missing), transaction():
        answers.acknowledge(staff["supervisor"], NINE, notice.id)
    with transaction():
        answers.acknowledge(staff["handler"], result.warn_at, notice.id)
    with transaction():
        answers.acknowledge(staff["handler"], result.due_at, notice.id)
    db.session.rollback()
    assert warning().acknowledged_at == result.warn_at
    look(result.due_at)
    with transaction():
        answers.acknowledge(staff["handler"], result.due_at, notice.id)
    assert db.session.get_one(Clock, result.id, populate_existing=True).answer_by


def test_the_button_is_on_the_desk_and_the_notices_while_an_answer_is_awaited(result, staff, signed_in, at):
    at(result.warn_at)
    look(result.warn_at)
    client = signed_in(staff["handler"])
    address = f"/notices/{warning().id}/acknowledge"
    for page in ("/desk", "/notices"):
        assert address in client.get(page).get_data(as_text=True)
    assert signed_in(staff["agent"]).post(address).status_code == 404
    answer = client.post(address, data={"from": "desk"})
    assert (answer.status_code, answer.location) == (303, "/desk")
    for page in ("/desk", "/notices"):
        assert address not in client.get(page).get_data(as_text=True)


def test_a_hole_in_the_chain_goes_to_the_next_and_is_logged(result, staff, caplog):
    with transaction() as session:
        session.execute(delete(Membership).where(Membership.role == "head"))
        db.session.get_one(Person, staff["quality"].id).active = False
    look(result.warn_at)
    answered(result, staff, "handler")
    look(result.due_at)
    answered(result, staff, "handler")
    look(result.due_at + (result.due_at - result.started_at) / 4)
    assert heard(staff)[-1] == ("escalated", "management")
    assert "nobody reachable as head" in caplog.text
    assert "nobody reachable as quality" in caplog.text


def test_what_was_told_before_a_downgrade_is_not_told_again_and_the_rest_follows_the_new_limit(result, staff):
    old = result.due_at
    look(result.warn_at)
    acknowledged(staff["handler"], result)
    with transaction():
        case = db.session.get_one(Case, result.case_id)
        cases.judge(
            staff["supervisor"], NINE, case, level="P4", impact="single", urgency="low", harm=False,
            reason="客户同意延后", changed=False,
        )  # fmt: skip
    db.session.rollback()
    assert db.session.get_one(Clock, result.id, populate_existing=True).due_at > old
    look(old + MINUTE)
    assert [n.kind for n in told() if n.facts["clock"] == "result"] == ["warn"]


def test_a_case_that_cannot_be_written_stops_no_other(app, at, staff, caplog):
    with transaction():
        made = [judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email") for _ in range(3)]
    clocks = [only_result(case) for case in made]
    with transaction() as session:
        session.execute(
            text(
                f"CREATE TRIGGER poison BEFORE INSERT ON outbox WHEN NEW.subject = 'case:{made[1].id}'"
                " BEGIN SELECT RAISE(ABORT, 'poisoned'); END"
            )
        )
    assert look(clocks[0].warn_at) == 2
    assert look(clocks[0].warn_at) == 0
    assert sorted(n.subject for n in told()) == [made[0].stream, made[2].stream]
    trouble = db.session.scalars(select(Trouble)).one()
    assert (trouble.case_id, trouble.tries) == (made[1].id, 1)
    assert db.session.get_one(Clock, clocks[1].id, populate_existing=True).told_step == 0
    with transaction() as session:
        session.execute(text("DROP TRIGGER poison"))
    assert look(clocks[0].warn_at + MINUTE) == 1
    assert len(told()) == 3


def told_page(signed_in, actor, case, **headers) -> str:
    return signed_in(actor).get(f"/cases/{case.no}/told", headers=headers).get_data(as_text=True)


def test_the_case_says_who_was_told_of_what_and_what_became_of_it(result, staff, signed_in, at):
    case = db.session.get_one(Case, result.case_id)
    assert "尚未" in told_page(signed_in, staff["handler"], case)
    look(result.warn_at)
    look(result.warn_at + 15 * MINUTE)
    acknowledged(staff["supervisor"], result)
    look(result.due_at + (result.due_at - result.started_at) / 4 + 2 * MINUTE)
    text_zh = told_page(signed_in, staff["supervisor"], case, **HTMX)
    assert "<html" not in text_zh
    rows = re.findall(r"<tr>(.*?)</tr>", text_zh.partition("<tbody>")[2], re.DOTALL)
    for row, words in zip(
        rows,
        (
            ("1. 预警点", "陈浩", "责任人", "未按时确认，已转报"),
            ("2. 到期时", "周建国", "陈浩", "因上一级无人确认", "已确认：周建国 2026-11-24 09:00"),
            ("3. 到期后时限的 25 %", "刘洋", "部门负责人", "晚了 2 分才通知", "等待确认至"),
        ),
        strict=True,
    ):
        plain = re.sub(r"<[^>]+>", " ", row)
        assert all(word in plain for word in words), (plain, words)
    page = signed_in(staff["handler"]).get(f"/cases/{case.no}?time=1").get_data(as_text=True)
    assert f"/cases/{case.no}/told" in page
    english = told_page(signed_in, staff["auditor"], case, **{"Accept-Language": "en"})
    assert "<html" in english
    assert "Not acknowledged in time, passed on" in english


def test_three_hundred_deadlines_in_one_minute_are_one_notice_and_each_step_is_kept_once(app, at, staff):
    with transaction():
        for _ in range(300):
            make_case(staff["agent"], NINE, channel="email")
    with transaction() as session:
        session.execute(update(Clock).where(Clock.kind != "judgement").values(outcome="met"))
        session.execute(update(Clock).where(Clock.outcome == "running").values(due_at=NINE + 59 * MINUTE, warn_at=None))
        session.execute(update(Case).values(notice_at=int((NINE + 59 * MINUTE).timestamp())))
    moment = NINE + 59 * MINUTE
    for seconds in range(0, 60, 20):
        look(moment + timedelta(seconds=seconds))
    (storm,) = told("storm")
    assert (storm.person_id, storm.facts["count"], len(storm.facts["items"])) == (staff["supervisor"].id, 300, 100)
    assert told("due") == []
    rows = db.session.execute(select(Told.clock_id, Told.step, Told.person_id, Told.notice)).all()
    assert len(rows) == len({row[0] for row in rows}) == 300
    assert {row[1:] for row in rows} == {(2, staff["supervisor"].id, storm.key)}
    assert answers.asked([storm])[storm.id] == db.session.scalar(select(func.min(Clock.answer_by))).timestamp()
    with transaction():
        answers.acknowledge(staff["supervisor"], moment + MINUTE, storm.id)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).where(Clock.answer_by.is_not(None))) == 0
    assert db.session.scalar(select(func.count()).where(Told.acknowledged_at.is_(None))) == 0


@pytest.mark.parametrize(
    ("levels", "told", "alone", "crowd"),
    [
        ("P2 " * 10, 0, 0, [False] * 10),
        ("P2 " * 11, 0, 0, [True] * 11),
        ("P2 P1 P2", 9, 9, [True, False, True]),
        ("P1 P2", 300, 10, [True, True]),
        ("P1 " * 12, 0, 0, [False] * 10 + [True] * 2),
    ],
)
def test_a_crowded_minute_leaves_room_for_the_most_urgent(levels, told, alone, crowd):
    assert crowded(levels.split(), told, alone, 10) == crowd


def test_what_is_told_one_by_one_beyond_ten_a_minute_joins_one_digest(app, at, staff):
    with transaction():
        for _ in range(14):
            make_case(staff["agent"], NINE, channel="email")
    with transaction() as session:
        session.execute(update(Clock).where(Clock.kind != "judgement").values(outcome="met"))
    clocks = db.session.scalars(select(Clock).where(Clock.kind == "judgement").order_by(Clock.id)).all()
    moment = NINE + 59 * MINUTE
    for number, clock in enumerate(clocks):
        with transaction() as session:
            values = {"due_at": moment + timedelta(seconds=number), "warn_at": None}
            session.execute(update(Clock).where(Clock.id == clock.id).values(**values))
            session.execute(update(Case).where(Case.id == clock.case_id).values(notice_at=int(moment.timestamp())))
        look(moment + timedelta(seconds=number))
    assert len(told("due")) == 10
    assert [n.facts["count"] for n in told("storm")] == [4]
