"""The demonstration's backup channel and drills: sheets, requests entered afterwards, a drill held and two planned."""

from datetime import timedelta

from portal.backup import actions, entry_actions, queries
from portal.backup.entry_actions import Paper
from portal.demo.accounts import PEOPLE
from portal.demo.incidents import ROLES, Act, Drama
from portal.demo.play import Stage
from portal.incidents import actions as command
from portal.incidents import drill_actions, review_actions, telling
from portal.incidents.doubts import CODES
from portal.incidents.models import Incident
from portal.kernel.i18n import local

SHEETS = (
    ("王立新", "13905710286", "热线打不通，家里宽带昨晚起断断续续，光猫 LOS 灯闪红", "今天派人上门", "昨晚十点左右"),
    ("何秀英", "13757109914", "热线占线，流量用完后上网很慢，想知道怎么恢复", "说明原因并恢复网速", "今天上午"),
)
INJECTS = "T+10 两名客户来电称有人受伤，媒体记者询问原因\nT+25 预计恢复时间推迟一小时\nT+40 总指挥赴现场，指挥权移交"
CALLED = ("commander", "watch", "responder", "supervisor", "head", "handler", "agent")
SCENE = "模拟主用语音网关中断，全部热线入口呼入失败，在线客服正常"


def all_of(stage: Stage) -> list[Act]:
    """All of it, as acts to be played among the cases."""
    held = local(stage.as_of - timedelta(days=62)).replace(hour=9, minute=30, second=0)
    return [on_paper(stage), practised(Drama(stage, held)), planned(stage)]


def on_paper(stage: Stage) -> Act:
    """Blocks for two departments; two sheets of yesterday's outage are cases, one of them is checked."""
    at = stage.as_of - timedelta(hours=30)
    yield at
    supervisor, agents = stage.of("supervisor")[0], stage.of("agent")
    block = actions.issue(supervisor, at, unit_id=stage.units["service"], count=8)
    actions.issue(supervisor, at, unit_id=stage.units["tech"], count=6)
    for n, one in enumerate((one for one in PEOPLE if one.role in CALLED), start=1):
        actions.set_phone(supervisor, at, person_id=stage.people[one.login].id, phone=f"138 0571 {n:04}")
    serials = [sheet.serial for sheet in queries.sheets(block.id)]
    for n, (name, phone, words, demand, occurred) in enumerate(SHEETS):
        at = stage.as_of - timedelta(hours=25, minutes=-12 * n)
        yield at
        heard = at - timedelta(minutes=95)
        paper = Paper(serials[n], heard, agents[-1].name, phone, name, words, demand, occurred)
        case = entry_actions.enter(agents[0], at, paper)
        if n == 0 and case is not None:
            found = queries.entry_of(case.id)
            if found is not None:
                entry_actions.check(supervisor, at, found, agrees=True)
    actions.settle(supervisor, at, block, serial=serials[2], state="void", words="茶水浸湿，字迹不清")


def practised(drama: Drama) -> Act:
    """A drill that was held; what it found is done, verified, and waits for the next one."""
    stage, watch = drama.stage, drama.stage.people["dingqiang"]
    yield drama.at(-9000)
    drill = drill_actions.plan(
        watch, drama.at(-9000), kind="hotline", title="热线中断演练：备用语音网关实切", extent="many",
        place="总部热线机房", scenario=SCENE, planned=drama.began, owner_id=drama.who("technical").id,
        objectives={}, injects=INJECTS,
    )  # fmt: skip
    yield drama.began
    incident = drill_actions.begin(watch, drama.began, drill)
    yield drama.at(6)
    roles = {role: drama.who(role).id for role in ROLES}
    command.declare(watch, drama.at(6), incident, kind="hotline", grade=incident.proposed_grade, roles=roles)
    for minute, role in enumerate(ROLES):
        yield drama.at(9 + minute)
        command.acknowledge(drama.who(role), drama.at(9 + minute), incident, role=role)
    for minute in (10, 25, 40):
        yield drama.at(minute + 5)
        drill_actions.put_in(watch, drama.at(minute + 5), incident)
    yield drama.at(52)
    telling.report_situation(
        drama.who("service"), drama.at(52), incident, text="备用网关接管，抽拨正常", next_report=drama.at(120)
    )  # fmt: skip
    for task in incident.tasks[:4]:
        command.complete_task(drama.who("commander"), drama.at(54), incident, n=task.n, evidence="演练记录在案")
    for objective, rating, words in (
        ("report", "some", "模板翻找三分钟"),
        ("staff", "performed", "全员到岗"),
    ):
        drill_actions.observe(
            stage.of("quality")[0], drama.at(60), incident, objective=objective, rating=rating, words=words
        )  # fmt: skip
    yield drama.at(75)
    commander = drama.who("commander")
    for criterion in list(incident.criteria):
        telling.settle_criterion(commander, drama.at(75), incident, code=criterion["code"], how="演练判定")
    why = dict.fromkeys(CODES, "演练到此为止")
    command.end(commander, drama.at(75), incident, statement="演练结束，发现一项", why=why)
    yield from found(drama, incident)


def found(drama: Drama, incident: Incident) -> Act:
    """What the drill found becomes a measure, done and verified; the next drill tests it again."""
    commander, quality = drama.who("commander"), drama.stage.of("quality")[0]
    lead, at = drama.who("technical"), drama.at(1500)
    yield at
    review_actions.add_measure(
        commander, at, incident, text="情况通报模板放进预案首页", owner_id=lead.id, due=at + timedelta(days=20),
        retest=at + timedelta(days=75),
    )  # fmt: skip
    yield drama.at(20_000)
    review_actions.finish_measure(lead, drama.at(20_000), incident, n=1, evidence="模板已置首页")
    review_actions.verify_measure(
        quality, drama.at(20_000), incident, n=1, accepted=True, words="抽查三人均能即取"
    )  # fmt: skip


def planned(stage: Stage) -> Act:
    """The next drills."""
    at = stage.as_of - timedelta(days=2)
    yield at
    for days, kind, title in ((16, "hotline", "热线中断演练：复验与夜间实切"), (30, "system", "计费系统中断桌面演练")):
        drill_actions.plan(
            stage.people["dingqiang"], at, kind=kind, title=title, extent="many", place="总部", scenario=SCENE,
            planned=stage.as_of + timedelta(days=days), owner_id=stage.people["liuyang"].id, objectives={},
            injects=INJECTS,
        )  # fmt: skip
