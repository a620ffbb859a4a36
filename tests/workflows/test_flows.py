"""WF1-WF4: every branch and every return of the shipped flows, walked; replaying gives the same rows."""

import pytest

from portal.journal import stream
from portal.kernel.db import transaction
from portal.workflows import actions, course
from portal.workflows.apply import apply
from portal.workflows.events import from_facts
from portal.workflows.models import WorkOrder
from portal.workflows.queries import order_to_change, way_of
from portal.workflows.shipped import FLOWS, shipped
from tests.builders import NINE
from tests.workflows.builders import crew, filled, first, found, led, raised
from tests.workflows.walking import picture

WATCHED = ("next_at", "told_step")  # the watch's, beside the journal


def ways_out(flow: str) -> list[tuple[str, str, dict[str, str]]]:
    """Every outcome of every decision of a flow: (decision, outcome, fields that lead there)."""
    found = []
    for step in shipped(flow).steps:
        for outcome in step.outcomes:
            found.append((step.code, outcome.code, {step.decided_by: outcome.code} if step.decided_by else {}))
    return found


def ways_back(flow: str) -> list[tuple[str, str, str]]:
    """Every return of a flow: (from, to, first reason)."""
    return [(s.code, r.to, r.reasons[0].code) for s in shipped(flow).steps for r in s.returns]


def same(order: WorkOrder) -> None:
    """The order's rows are what its journal gives."""
    again = WorkOrder(id=order.id)
    for line in stream.read(order.stream):
        apply(again, from_facts(line.kind, line.facts), line.at, line.by_id)
    one, two = picture(again), picture(order)
    for side in (one, two):
        for row in (side.order, *side.steps, *side.reservations):
            for name in WATCHED:
                row.pop(name, None)
    assert one == two


@pytest.mark.parametrize("flow", FLOWS)
def test_every_way_out_of_a_flow_is_walked_to_its_end(flow, engine, app, at, staff):
    boss = staff["supervisor"]
    with transaction():
        crew()
    taken, ends = set(), set()
    for decision, outcome, fields in ways_out(flow) or [("", "", {})]:
        if (decision, outcome) in taken:
            continue

        def choose(code, outcomes, decision=decision, outcome=outcome):
            way = steer(flow, code, outcomes, decision)
            return outcome if code == decision else way

        given = steering(flow, decision) | fields
        with transaction():
            no = raised(boss, flow, given=given).no
        led(boss, no, choose)
        order = found(no)
        assert order.state == "ended"
        assert not [s for s in order.steps if s.state == "open"]
        taken |= {(s.code, s.outcome) for s in order.steps if s.kind == "decision"}
        ends |= {s.code for s in order.steps if s.kind == "end"}
        same(order)
    assert {(d, o) for d, o, _ in ways_out(flow)} <= taken
    assert ends == {step.code for step in shipped(flow).steps if step.kind == "end"}


def steer(flow: str, code: str, outcomes: list[str], goal: str) -> str:
    """The outcome from which the goal can still be reached; the first one where it does not matter."""
    step = shipped(flow).step(code)
    for outcome in step.outcomes:
        if goal and any(goal in course.beyond(shipped(flow), follow) for follow in outcome.next):
            return outcome.code
    return outcomes[0]


def steering(flow: str, goal: str) -> dict[str, str]:
    """The fields from whose decisions the goal can be reached."""
    definition, found = shipped(flow), {}
    for step in definition.steps:
        if step.decided_by and goal in course.beyond(definition, step.code) - {step.code}:
            found[step.decided_by] = steer(flow, step.code, [o.code for o in step.outcomes], goal)
    return found


@pytest.mark.parametrize("flow", FLOWS)
def test_every_return_of_a_flow_leads_back_and_the_order_still_ends(flow, app, at, staff):
    boss = staff["supervisor"]
    with transaction():
        crew()
    for code, to, reason in ways_back(flow):
        with transaction():
            no = raised(boss, flow, given=steering(flow, code)).no
        led(boss, no, lambda c, outcomes, goal=code: steer(flow, c, outcomes, goal), until=code)
        with transaction():
            order = order_to_change(boss, no)
            n = course.rounds(order, code)[-1].n
            actions.send_back(boss, NINE, order, n, to=to, reason=reason)
        order = found(no)
        assert (course.rounds(order, to)[-1].state, course.rounds(order, to)[-1].round) == ("open", 2)
        assert order.returns == 1
        led(boss, no, first)
        order = found(no)
        assert order.state == "ended"
        same(order)


def test_a_running_order_keeps_the_version_it_began_with(app, at, staff):
    with transaction():
        crew()
        order = raised(staff["supervisor"], "verification")
        assert way_of(order).definition.version == order.flow_version == 1
    assert filled(shipped("verification").fields)
