"""Group customers of the demonstration: eight firms with services, contacts, dossiers, a year's plan, five projects."""

import io
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from portal.attachments.taking import Taken, take
from portal.corporate import actions, due_actions, due_rules, project_actions
from portal.corporate.models import GroupFile, Project
from portal.demo.attached import picture
from portal.demo.customers import FIRMS, number_of
from portal.demo.play import Stage
from portal.directory import actions as directory
from portal.directory import queries as customers
from portal.identity.actor import SYSTEM, Actor
from portal.kernel.db import read
from portal.kernel.i18n import local

ORDERS = "SELECT no, started_at FROM work_order WHERE customer_id = :customer ORDER BY id LIMIT :most"
MONTHLY, QUARTERLY = tuple(range(1, 13)), (3, 6, 9, 12)


class Firm(NamedTuple):
    """A group customer: which of the firms, its facts, who looks after it, its people, its lines."""

    number: int
    trade: str
    address: str
    lead: str
    people: tuple[tuple[str, str, str], ...]  # duty, name, mobile
    lines: tuple[tuple[str, str, str, str, str, str], ...]  # kind, circuit, bandwidth, end A, end Z, since
    upkeep: tuple[tuple[str, tuple[int, ...]], ...]
    reports: tuple[tuple[str, str], ...]  # kind, how often


FIRM = (
    Firm(0, "装备制造", "临港物流园 8 号", "penglei", (("technical", "沈国强", "13812340031"),
         ("decision", "林建平", "13912340032")),
         (("data", "HZ-MPLS-0031", "500 Mbit/s", "总部机房 3 层", "临港分厂配线间", "2024-03-01"),
          ("internet", "HZ-INT-0117", "200 Mbit/s", "总部机房 3 层", "城域网出口", "2023-11-15")),
         (("机房巡检", MONTHLY), ("备用路由倒换演练", QUARTERLY)), (("operation", "month"), ("analysis", "half"))),
    Firm(1, "连锁零售", "城东锦绣苑商业街 1 号", "penglei", (("technical", "吕文静", "13712340041"),),
         (("data", "HZ-MPLS-0058", "20 Mbit/s × 36 店", "配送中心", "各门店", "2022-06-18"),),
         (("门店终端抽检", QUARTERLY),), (("operation", "quarter"), ("fault", "quarter"))),
    Firm(2, "教育培训", "大学城丹桂苑 12 幢", "gaofei", (("technical", "何晓峰", "13612340052"),),
         (("internet", "HZ-INT-0142", "1 Gbit/s", "教学楼弱电间", "城域网出口", "2025-02-20"),),
         (("出口带宽巡检", QUARTERLY),), (("operation", "quarter"),)),
    Firm(3, "医疗卫生", "湖滨路中段 66 号", "penglei", (("technical", "郑海燕", "13512340063"),
         ("decision", "胡立新", "13512340064"), ("finance", "梁淑芬", "13512340065")),
         (("data", "HZ-MPLS-0009", "1 Gbit/s", "门诊楼信息科", "市医保中心", "2021-09-01"),
          ("cloud", "HZ-CLD-0021", "300 Mbit/s", "门诊楼信息科", "省卫健云", "2024-07-12"),
          ("voice", "HZ-SIP-0044", "60 路", "门诊楼信息科", "软交换", "2020-05-06")),
         (("核心设备巡检", MONTHLY), ("应急电源测试", QUARTERLY)), (("operation", "month"), ("fault", "quarter"))),
    Firm(4, "冷链物流", "临港物流园 21 号", "gaofei", (("technical", "邓永康", "13412340074"),),
         (("data", "HZ-MPLS-0077", "50 Mbit/s", "冷库调度室", "云帆数据中心", "2023-04-10"),
          ("sms", "HZ-SMS-0012", "50 条/秒", "调度系统", "短信网关", "2023-04-10")),
         (("链路质量测试", QUARTERLY),), (("operation", "quarter"),)),
    Firm(5, "新材料", "开发区银杏大道 108 号", "chenhao", (("technical", "宋一鸣", "13312340085"),),
         (("idc", "HZ-IDC-0033", "2 机柜 / 100 Mbit/s", "华泽总部", "城北数据中心 B 区", "2022-12-01"),),
         (("机柜温湿度检查", QUARTERLY),), (("operation", "quarter"), ("analysis", "year"))),
    Firm(8, "汽车零部件", "开发区银杏大道 39 号", "chenhao", (("technical", "蔡德明", "13212340096"),),
         (("data", "HZ-MPLS-0102", "100 Mbit/s", "一号厂区", "二号厂区", "2025-08-08"),),
         (("厂区互联巡检", QUARTERLY),), (("operation", "quarter"),)),
    Firm(15, "文化旅游", "老城鼓楼街 3 号", "penglei", (("technical", "贾雨桐", "15812340107"),),
         (("internet", "HZ-INT-0160", "500 Mbit/s", "游客中心", "城域网出口", "2024-10-01"),
          ("cloud", "HZ-CLD-0035", "100 Mbit/s", "游客中心", "文旅云", "2025-05-20")),
         (("节前保障检查", (1, 4, 9, 12)),), (("operation", "quarter"),)),
)  # fmt: skip
PLANS = (
    (0, "总部至临港分厂双路由改造", 35, "under_way", "一期光缆已敷设，二期等待路由许可"),
    (3, "医保专线加装备用链路", -12, "done", "备用链路已开通，倒换时间 180 毫秒，客户已确认"),
    (4, "冷库无线回传替换为光纤", 20, "proposed", ""),
    (1, "门店接入统一改为双栈", -5, "agreed", "客户同意，等待终端到货"),
)  # firm, what, due so many days from now, phase, words
# firm, name, aim, state, milestones (title, due days from now, done, slipped from), tasks, how many of its orders
PROJECTS = (
    (3, "互联网医院专线支撑", "医保、卫健云和互联网医院三网隔离", "running",
     (("需求确认", -70, True, 0), ("方案会审", -38, True, -48), ("割接上线", 14, False, 0)),
     (("机房电源勘察", -40, True), ("割接方案编写", 5, False)), 2),
    (0, "临港分厂二期组网", "二期厂房 5 个车间接入", "running",
     (("现场勘察", -30, True, 0), ("设备到货", -4, False, -20)), (("施工许可办理", -2, False),), 1),
    (7, "国庆假期重要活动保障", "游客中心与票务系统重保", "ended",
     (("保障方案批准", -75, True, 0), ("保障结束", -46, True, 0)), (("备件前移", -68, True),), 0),
    (5, "城北数据中心扩容", "新增 2 个机柜，带宽加倍", "paused", (("机柜交付", 40, False, 10),), (), 0),
    (6, "一二号厂区双活试点", "生产系统双活，网络时延低于 2 毫秒", "planned", (("立项评审", 21, False, 0),), (), 0),
)  # fmt: skip


def furnished(stage: Stage) -> None:
    """Everything of them. Call inside transaction()."""
    files = [_firm(stage, n, firm) for n, firm in enumerate(FIRM)]
    for n, what, days, phase, words in PLANS:
        _plan(stage, files[n], what, days, phase, words)
    for project in PROJECTS:
        _project(stage, files[project[0]], *project[1:])


def _at(stage: Stage, day: date, hour: int = 10) -> datetime:
    """An instant of that day, never later than now."""
    here = local(stage.as_of)
    return min(stage.as_of, here.replace(year=day.year, month=day.month, day=day.day, hour=hour, minute=0, second=0))


def _paper(title: str) -> Taken:
    """A page of PDF that says what it is."""
    text = f"BT /F1 18 Tf 72 760 Td ({title}) Tj ET"
    parts = (
        "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(text)}>>stream\n{text}\nendstream", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )  # fmt: skip
    body = "".join(f"{n} 0 obj{part}endobj\n" for n, part in enumerate(parts, 1))
    return take(io.BytesIO(f"%PDF-1.4\n{body}trailer<</Root 1 0 R/Size 6>>\n%%EOF\n".encode()), "服务报告.pdf")


def _firm(stage: Stage, n: int, firm: Firm) -> GroupFile:
    """One firm's file, with the year's plan lived up to now."""
    head, manager = stage.people["dengyu"], stage.people[("luxiaomin", "dengyu")[n % 2]]
    year = local(stage.as_of).year
    now = _at(stage, date(year, 1, 5))
    name, identity = FIRMS[firm.number][0], number_of(firm.number)
    known = directory.recognise(SYSTEM, now, name=name, identity=identity, category="company")
    file = actions.open_file(
        head, now, customers.customer(known.id), unit_id=stage.units["enterprise"], manager_id=manager.id,
        trade=firm.trade, address=firm.address, contract_no=f"JK-{year - 1}-{100 + 7 * n:04d}",
        contract_from=f"{year - 1}-04-01", contract_until=f"{year + 1 + n % 2}-03-31",
    )  # fmt: skip
    for kind, circuit, width, end_a, end_z, since in firm.lines:
        actions.set_service(
            head, now, file, kind=kind, circuit_no=circuit, bandwidth=width, end_a=end_a, end_z=end_z, since=since,
            state="in_use", order_no=f"KT{since[:4]}-{circuit[-4:]}", note="",
        )  # fmt: skip
    lead = stage.people[firm.lead]
    _contacts(head, now, file, firm, manager, lead, n)
    plan = take(io.BytesIO(picture(n)), "网络拓扑.png")
    actions.file_document(head, now, file, plan, topic="topology", title="现网拓扑图")
    for title, months in firm.upkeep:
        due_actions.plan(head, now, file, kind="maintenance", title=title, spans=due_rules.months(year, months),
                         owner_id=lead.id)  # fmt: skip
    for code, every in firm.reports:
        title = {"operation": "专线运行报告", "fault": "故障分析报告", "analysis": "网络质量分析报告"}[code]
        due_actions.plan(head, now, file, kind="report", code=code, title=title, owner_id=lead.id,
                         spans=due_rules.periods(year, every, 10))  # fmt: skip
    _lived(stage, n, file, lead)
    return file


def _contacts(
    head: Actor, now: datetime, file: GroupFile, firm: Firm, manager: Actor, lead: Actor, n: int
) -> None:  # fmt: skip
    """The people on both sides; our technical contact with a mobile number."""
    for duty, name, mobile in firm.people:
        actions.name_contact(head, now, file, side="theirs", duty=duty, name=name, mobile=mobile, email="", note="")
    for duty, one, mobile in (("technical", lead, f"1890571{n:04d}"), ("manager", manager, f"1891571{n:04d}")):
        actions.name_contact(
            head, now, file, person_id=one.id, side="ours", duty=duty, name="", mobile=mobile,
            email=f"{one.login}@example.com", note="7×24" if duty == "technical" else "",
        )  # fmt: skip


def _lived(stage: Stage, n: int, file: GroupFile, lead: Actor) -> None:
    """What became of all that was due: mostly done in time, some late, a few still open though overdue."""
    ended = []
    for due in file.dues:
        turn = (n * 5 + due.n) % 11
        day = local(due.due_at).date() + timedelta(days=3 if turn == 4 else -2)
        open_still = turn == 7 and due.due_at > stage.as_of - timedelta(days=70)
        if day <= local(stage.as_of).date() and not open_still:
            ended.append((day, turn, due))
    for day, turn, due in sorted(ended, key=lambda one: (one[0], one[2].n)):
        at = _at(stage, day, 15)
        if due.kind == "report":
            due_actions.finish(lead, at, file, due.n, taken=_paper(f"{due.code} report {due.period}"))
        else:
            due_actions.finish(lead, at, file, due.n, words="正常" if turn != 2 else "更换风扇 1 只，其余正常")


def _plan(stage: Stage, file: GroupFile, what: str, days: int, phase: str, words: str) -> None:
    """An optimisation plan, as far as it is."""
    head, here = stage.people["dengyu"], local(stage.as_of).date()
    due_day = here + timedelta(days=days)
    due_actions.plan(head, _at(stage, here - timedelta(days=60)), file, kind="optimisation", title=what,
                     spans=[("", due_day)])  # fmt: skip
    n, at = file.last_n, _at(stage, min(here - timedelta(days=3), due_day - timedelta(days=1)))
    if phase == "done":
        due_actions.finish(head, at, file, n, words=words)
    elif phase != "proposed":
        due_actions.advance(head, at, file, n, phase=phase, words=words)


def _project(
    stage: Stage, file: GroupFile, name: str, goal: str, state: str,
    milestones: tuple[tuple[str, int, bool, int], ...], tasks: tuple[tuple[str, int, bool], ...],
    orders: int,
) -> None:  # fmt: skip
    """A project with what has been reached, what slipped, and where it stands, in the order of time."""
    head, leader, here = stage.people["dengyu"], stage.people["luxiaomin"], local(stage.as_of).date()
    begun = _at(stage, here - timedelta(days=90))
    project = project_actions.open_project(head, begun, file, name=name, leader_id=leader.id, goal=goal)
    steps: list[tuple[datetime, Callable[[datetime], None]]] = []
    for title, days, done, slipped in (*milestones, *((*task, 0) for task in tasks)):
        kind = "milestone" if (title, days, done, slipped) in milestones else "task"
        first = here + timedelta(days=slipped or days)
        due_actions.plan(head, begun, project, kind=kind, title=title, spans=[("", first)])
        steps += _became(stage, project, project.last_n, leader, days, done=done, slipped=slipped)
    if state != "planned":
        project_actions.move(head, begun + timedelta(days=3), project, state="running", reason="")
    for no, started in read(ORDERS, {"customer": file.customer_id, "most": orders}):
        at = datetime.fromtimestamp(started, stage.as_of.tzinfo) + timedelta(hours=1)
        steps.append((at, _linked(head, project, no)))
    for at, step in sorted(steps, key=lambda one: one[0]):
        step(at)
    if state in ("paused", "ended"):
        reason = "客户机房改造，约定下季度恢复" if state == "paused" else ""
        project_actions.move(head, stage.as_of - timedelta(days=5), project, state=state, reason=reason)


def _linked(head: Actor, project: Project, no: str) -> Callable[[datetime], None]:
    """The deed that links an order to the project."""
    return lambda at: project_actions.link_order(head, at, project, no=no)


def _became(
    stage: Stage, project: Project, n: int, leader: Actor, days: int, *, done: bool, slipped: int
) -> Iterator[tuple[datetime, Callable[[datetime], None]]]:  # fmt: skip
    """What becomes of a milestone or task: (when, the deed)."""
    here = local(stage.as_of).date()
    if slipped:
        at = _at(stage, min(here - timedelta(days=6), here + timedelta(days=slipped - 1)))
        day = here + timedelta(days=days)
        yield at, lambda at: due_actions.move(leader, at, project, n, day=day, reason="设备到货推迟")
    if done:
        words = "已完成，客户书面确认"
        at = _at(stage, here + timedelta(days=days - 1), 16)
        yield at, lambda at: due_actions.finish(leader, at, project, n, words=words)
