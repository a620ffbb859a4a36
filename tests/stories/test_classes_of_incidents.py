"""EM1-EM9, a story for each class: from the report over plan, call-out, announcement and end to a re-tested measure."""

from datetime import timedelta

import pytest

from portal.backup import actions as papers
from portal.backup import entry_actions
from portal.backup.entry_actions import Paper
from portal.identity import queries as people
from portal.incidents import (
    actions,
    calling_actions,
    closing_actions,
    drill_actions,
    drill_queries,
    plans,
    queries,
    review_actions,
    telling,
)
from portal.kernel.db import db, transaction
from tests.builders import NINE, make_case, make_person
from tests.stories.test_incident_command import assert_replay_is_the_row, told

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FAST = ("hotline", "opinion")
REPORTS = {
    "system": ("计费系统数据库异常", "many", 2400), "hotline": ("热线系统故障", "many", 1200),
    "staff": ("流感致坐席缺勤过半", "part", 0), "disaster": ("暴雨致机房进水", "mass", 8000),
    "opinion": ("网传资费诱导视频", "many", 600), "complaint": ("客户受伤并联系媒体", "part", 1),
    "mass": ("一批光猫固件断流", "many", 900),
}  # fmt: skip


def classes():
    """Every class; two of them in the fast run."""
    return [pytest.param(c, marks=() if c in FAST else pytest.mark.slow) for c in REPORTS]


def led(staff, kind):
    """Reported with its cases, declared with the leaders of all groups, everybody in place."""
    title, extent, affected = REPORTS[kind]
    incident = actions.report(
        staff["agent"], NINE, title=title, kind=kind, extent=extent, place="总部", scope="见描述", cause="排查中",
        occurred=NINE - 9 * MINUTE, affected=affected,
    )  # fmt: skip
    roles = {"commander": "commander", "service": "service_head", "technical": "head", "logistics": "responder"}
    actions.declare(
        staff["watch"], NINE + 5 * MINUTE, incident, kind=kind, grade=incident.proposed_grade,
        roles={role: staff[who].id for role, who in roles.items()},
    )  # fmt: skip
    for role, who in roles.items():
        actions.acknowledge(staff[who], NINE + 12 * MINUTE, incident, role=role)
    return incident


def on_paper(staff, incident):
    """Two sheets are handed out: one is entered with its true time, one is void."""
    block = papers.issue(staff["supervisor"], NINE, unit_id=people.unit_id("service"), count=2)
    papers.hand_out(staff["supervisor"], NINE + 6 * MINUTE, block, incident_id=incident.id)
    sheet = Paper(
        block.first, NINE + 7 * MINUTE, "李敏", "13900139000", "赵强", "热线打不通，宽带断网", "今天修好", "今早八点"
    )
    case = entry_actions.enter(staff["agent"], NINE + 2 * HOUR, sheet, key=f"paper-{incident.id}")
    papers.settle(staff["supervisor"], NINE + 2 * HOUR, block, serial=block.last, state="void", words="写坏")
    return case


def ended(staff, incident, deputy):
    """Command is handed over, customers are told twice, all tasks and conditions are met, the end is declared."""
    now = NINE + 20 * MINUTE
    n = telling.draft_announcement(
        staff["responder"], now, incident, text="正在抢修", channels="官网、社交媒体", recovery=now + 2 * HOUR,
        next_news=now + HOUR,
    )  # fmt: skip
    telling.publish_announcement(staff["commander"], now, incident, n=n)
    telling.report_situation(staff["responder"], now, incident, text="原因已查明", next_report=now + HOUR)
    telling.enter(staff["responder"], now, incident, kind="decision", text="切换备用", reason="更换需两小时")
    calling_actions.offer_command(staff["commander"], now, incident, person_id=deputy.id, handover="在办三项")
    calling_actions.answer_offer(deputy, now + MINUTE, incident, accepted=True)
    actions.acknowledge(deputy, now + MINUTE, incident, role="commander")
    for task in incident.tasks:
        actions.complete_task(deputy, NINE + HOUR, incident, n=task.n, evidence="已完成")
    n = telling.draft_announcement(
        staff["responder"], NINE + HOUR, incident, text="已恢复", channels="官网", restored=True
    )  # fmt: skip
    telling.publish_announcement(deputy, NINE + HOUR, incident, n=n)
    over = NINE + 26 * HOUR  # public opinion has to be calm for a day
    for criterion in incident.criteria:
        telling.settle_criterion(staff["responder"], over, incident, code=criterion["code"], how="已核实")
    for code in ("controlled", "restored"):
        closing_actions.set_milestone(staff["responder"], over, incident, code=code, moment=over, basis="监控")
    closing_actions.name_review_owner(deputy, over, incident, person_id=staff["head"].id)
    actions.propose_end(staff["responder"], over, incident, reason="条件均已满足")
    against = {row["code"] for row in queries.doubts_of(incident)}
    assert against == {"cases"}  # the linked customer has not confirmed yet
    actions.end(deputy, over, incident, statement="恢复正常", why={"cases": "逐户确认到底"})
    for row in incident.back:
        closing_actions.confirm_back(staff["supervisor"], over + HOUR, incident, unit_id=row.unit_id)


def reviewed(staff, incident):
    """The review is finished; its measure is done and verified by somebody else."""
    review_actions.write(
        staff["head"], NINE + 2 * DAY, incident, cause="板卡老化", losses="一小时", worked="备用渠道",
        lessons="按季演练", entries=(1, 2), finished=True,
    )  # fmt: skip
    review_actions.add_measure(
        staff["watch"], NINE + 2 * DAY, incident, text="备用渠道每季实切", owner_id=staff["head"].id,
        due=NINE + 20 * DAY, retest=NINE + 60 * DAY,
    )  # fmt: skip
    review_actions.finish_measure(staff["head"], NINE + 10 * DAY, incident, n=1, evidence="已实切")
    review_actions.verify_measure(staff["quality"], NINE + 11 * DAY, incident, n=1, accepted=True, words="记录齐全")


def drilled(staff, incident):
    """The next drill of the class tests the measure again."""
    drill = drill_actions.plan(
        staff["quality"], NINE + 20 * DAY, kind=incident.kind, title="复验演练", extent="many", place="总部",
        scenario="同类情景", planned=NINE + 40 * DAY, owner_id=staff["head"].id, objectives={}, injects="",
    )  # fmt: skip
    exercise = drill_actions.begin(staff["watch"], NINE + 40 * DAY, drill)
    actions.declare(
        staff["watch"], NINE + 40 * DAY, exercise, kind=incident.kind, grade=exercise.proposed_grade,
        roles={"commander": staff["commander"].id},
    )  # fmt: skip
    (row, _no) = drill_queries.waiting(exercise)[0]
    drill_actions.recheck(
        staff["quality"], NINE + 40 * DAY, exercise, measure_id=row.id, held=True, words="三分钟切换成功"
    )  # fmt: skip
    return exercise


@pytest.mark.parametrize("kind", classes())
def test_an_incident_of_this_class_goes_from_its_report_to_a_retested_measure(app, at, staff, kind):
    with transaction():
        deputy = make_person(role="commander", unit="hq", name="钱副总", everywhere=True)
        incident = led(staff, kind)
        case = make_case(staff["agent"])
        telling.link_cases(staff["commander"], NINE + 15 * MINUTE, incident, numbers=[case.no])
        entered = on_paper(staff, incident)
    assert entered.received_at == NINE + 7 * MINUTE
    with transaction():
        ended(staff, incident, deputy)
    db.session.expire_all()
    incident = queries.incident_by_id(incident.id)
    assert (incident.state, incident.commander, all(row.answered_at for row in incident.back)) == (
        "ended",
        "钱副总",
        True,
    )
    plan = plans.of(incident.plan_version)
    assert {t.code for t in incident.tasks} == {row.code for row in plan.tasks_from(kind, incident.grade)}
    with transaction():
        reviewed(staff, incident)
        exercise = drilled(staff, incident)
    db.session.expire_all()
    incident = queries.incident_by_id(incident.id)
    assert incident.measures[0].state == "held"
    assert exercise.no in incident.measures[0].words
    assert told("incident_declared") >= {staff["service_head"].id, staff["supervisor"].id}
    assert_replay_is_the_row(incident)
