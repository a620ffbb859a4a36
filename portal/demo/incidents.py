"""The demonstration's emergencies: a hotline failure that is over, and a system failure that is going on."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.demo.play import Stage
from portal.identity.actor import SYSTEM
from portal.incidents import actions, closing_actions, news_actions, queries, review_actions, telling
from portal.incidents.models import Incident
from portal.incidents.news_models import IncidentReach
from portal.kernel.db import db
from portal.kernel.i18n import local

Act = Iterator[datetime]
ROLES = {"commander": "zhaozhiyuan", "service": "maxiaodong", "technical": "liuyang", "logistics": "qiandong"}
OVER: dict[str, Any] = {
    "title": "热线平台语音网关故障", "kind": "hotline", "extent": "many", "place": "总部热线机房", "affected": 860,
    "scope": "全部热线入口呼入失败，在线客服与应用内留言正常", "cause": "主用语音网关板卡故障，备用网关未自动接管",
}  # fmt: skip
NOW: dict[str, Any] = {
    "title": "计费系统数据库异常，充值与缴费无法到账", "kind": "system", "extent": "many", "place": "总部数据中心",
    "affected": 2400,
    "scope": "手机营业厅与网上营业厅充值、缴费失败，查询正常", "cause": "主数据库存储响应异常，原因排查中",
}  # fmt: skip
EVIDENCE = (
    "已在现场完成并拍照留存", "已电话逐一确认，记录在案", "已发布，链接发至应急群", "监控曲线恢复，值班工程师签字",
    "名单已交接，责任人已确认",
)  # fmt: skip
HOW = (
    "值班工程师连续观察三十分钟，指标平稳",
    "抽拨二十通，全部正常",
    "公告已在各渠道发布",
    "积压清单核对完毕，逐条有责任人",
)
OVER_STORY = (
    (12, "information", "技术人员到场，主用网关板卡指示灯熄灭，准备切换备用网关", ""),
    (21, "decision", "先以备用手机号受理，同步切换备用网关", "更换板卡预计两小时，不能等待"),
    (38, "information", "备用手机已启用六部，号码已在应用首页公布", ""),
    (55, "information", "备用网关接管成功，抽拨十通正常", ""),
)
WEIGHED = {
    "先以备用手机号受理，同步切换备用网关": "等待更换板卡；只用备用手机；切换备用网关",
    "暂停自动重试，缴费请求转入队列保存": "停止受理缴费；继续自动重试；转入队列后统一入账",
}
PICKED = ("Reported", "Declared", "Entered", "AnnouncementPublished", "SituationReported", "Ended")
NOW_STORY = (
    (13, "information", "数据库主节点写入延时升至八秒，查询走只读节点正常", ""),
    (18, "decision", "暂停自动重试，缴费请求转入队列保存", "避免重复扣款，待恢复后统一入账"),
    (47, "information", "存储厂商远程接入，怀疑控制器缓存电池失效", ""),
    (82, "information", "备用存储同步完成九成，预计四十分钟后可以切换", ""),
)


@dataclass
class Drama:
    """One emergency while it is played: who leads, when it began."""

    stage: Stage
    began: datetime

    def who(self, role: str) -> Any:
        """The person in a role."""
        return self.stage.people[ROLES[role]]

    def at(self, minutes: float) -> datetime:
        """So many minutes after it began."""
        return self.began + timedelta(minutes=minutes)


def all_of(stage: Stage) -> list[Act]:
    """Both emergencies, as acts to be played among the cases."""
    past = local(stage.as_of - timedelta(days=41)).replace(hour=14, minute=6, second=0)
    return [over(Drama(stage, past)), going_on(Drama(stage, stage.as_of - timedelta(minutes=118)))]


def opened(drama: Drama, facts: dict[str, Any]) -> Generator[datetime, None, Incident]:
    """Reported, declared, roles taken; returns the incident."""
    yield drama.began
    watch = drama.stage.people["dingqiang"]
    occurred = drama.began - timedelta(minutes=7)
    incident = actions.report(watch, drama.at(0), occurred=occurred, **facts)
    yield drama.at(5)
    roles = {role: drama.who(role).id for role in ROLES}
    actions.declare(
        drama.who("commander"), drama.at(5), incident, kind=facts["kind"], grade=incident.proposed_grade, roles=roles
    )
    for minute, role in enumerate(ROLES):
        yield drama.at(6 + minute)
        actions.acknowledge(drama.who(role), drama.at(6 + minute), incident, role=role)
    return incident


def told(drama: Drama, incident: Incident, story: tuple[tuple[int, str, str, str], ...]) -> Act:
    """The first announcement, the affected cases, and the entries of the timeline."""
    lead = drama.who("service")
    yield drama.at(10.5)
    number = telling.draft_announcement(
        lead, drama.at(10.5), incident,
        text=f"尊敬的客户：{incident.scope}，我们正在抢修，恢复后第一时间告知。给您带来不便，深表歉意。",
        text_en="Dear customers: we are repairing it and will tell you at once when service is back. We apologise.",
        channels="应用首页、网站、短信", recovery=drama.at(150), next_news=drama.at(130),
    )  # fmt: skip
    yield drama.at(11)
    telling.publish_announcement(drama.who("commander"), drama.at(11), incident, n=number)
    yield drama.at(11.5)
    numbers = [p.row().no for p in drama.stage.going if p.row().open and not p.row().incident_id][-4:]
    if numbers:
        telling.link_cases(lead, drama.at(11.5), incident, numbers=numbers)
    news_actions.put_up(lead, drama.at(11.5), incident, n=number, channel="网站", where="首页横幅")
    heard(drama.at(11.5))
    for minute, kind, text, reason in story:
        yield drama.at(minute)
        facts = {"kind": kind, "text": text, "reason": reason, "options": WEIGHED.get(text, "")}
        telling.enter(drama.who("technical"), drama.at(minute), incident, **facts)


def heard(at: datetime) -> None:
    """The worker's part, done here: linked cases get the entries that wait for them."""
    waiting = select(IncidentReach.id).where(IncidentReach.state == "waiting")
    news_actions.pass_on(SYSTEM, at, list(db.session.scalars(waiting)))


def done(drama: Drama, incident: Incident, first: int, last: int, since: float) -> Act:
    """So many of the plan's tasks are done, one after another."""
    for index in range(first, min(last, len(incident.tasks))):
        at = drama.at(since + 4 * (index - first))
        yield at
        task = incident.tasks[index]
        owner = next(p for p in drama.stage.people.values() if p.id == task.owner_id)
        actions.complete_task(owner, at, incident, n=task.n, evidence=EVIDENCE[index % len(EVIDENCE)])


def over(drama: Drama) -> Act:
    """The emergency that is over: everything done, every criterion met, the end declared."""
    incident = yield from opened(drama, OVER)
    yield from told(drama, incident, OVER_STORY)
    yield from done(drama, incident, 0, len(incident.tasks), 60)
    commander, minute = drama.who("commander"), 60.0 + 4 * len(incident.tasks)
    yield drama.at(minute)
    telling.report_situation(
        commander, drama.at(minute), incident, text="热线已恢复，回拨名单处理过半，等待稳定观察",
        next_report=drama.at(minute + 60)
    )  # fmt: skip
    minute += 6
    yield drama.at(minute)
    number = telling.draft_announcement(
        drama.who("service"), drama.at(minute), incident, restored=True, channels="应用首页、网站、短信",
        text="尊敬的客户：热线已恢复，未接通的来电我们正逐一回拨。给您带来不便，深表歉意。",
    )  # fmt: skip
    telling.publish_announcement(commander, drama.at(minute), incident, n=number)
    for index, criterion in enumerate(list(incident.criteria)):
        minute += 12
        yield drama.at(minute)
        telling.settle_criterion(
            commander, drama.at(minute), incident, code=criterion["code"], how=HOW[index % len(HOW)]
        )
    yield drama.at(minute + 5)
    for code, after, basis in (("controlled", 55, "备用网关接管成功"), ("restored", 58, "抽拨十通全部正常")):
        closing_actions.set_milestone(
            commander, drama.at(minute + 5), incident, code=code, moment=drama.at(after), basis=basis
        )
    closing_actions.name_review_owner(commander, drama.at(minute + 5), incident, person_id=drama.who("technical").id)
    actions.end(
        commander, drama.at(minute + 5), incident, statement="热线恢复并稳定运行，未接来电已全部回拨，应急响应结束",
        why={"cases": "关联工单由责任部门逐户确认到底，不影响热线恢复"},
    )  # fmt: skip
    for login, after in (("maxiaodong", 9), ("liuyang", 14)):
        person = drama.stage.people[login]
        yield drama.at(minute + after)
        for row in incident.back:
            if row.unit_id in person.unit_ids and queries.may_answer(person, row.unit_id):
                closing_actions.confirm_back(person, drama.at(minute + after), incident, unit_id=row.unit_id)
    yield from reviewed(drama, incident, minute + 1500)


def reviewed(drama: Drama, incident: Incident, minute: float) -> Act:
    """A day later the review is finished and measures are agreed; one of them is done and waits to be verified."""
    lead, at = drama.who("technical"), drama.at(minute)
    yield at
    told_of = tuple(line.n for line in queries.history(incident) if line.kind in PICKED)
    review_actions.write(
        lead, at, incident, cause="语音网关板卡老化，备用网关的自动接管未经演练", finished=True,
        losses="热线中断约一小时，漏接来电三百一十二通，均已回拨", worked="备用手机受理和公告及时",
        lessons="备用设备必须按季切换演练；回拨名单应自动生成", entries=told_of,
    )  # fmt: skip
    for login, text in (("liuyang", "备用语音网关每季度实切一次并留记录"), ("maxiaodong", "漏接来电自动生成回拨名单")):
        review_actions.add_measure(
            drama.who("commander"), at, incident, text=text, owner_id=drama.stage.people[login].id,
            due=at + timedelta(days=30), retest=at + timedelta(days=90),
        )  # fmt: skip
    yield drama.at(minute + 9000)
    review_actions.finish_measure(
        lead, drama.at(minute + 9000), incident, n=1, evidence="十月十八日夜间实切成功，记录已归档"
    )  # fmt: skip


def going_on(drama: Drama) -> Act:
    """The emergency that is going on at the demonstration's present."""
    incident = yield from opened(drama, NOW)
    yield from told(drama, incident, NOW_STORY)
    yield drama.at(88)
    telling.estimate_affected(drama.who("service"), drama.at(88), incident, count=3100, basis="缴费失败流水去重统计")
    yield drama.at(95)
    telling.report_situation(
        drama.who("commander"), drama.at(95), incident,
        text="队列保存缴费请求三千一百笔，备用存储同步九成，预计四十分钟后切换",
        next_report=drama.at(150),
    )  # fmt: skip
    yield drama.at(97)
    held = [row for row in (p.row() for p in drama.stage.going) if row.open and not row.incident_id]
    stuck = [row.no for row in held if row.state in ("to_accept", "in_work") and row.level_now != "P1"][-3:]
    if stuck:  # cases whose clocks the supervisor could stop as force majeure
        telling.link_cases(drama.who("service"), drama.at(97), incident, numbers=stuck)
    yield from done(drama, incident, 0, 3, 100)
