"""Builders: each makes one valid thing through the actions that staff use, so that only reachable states exist."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.clocks import book
from portal.collaboration import actions as collaboration
from portal.identity import actions as people_actions
from portal.identity import queries as people
from portal.identity.actor import SYSTEM, Actor
from portal.identity.seed import seed_units
from portal.intake.actions import Request, take
from portal.kernel import feed
from portal.kernel.db import db
from portal.knowledge import seed as wording
from portal.proposals import book as proposals
from portal.satisfaction import actions as satisfaction
from portal.workflows import seed as flows
from portal.workflows.flow_models import FlowVersion

# Tuesday 2026-11-24 09:00 in Shanghai: the morning on which tests begin.
NINE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
PASSWORD_HASH = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$"  # replaced by conftest with a cheap real hash
_number = count(1)


def reference_data() -> None:
    """Units, calendars, policy and wording, as a fresh installation has them. Call inside transaction()."""
    book.seed(datetime(2025, 1, 1, tzinfo=UTC))
    seed_units()
    wording.seed(datetime(2025, 1, 1, tzinfo=UTC))
    proposals.seed(datetime(2025, 1, 1, tzinfo=UTC))
    flows.seed(datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))


def flows_in_force() -> None:
    """Puts the shipped flows into force, whatever departments there are. Call inside transaction()."""
    for row in db.session.scalars(select(FlowVersion)):
        row.state = "effective"
    feed.touch("flows", 0)


def make_person(
    *,
    role: str = "agent",
    unit: str | None = "service",
    name: str = "李敏",
    login: str = "",
    everywhere: bool = False,
) -> Actor:
    """A member of staff with one role in one unit (or everywhere)."""
    home = people.unit_by_code(unit).id if unit else None
    person = people_actions.add_person(
        SYSTEM, NINE, login=login or f"p{next(_number)}", name=name, password_hash=PASSWORD_HASH,
        roles=[(role, None if everywhere else home)], unit_id=home,
    )  # fmt: skip
    return people.actor_of(person)


def a_request(**changes: Any) -> Request:
    """A request with all four elements, received now unless said."""
    facts: dict[str, Any] = {
        "channel": "hotline",
        "contact": "13800130013",
        "customer_name": "王芳",
        "description": "移机后光猫 LOS 灯常亮红色，手机和电脑都不能上网，重启两次无效",
        "demand": "今天上门修好并减免当日费用",
        "happened": "2026-11-24 08:30",
        "received": NINE,
    }
    return Request(**(facts | changes))


def make_case(actor: Actor, now: datetime = NINE, **changes: Any) -> Case:
    """A logged case."""
    return take(actor, now, a_request(**({"received": now} | changes)))


def judged_case(
    agent: Actor,
    supervisor: Actor,
    *,
    level: str = "P3",
    now: datetime = NINE,
    unit: str | None = None,
    **changes: Any,
) -> Case:
    """A case that was logged and judged at once; `unit` names another lead department than the level's."""
    case = make_case(agent, now, **changes)
    lead = people.unit_by_code(unit).id if unit else None
    cases.judge(
        supervisor,
        now,
        case,
        level=level,
        impact="single",
        urgency="medium",
        harm=False,
        reason="按标准判定",
        unit_id=lead,
    )
    return case


def closed_case(
    agent: Actor,
    supervisor: Actor,
    handler: Actor,
    *,
    level: str = "P3",
    now: datetime = NINE,
    rating: int | None = 5,
    **changes: Any,
) -> Case:
    """A case led through the whole path to the archive within the hour."""
    case = judged_case(agent, supervisor, level=level, now=now, unit="tech", **changes)
    minutes = iter(range(5, 60, 5))

    def later() -> datetime:
        return now + timedelta(minutes=next(minutes))

    collaboration.claim(handler, later(), case)
    cases.contact(handler, later(), case, direction="out", means="phone", reached=True, words="已与客户通话核实现象")
    cases.write_result(
        handler,
        later(),
        case,
        text="更换光猫并重做光纤接头，测速正常",
        cause_category="equipment",
        cause="光猫老化",
    )
    cases.tell(handler, later(), case, means="phone", words="已告知处理结果")
    cases.confirm(agent, later(), case, verdict="satisfied", means="phone", words="可以上网了，满意")
    satisfaction.rate(agent, later(), case, overall=rating, means="phone")
    cases.close(agent, later(), case, outcome="confirmed")
    return case
