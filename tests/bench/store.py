"""Stores for the benchmarks: staff, a few cases of each kind made by actions, and as many copies as wanted."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from portal.cases import actions as cases
from portal.collaboration import actions as together
from portal.identity.actor import Actor
from tests import builders

TITLES = (
    "总部专线全部中断，财务系统无法登录",
    "移机后宽带频繁掉线",
    "账单重复扣费，要求退回",
    "咨询企业邮箱扩容的办理材料",
)


def make_staff() -> dict[str, Actor]:
    """The people who use the portal while it is measured. Call inside transaction()."""
    person = builders.make_person
    return {
        "agent": person(role="agent", unit="service", login="bench_agent"),
        "supervisor": person(role="supervisor", unit="service", login="bench_supervisor", everywhere=True),
        "handler": person(role="handler", unit="tech", name="陈浩", login="bench_handler"),
    }


def make_templates(staff: dict[str, Actor], now: datetime) -> list[int]:
    """One open case of each kind, made by actions at `now`. Call inside transaction()."""
    made = []
    for number, level in enumerate(("P1", "P2", "P3", "P4")):
        case = builders.judged_case(
            staff["agent"],
            staff["supervisor"],
            level=level,
            now=now,
            unit="tech",
            title=TITLES[number],
            channel="email",
        )
        made.append(case.id)
    held = [
        builders.judged_case(staff["agent"], staff["supervisor"], level="P2", now=now, unit="tech", title=t)
        for t in TITLES[:3]
    ]
    handler = staff["handler"]
    for number, case in enumerate(held):
        later = now + timedelta(minutes=2)
        together.claim(handler, later, case)
        cases.contact(handler, later, case, direction="out", means="phone", reached=True, words="已联系客户")
        if number == 1:
            together.pause(handler, later, case, reason="customer", words="等待客户资料")
        if number == 2:
            cases.write_result(
                handler, later, case, text="更换端口后恢复正常", cause_category="equipment", cause="端口故障"
            )
    return made + [case.id for case in held]


def spread(
    count: int, kinds: int, departments: list[int], *, seed: int = 1
) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """A plan of copies: every kind, moved up to five days, over these departments."""
    chance = random.Random(seed)
    for number in range(count):
        yield chance.randrange(kinds), chance.randrange(5 * 86_400), {"unit_id": departments[number % len(departments)]}


def case_with_history(staff: dict[str, Actor], now: datetime, entries: int) -> str:
    """The number of a case with about this many entries in its journal. Call inside transaction()."""
    case = builders.judged_case(staff["agent"], staff["supervisor"], level="P3", now=now, unit="tech")
    together.claim(staff["handler"], now, case)
    for number in range(entries - 3):
        cases.note(
            staff["handler"], now + timedelta(minutes=number), case, text=f"第 {number} 次记录：已联系机房核对端口"
        )
    return str(case.no)
