"""DK1: one list by time of what was agreed, who waits and what came back; a call-back is called to mind once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases import actions as cases
from portal.collaboration import actions as together
from portal.collaboration import handing
from portal.desk import today
from portal.identity import queries as people
from portal.jobs.loop import Worker
from portal.jobs.reminders import remind
from portal.kernel.db import db, transaction
from portal.notices.models import Notice
from tests.builders import NINE, judged_case

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def promised(app, engine, at, staff):
    """A case of the handler with a call-back agreed for half past ten."""
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], unit="tech", contact="13800132001")
        together.claim(staff["handler"], NINE, case)
        cases.contact(
            staff["handler"], NINE, case, direction="out", means="phone", reached=True, words="约十点半回电",
            promised=NINE + 90 * MINUTE,
        )  # fmt: skip
    return case


def reminded() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(Notice.person_id).where(Notice.kind == "call_back")))


def test_a_call_back_is_called_to_mind_ten_minutes_ahead_and_once(promised, staff):
    assert remind(NINE + 79 * MINUTE) == 0
    assert remind(NINE + 80 * MINUTE) == 1
    assert remind(NINE + 85 * MINUTE) == 0
    assert remind(NINE + 91 * MINUTE) == 0
    assert reminded() == [staff["handler"].id]


def test_the_worker_calls_it_to_mind_and_a_kept_one_is_left_alone(promised, staff, at):
    with transaction():
        cases.contact(
            staff["handler"], at(minutes=60), promised, direction="out", means="phone", reached=True, words="已回电"
        )
    Worker().tick(at(minutes=82))
    assert reminded() == []


def test_the_day_is_one_list_by_time(promised, staff, signed_in, at):
    with transaction():
        waiting = judged_case(staff["agent"], staff["supervisor"], unit="tech", contact="13800132002")
        together.claim(staff["handler"], NINE, waiting)
        cases.contact(
            staff["agent"], NINE + MINUTE, waiting, direction="in", means="email", reached=True, words="请尽快回复"
        )
        back = judged_case(staff["agent"], staff["supervisor"], unit="service", contact="13800132003")
        together.transfer(
            staff["supervisor"], NINE, back, unit_id=people.unit_id("tech"), reason="需要技术处理"
        )  # fmt: skip
        handing.give_back(staff["head"], NINE + 2 * MINUTE, back, code="not_ours", words="属于客服事项")
    db.session.rollback()
    now = NINE + HOUR
    day = [(one.what, one.no) for one in today.items(staff["handler"], now)]
    assert day == [("reply", waiting.no), ("callback", promised.no)]
    assert [(one.what, one.no) for one in today.items(staff["agent"], now)] == [("returned", back.no)]
    assert [one.late for one in today.items(staff["handler"], NINE + 2 * HOUR)] == [False, True]
    page = signed_in(staff["handler"]).get("/desk").get_data(as_text=True)
    assert page.index(waiting.no) < page.index(promised.no)
