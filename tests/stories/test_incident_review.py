"""EM8: the review is written and called to mind; measures are done, verified by another, and tested again."""

from datetime import timedelta

import pytest

from portal.incidents import queries, review_actions, review_board
from portal.jobs.incidents import remind_of_incidents
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Refused
from tests.builders import NINE
from tests.incidents.builders import ended, reported
from tests.stories.test_incident_command import assert_replay_is_the_row, told

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEXTS = {"cause": "板卡老化", "losses": "一小时", "worked": "备用手机", "lessons": "按季切换", "entries": (1, 2, 99)}


@pytest.fixture
def incident(app, at, staff):
    with transaction():
        made = ended(staff)
        review_actions.add_measure(
            staff["commander"], NINE + 2 * HOUR, made, text="每季切换", owner_id=staff["handler"].id,
            due=NINE + 30 * DAY, retest=NINE + 90 * DAY,
        )  # fmt: skip
    return made


def test_a_finished_review_is_whole_and_is_not_changed(app, at, staff, signed_in, incident):
    now = NINE + 2 * HOUR
    with pytest.raises(Forbidden), transaction():
        review_actions.write(staff["handler"], now, incident, **TEXTS, finished=False)
    with pytest.raises(Invalid), transaction():
        review_actions.write(staff["commander"], now, incident, **TEXTS | {"losses": " "}, finished=True)
    with transaction():
        here = queries.incident_by_id(incident.id)
        review_actions.write(staff["commander"], now, here, **TEXTS | {"lessons": ""}, finished=False)
        review_actions.write(staff["commander"], now, here, **TEXTS, finished=True)
    with pytest.raises(Refused), transaction():
        review_actions.write(staff["commander"], now, here, **TEXTS, finished=True)
    db.session.expire_all()
    stored = queries.incident_by_id(incident.id)
    assert (stored.reviewed_at, stored.review["entries"]) == (now, [1, 2])
    assert "reviewed" in {m.code for m in stored.milestones}
    assert_replay_is_the_row(stored)
    page = signed_in(staff["auditor"]).get(f"/incidents/{incident.no}/review").text
    assert all(words in page for words in ("板卡老化", "按季切换", "每季切换", "结束到完成总结"))


def test_nobody_verifies_a_measure_of_ones_own_and_it_is_over_when_it_held(app, engine, at, staff, incident, signed_in):
    def step(run, role, days, **facts):
        with transaction():
            run(staff[role], NINE + days * DAY, queries.incident_by_id(incident.id), n=1, **facts)

    with pytest.raises(Forbidden):
        step(review_actions.finish_measure, "head", 9, evidence="已切换")
    step(review_actions.finish_measure, "handler", 9, evidence="已切换")
    with pytest.raises(Forbidden):
        step(review_actions.verify_measure, "handler", 10, accepted=True, words="看过")
    step(review_actions.verify_measure, "quality", 10, accepted=False, words="记录不全")
    with pytest.raises(Refused):
        step(review_actions.verify_measure, "quality", 10, accepted=True, words="看过")
    step(review_actions.finish_measure, "commander", 11, evidence="补齐记录")
    with pytest.raises(Forbidden):
        step(review_actions.verify_measure, "commander", 11, accepted=True, words="自己做的")
    step(review_actions.verify_measure, "quality", 12, accepted=True, words="记录齐全")
    with transaction():
        following = reported(staff["agent"], NINE + 12 * DAY)
    assert [m.text for m in review_board.earlier(following, NINE + 12 * DAY)] == ["每季切换"]
    assert "每季切换" in signed_in(staff["commander"]).get(f"/incidents/{following.no}").text
    forms = signed_in(staff["commander"])
    for name in ("review", "measure", "measure_done", "verify", "retest", "reviewer", "reopen"):
        assert forms.get(f"/incidents/{incident.no}/do/{name}").status_code == 200, name
    facts = {"measure": "1", "result": "yes", "words": "演练通过"}
    assert forms.post(f"/incidents/{incident.no}/do/verify", data=facts).status_code == 422  # none waits for it
    step(review_actions.retest_measure, "quality", 91, held=True, words="演练通过")
    assert review_board.earlier(following, NINE + 92 * DAY) == []
    db.session.expire_all()
    assert_replay_is_the_row(queries.incident_by_id(incident.id))


def test_review_and_measures_are_called_to_mind_once_before_and_once_after(app, engine, at, staff, incident):
    assert remind_of_incidents(NINE + 2 * DAY) == 0
    assert remind_of_incidents(NINE + 3 * DAY) == 1  # nobody was named: the commander
    assert remind_of_incidents(NINE + 3 * DAY) == 0
    assert remind_of_incidents(NINE + 4 * DAY) == 1
    assert remind_of_incidents(NINE + 28 * DAY) == 0
    assert remind_of_incidents(NINE + 29 * DAY + HOUR) == 1
    assert told("incident_measure_due") == {staff["handler"].id}
    assert remind_of_incidents(NINE + 40 * DAY) == 2
    assert remind_of_incidents(NINE + 41 * DAY) == 0
