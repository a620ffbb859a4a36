"""Departments working together in the demonstration: duties, tasks, ordered tasks, daily summaries read."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from portal.collaboration import chasing, summaries, task_queries, tasks
from portal.demo.play import Play, Stage
from portal.kernel.i18n import local

Act = Iterator[datetime]
DAYS = 5
ORDERS = (
    ("supervised", "整理本月重复来访前十类问题，附原因与改进建议", "service", 30, "已完成故障类与账单类，共 6 项"),
    ("assigned", "核对客户经理名册，补齐备用联系电话", "enterprise", -20, ""),
    ("assigned", "更新光猫更换作业指导书并组织学习", "tech", 70, "初稿已交审"),
)


def teamwork(play: Play) -> Act:
    """The lead mends, another department soothes the customer; each has its task until a time of its own."""
    if play.until != "in_work" or play.level not in ("P1", "P2"):
        return
    other = "business" if play.unit != "business" else "service"
    units = play.stage.units
    yield play.after(1, 2)
    tasks.name_duty(play.supervisor, play.now, play.row(), unit_id=units[play.unit], duty="查明原因并恢复业务")
    tasks.name_duty(play.supervisor, play.now, play.row(), unit_id=units[other], duty="安抚客户，核对费用影响")
    for text, unit, hours in (("现场排查并回传测试结果", play.unit, 2), ("核对受影响账单，告知减免办法", other, 3)):
        due = play.now + timedelta(hours=hours)
        tasks.give(play.worker, play.now, play.row(), text=text, unit_id=units[unit], due=due)
    yield play.after(2, 4)
    first = task_queries.of_case(play.row().id)[0]
    tasks.report(play.worker, play.now, first, words="已到场，正在逐段测试")
    if play.row().owed:
        chasing.answer_delay(play.worker, play.now, play.row(), words="备件在途，预计两小时内到场更换")


def ordered(stage: Stage) -> list[Act]:
    """Tasks without a case, and the daily summaries of the last days ticked as read."""
    return [*(_order(stage, n) for n in range(len(ORDERS))), *(_daily(stage, n) for n in range(1, DAYS + 1))]


def _order(stage: Stage, n: int) -> Act:
    kind, text, unit, hours, words = ORDERS[n]
    chief = stage.of("quality")[0]
    at = stage.as_of - timedelta(hours=50 + n)
    yield at
    due = stage.as_of + timedelta(hours=hours)
    task = tasks.order(chief, at, text=text, unit_id=stage.units[unit], due=due, kind=kind)
    at += timedelta(hours=25)
    yield at
    if words:
        heads = stage.of("head", unit) or stage.of("supervisor")
        tasks.report(heads[0], at, task, words=words)
    else:
        tasks.chase(chief, at, task, words="已近截止，请尽快回报")


def _daily(stage: Stage, days: int) -> Act:
    at = (local(stage.as_of) - timedelta(days=days)).replace(hour=17, minute=40, second=0)
    yield at
    summaries.read_daily(stage.of("supervisor")[0], at)
