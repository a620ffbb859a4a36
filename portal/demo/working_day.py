"""The demonstration's working day: a week of the duty roster, somebody who is away."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from portal.demo.play import Stage
from portal.identity import absence_actions
from portal.identity import queries as people
from portal.kernel.i18n import local
from portal.roster import actions as roster

Act = Iterator[datetime]
# unit, who enters, role on duty, shifts of a day: kind, first hour, hours, whose turn (by day of the week)
ROSTER = (
    ("service", "sunmei", "agent", (
        ("hotline", 8, 8, ("limin", "sunyue", "tianxin")), ("hotline", 16, 8, ("sunyue", "tianxin", "limin")),
    )),
    ("tech", "liuyang", "handler", (("desk", 8, 10, ("chenhao", "gaofei")), ("night", 18, 14, ("gaofei", "chenhao")))),
    ("hq", "zhoujianguo", "watch", (("command", 8, 12, ("dingqiang",)),)),
)  # fmt: skip
NOTE = "计费系统故障处置中，缴费类诉求统一按公告口径答复；P2 工单已逐单电话告知客户进展。"


def all_of(stage: Stage) -> list[Act]:
    """Everything of the working day, as acts to be played among the cases."""
    return [week(stage), away(stage)]


def week(stage: Stage) -> Act:
    """The shifts of the present week, entered on the Friday before, and a note left an hour ago."""
    here = local(stage.as_of).replace(hour=0, minute=0, second=0)
    monday = here - timedelta(days=here.weekday())
    entered, running = monday - timedelta(days=3) + timedelta(hours=15), None
    yield entered
    for unit, editor, role, shifts in ROSTER:
        for day in range(7):
            for kind, hour, hours, turns in shifts:
                begin = monday + timedelta(days=day, hours=hour)
                shift = roster.add(
                    stage.people[editor], entered, unit_id=stage.units[unit],
                    person_id=stage.people[turns[day % len(turns)]].id, role=role, kind=kind, begin=begin,
                    end=begin + timedelta(hours=hours),
                )  # fmt: skip
                if shift.from_at <= stage.as_of < shift.to_at and running is None:
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
