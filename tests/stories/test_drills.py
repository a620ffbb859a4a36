"""EM9: a drill is an incident marked everywhere, scored against goals; what it finds is tested in the next one."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.incidents import actions, calling_actions, drill_actions, drill_queries, queries, review_actions, telling
from portal.incidents.drill_board import of as picture_of
from portal.jobs.drills import bring_injects, remind_of_drills, remind_of_required
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Refused
from portal.notices.models import Notice
from tests.builders import NINE, make_case, make_person
from tests.incidents.builders import WHY, declared, reported
from tests.stories.test_incident_command import assert_replay_is_the_row, told

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GOALS = {"declare": 5, "staff": 10, "report": 30, "tasks": 50, "handover": 5, "findings": 100}


def planned(staff, now=NINE, by="quality", **changes):
    """A drill of a silent hotline, to be held in two days."""
    facts = {
        "kind": "hotline", "title": "热线中断桌面演练", "extent": "many", "place": "总部", "scenario": "热线全部占线音",
        "planned": now + 2 * DAY, "owner_id": staff["head"].id, "objectives": GOALS,
        "injects": "T+10 记者来电\n25 恢复时间推迟", "key": "",
    }  # fmt: skip
    return drill_actions.plan(staff[by], now, **(facts | changes))


def begun(staff, now):
    """The same, begun and declared three minutes later."""
    drill = planned(staff, now - DAY)
    incident = drill_actions.begin(staff["watch"], now, drill)
    roles = {"commander": staff["commander"].id, "service": staff["service_head"].id, "technical": staff["head"].id}
    actions.declare(staff["watch"], now + 3 * MINUTE, incident, kind="hotline", grade="major", roles=roles)
    return incident


def over(staff, incident, now):
    for criterion in incident.criteria:
        telling.settle_criterion(staff["responder"], now, incident, code=criterion["code"], how="已核实")
    actions.end(staff["commander"], now, incident, statement="演练结束", why=WHY)


def test_a_drill_is_planned_called_to_mind_and_begun_once(app, engine, at, staff):
    with transaction():
        drill = planned(staff, key="form-1")
        assert planned(staff, key="form-1").id == drill.id
    with pytest.raises(Forbidden), transaction():
        planned(staff, by="agent")
    with pytest.raises(Invalid) as refused, transaction():
        planned(staff, injects="T+5 来电\n没有分钟")
    assert refused.value.facts["line"] == 2
    assert remind_of_drills(NINE) == 0
    assert remind_of_drills(NINE + DAY) == 1
    assert remind_of_drills(NINE + DAY) == 0
    assert remind_of_drills(NINE + 3 * DAY) == 2  # overdue: its leader and the commander
    assert remind_of_drills(NINE + 4 * DAY) == 0
    with transaction():
        incident = drill_actions.begin(staff["watch"], NINE + 4 * DAY, drill)
    assert (incident.exercise, incident.title, drill.incident_id) == (True, "热线中断桌面演练", incident.id)
    with pytest.raises(Refused), transaction():
        drill_actions.begin(staff["watch"], NINE + 4 * DAY, drill)
    with pytest.raises(Refused), transaction():
        drill_actions.drop(staff["quality"], NINE + 4 * DAY, drill, reason="人手不足")


def test_injects_come_at_their_time_late_ones_late_each_once(app, engine, at, staff):
    with transaction():
        incident = begun(staff, NINE)
    assert bring_injects(NINE + 9 * MINUTE) == 0
    assert bring_injects(NINE + 10 * MINUTE) == 1
    assert bring_injects(NINE + 11 * MINUTE) == 0
    db.session.expire_all()
    assert bring_injects(NINE + 2 * HOUR) == 1  # the worker was away
    assert bring_injects(NINE + 3 * HOUR) == 0
    db.session.expire_all()
    here = queries.incident_by_id(incident.id)
    assert [row["text"] for row in here.drill["injects"] if row["came"]] == ["记者来电", "恢复时间推迟"]
    assert told("drill_inject") == {staff[r].id for r in ("commander", "service_head", "head")}
    assert_replay_is_the_row(here)
    with transaction():
        over(staff, queries.incident_by_id(incident.id), NINE + 4 * HOUR)
    assert queries.incident_by_id(incident.id).inject_next is None


def test_a_drill_is_scored_against_its_goals(app, at, staff):
    with transaction():
        deputy = make_person(role="commander", unit="hq", name="钱副总", everywhere=True)
        incident = begun(staff, NINE)
        for role, who in (("commander", "commander"), ("service", "service_head"), ("technical", "head")):
            actions.acknowledge(staff[who], NINE + 9 * MINUTE, incident, role=role)
        telling.report_situation(
            staff["responder"], NINE + 40 * MINUTE, incident, text="已切换", next_report=NINE + 2 * HOUR
        )
        for task in incident.tasks[:1]:
            actions.complete_task(staff["commander"], NINE + 10 * MINUTE, incident, n=task.n, evidence="已做")
        drill_actions.observe(
            staff["quality"], NINE + HOUR, incident, objective="report", rating="major", words="通报模板找不到"
        )
    picture = picture_of(incident, queries.history(incident), NINE + 50 * MINUTE)
    met = dict(zip(GOALS, [goal.met for goal in picture.goals], strict=True))
    assert (met["declare"], met["staff"], met["report"], met["handover"]) == (True, True, False, None)
    assert picture.goals[2].rating == "完成，困难很大"
    assert met["tasks"] is None  # too few so far, and not over yet
    with transaction():
        calling_actions.offer_command(
            staff["commander"], NINE + HOUR, incident, person_id=deputy.id, handover="在办两项，答应十点通报"
        )
        calling_actions.answer_offer(deputy, NINE + HOUR + 9 * MINUTE, incident, accepted=True)
    picture = picture_of(incident, queries.history(incident), NINE + 2 * HOUR)
    assert (picture.goals[4].actual, picture.goals[4].met) == ("9 分", False)


def test_what_a_drill_finds_is_tested_again_in_the_next_one(app, engine, at, staff, signed_in):
    with transaction():
        first = begun(staff, NINE)
        over(staff, first, NINE + HOUR)
        review_actions.add_measure(
            staff["commander"], NINE + 2 * HOUR, first, text="通报模板放进预案", owner_id=staff["head"].id,
            due=NINE + 10 * DAY, retest=NINE + 40 * DAY,
        )  # fmt: skip
        review_actions.finish_measure(staff["head"], NINE + DAY, first, n=1, evidence="已放入")
        review_actions.verify_measure(staff["quality"], NINE + 2 * DAY, first, n=1, accepted=True, words="看过")
    with transaction():
        second, real = begun(staff, NINE + 30 * DAY), declared(staff, NINE + 30 * DAY)
        measure = first.measures[0]
        facts = {"measure_id": measure.id, "held": True, "words": "三分钟内发出"}
    with pytest.raises(Refused), transaction():
        drill_actions.recheck(staff["quality"], NINE + 30 * DAY, real, **facts)
    page = signed_in(staff["quality"]).get(f"/incidents/{second.no}").text
    assert "通报模板放进预案" in page
    assert "待复验的以往发现：1 项" in page
    with transaction():
        here = queries.incident_by_id(second.id)
        drill_actions.recheck(staff["quality"], NINE + 30 * DAY + HOUR, here, **facts)
    db.session.expire_all()
    first, second = queries.incident_by_id(first.id), queries.incident_by_id(second.id)
    assert first.measures[0].state == "held"
    assert second.no in first.measures[0].words
    picture = picture_of(second, queries.history(second), NINE + 31 * DAY)
    assert (picture.waiting, picture.goals[-1].met) == (0, True)
    assert_replay_is_the_row(first)
    assert_replay_is_the_row(second)


def test_an_exercise_reaches_no_customer_and_no_figure(app, at, staff, signed_in):
    with transaction():
        case = make_case(staff["agent"])
        incident = begun(staff, NINE)
    with pytest.raises(Refused), transaction():
        telling.link_cases(staff["commander"], NINE + HOUR, queries.incident_by_id(incident.id), numbers=[case.no])
    with transaction():
        here = queries.incident_by_id(incident.id)
        n = telling.draft_announcement(staff["responder"], NINE, here, text="热线故障", channels="官网", restored=True)
        telling.publish_announcement(staff["commander"], NINE, here, n=n)
    notices = db.session.execute(select(Notice.channel, Notice.facts, Notice.kind).where(Notice.kind != "p1_proposed"))
    kinds = [(channel, facts.get("exercise")) for channel, facts, kind in notices if kind.startswith(("inc", "drill"))]
    assert set(kinds) == {("app", True)}  # nothing of it leaves the portal
    client = signed_in(staff["commander"])
    for path in ("", "/wall", "/review", "/do/entry"):
        assert "演练 EXERCISE" in client.get(f"/incidents/{incident.no}{path}").text, path
    assert "演练 EXERCISE · 热线中断桌面演练" in client.get("/desk").text  # the top bar of every page
    assert '<span class="tag tag-warn">演练</span>' in client.get("/notices").text


def test_the_calendar_says_which_drills_are_overdue_and_a_plan_when_it_was_exercised(app, at, staff, signed_in):
    client = signed_in(staff["quality"])
    assert "逾期未举行" not in client.get("/incidents").text  # a house that has not begun with drills
    facts = {
        "key": "k1", "kind": "hotline", "title": "热线演练", "planned": "2026-12-01T09:00",
        "owner": str(staff["head"].id), "extent": "many", "place": "总部", "scenario": "占线音", "injects": "坏行",
        **{k: str(v) for k, v in GOALS.items()},
    }  # fmt: skip
    refused = client.post("/incidents/drills", data=facts)
    assert refused.status_code == 422
    assert "第 1 行" in refused.text
    assert "占线音" in refused.text
    assert client.post("/incidents/drills", data=facts | {"injects": "T+5 来电"}).status_code == 303
    assert client.post("/incidents/drills", data=facts | {"injects": "T+5 来电"}).status_code == 303
    assert [d.title for d in drill_queries.planned()] == ["热线演练"]
    number = drill_queries.planned()[0].id
    assert "T+5" in client.get(f"/incidents/drills/{number}").text
    assert client.post(f"/incidents/drills/{number}/begin").status_code == 403  # the watch and the commander begin
    answer = signed_in(staff["watch"]).post(f"/incidents/drills/{number}/begin")
    assert answer.status_code == 303
    with transaction():
        incident = queries.incident_to_change(staff["watch"], answer.location.rsplit("/", 1)[1])
        assert incident.exercise
        assert incident.state == "reported"
        roles = {"commander": staff["commander"].id}
        actions.declare(staff["watch"], NINE, incident, kind="hotline", grade="major", roles=roles)
        over(staff, incident, NINE + HOUR)
    assert "逾期未举行的必须演练：6 类" in client.get("/incidents").text
    calendar = client.get("/incidents/drills").text
    assert "从未演练" in calendar
    assert incident.no in calendar
    assert "2027-11-24" in calendar
    with transaction():
        later = reported(staff["agent"], NINE + 2 * HOUR)
    for page in (f"/incidents/{later.no}", "/plans/hotline"):
        assert "上次演练 2026-11-24" in client.get(page).text
    assert "从未演练" in client.get("/plans/system").text
    assert db.session.scalar(select(func.count()).select_from(Notice).where(Notice.kind == "drill_due")) == 0


def test_required_drills_are_asked_for_once_a_stage(app, engine, at, staff):
    responsible = {staff["commander"].id, staff["quality"].id}
    assert remind_of_required(NINE) == 0  # the plans are new
    begin = NINE + 7 * DAY
    with transaction():
        planned(staff, planned=NINE + 300 * DAY)
        incident = begun(staff, NINE)
        over(staff, incident, NINE + HOUR)
    classes = len(drill_queries.required(NINE))
    assert remind_of_required(begin) == 2 * (classes - 1)  # all but the one exercised just now
    assert remind_of_required(begin + DAY) == 0
    assert told("drill_unplanned") == responsible
    assert remind_of_required(NINE + 340 * DAY) == 0  # a drill of the class is planned
    with transaction():
        drill_actions.drop(staff["quality"], NINE + 341 * DAY, drill_queries.planned()[0], reason="搬迁")
    assert remind_of_required(NINE + 341 * DAY) == 2
    assert remind_of_required(NINE + 366 * DAY) == 2 * classes
    assert remind_of_required(NINE + 400 * DAY) == 0
    assert told("drill_overdue") == responsible
