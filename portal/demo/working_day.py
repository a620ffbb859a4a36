"""The demonstration's working day: roster, somebody who is away, an announcement, a hand-over sheet that waits."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from portal.collaboration import shift_actions
from portal.demo.play import Stage
from portal.desk import handover
from portal.identity import queries as people
from portal.incidents.queries import running
from portal.kernel.i18n import local
from portal.notices import announcement_actions
from portal.roster import absence_actions
from portal.roster import actions as roster

Act = Iterator[datetime]
# unit, who enters, role on duty, shifts of a day: kind, first hour, hours, whose turn (by day of the week)
ROSTER = (
    ("service", "sunmei", "agent", (
        ("hotline", 8, 8, ("limin", "sunyue", "tianxin")), ("hotline", 16, 8, ("sunyue", "tianxin", "limin")),
    )),
    ("tech", "liuyang", "handler", (("desk", 8, 10, ("chenhao", "gaofei")), ("night", 18, 14, ("gaofei", "chenhao")))),
    ("hq", "zhoujianguo", "watch", (("command", 8, 12, ("dingqiang",)),)),
    ("netops", "jiangtao", "handler", (("desk", 8, 10, ("penglei",)),)),
    ("business", "shenhong", "handler", (("desk", 8, 10, ("wanglina",)),)),
    ("improvement", "yaobin", "handler", (("desk", 8, 10, ("songjia",)),)),
    ("enterprise", "dengyu", "handler", (("desk", 8, 10, ("luxiaomin",)),)),
    ("logistics", "caolei", "handler", (("field", 8, 10, ("qiandong",)),)),
    ("quality", "tanwen", "quality", (("desk", 8, 10, ("hejing",)),)),
    ("construction", "tongbo", "handler", (("desk", 8, 10, ("jinhai",)),)),
    ("purchasing", "jiyun", "handler", (("desk", 8, 10, ("yupei",)),)),
    ("upper", "moxin", "handler", (("desk", 8, 10, ("shizheng",)),)),
)  # fmt: skip
STANDBY = (  # who is called for the roles of the emergency plan; entered for two weeks, so that gaps lie far ahead
    ("hq", "zhoujianguo", "commander", (("command", 8, 12, ("zhaozhiyuan",)), ("standby", 20, 12, ("weidong",)))),
    ("service", "sunmei", "responder", (("standby", 8, 12, ("maxiaodong",)),)),
    ("service", "sunmei", "supervisor", (("standby", 20, 12, ("zhoujianguo",)),)),
    ("tech", "liuyang", "head", (("standby", 8, 12, ("liuyang",)),)),
    ("netops", "jiangtao", "head", (("standby", 20, 12, ("jiangtao",)),)),
)
SAID = (
    "计费系统故障期间的统一口径",
    "充值、缴费暂时无法实时到账，款项不会丢失，系统恢复后自动入账，请勿重复缴费；因此停机的号码，登记后先行复机。",
)
NOTE = "计费系统故障处置中，缴费类诉求统一按公告口径答复；P2 工单已逐单电话告知客户进展。"


def all_of(stage: Stage) -> list[Act]:
    """Everything of the working day, as acts to be played among the cases."""
    return [week(stage), away(stage), announced(stage), handed_over(stage)]


def week(stage: Stage) -> Act:
    """The shifts of all departments in the present week, entered on the Friday before, and a note left an hour ago."""
    here = local(stage.as_of).replace(hour=0, minute=0, second=0)
    monday = here - timedelta(days=here.weekday())
    entered, running = monday - timedelta(days=3) + timedelta(hours=15), None
    yield entered
    for days, (unit, editor, role, shifts) in [*((7, row) for row in ROSTER), *((14, row) for row in STANDBY)]:
        for day in range(days):
            for kind, hour, hours, turns in shifts:
                begin = monday + timedelta(days=day, hours=hour)
                shift = roster.add(
                    stage.people[editor], entered, unit_id=stage.units[unit],
                    person_id=stage.people[turns[day % len(turns)]].id, role=role, kind=kind, begin=begin,
                    end=begin + timedelta(hours=hours),
                )  # fmt: skip
                if unit == "service" and shift.from_at <= stage.as_of < shift.to_at and running is None:
                    running = shift
    if running:
        yield stage.as_of - timedelta(minutes=40)
        roster.note(stage.people["sunmei"], stage.as_of - timedelta(minutes=40), running, NOTE)


def away(stage: Stage) -> Act:
    """One handler is on a course since this morning; a colleague of the department stands in."""
    begin = local(stage.as_of).replace(hour=8, minute=30, second=0)
    entered = stage.as_of - timedelta(days=2)
    yield entered
    fan, wang = stage.people["fanyong"], stage.people["wanglina"]
    absence_actions.enter(
        fan, entered, people.person(fan.id), deputy_id=wang.id, begin=begin, end=begin + timedelta(days=2),
        words="外出培训",
    )  # fmt: skip


def announced(stage: Stage) -> Act:
    """The wording about the emergency that is going on; some have confirmed reading it."""
    at = stage.as_of - timedelta(minutes=80)
    yield at
    going = running()
    made = announcement_actions.publish(
        stage.people["zhoujianguo"], at, title=SAID[0], wording=SAID[1], unit_id=None, begin=at,
        end=at + timedelta(hours=12), incident_no=going[-1][1] if going else "",
    )  # fmt: skip
    for minute, login in enumerate(("limin", "sunyue", "wanglina", "liuyang", "chenhao")):
        yield at + timedelta(minutes=4 + 6 * minute)
        announcement_actions.confirm(stage.people[login], at + timedelta(minutes=4 + 6 * minute), made)


def handed_over(stage: Stage) -> Act:
    """A sheet of the technical department, given twenty minutes ago and not accepted yet."""
    at = stage.as_of - timedelta(minutes=20)
    yield at
    unit = stage.units["tech"]
    until = handover.until_of(unit, at)
    shift_actions.give(
        stage.people["gaofei"], at, unit_id=unit, until=until, lines=handover.lines(unit, at, until),
        facts=handover.facts(unit, at), note="二期机房备件已到，钥匙在值班室。",
    )  # fmt: skip
