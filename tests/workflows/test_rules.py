"""WF5: what begins when, joins, returns and rounds, clocks of steps; replaying the events gives the same order."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Invalid, Refused, Stale
from portal.kernel.instants import epoch
from portal.workflows import course, rules, sheet_rules
from portal.workflows.events import from_facts
from portal.workflows.shipped import FLOWS, shipped
from tests.laws import tried
from tests.workflows.walking import UNITS, Walk, picture, replayed, small


def to_branch(walk: Walk) -> Walk:
    """Up to the parallel branches."""
    walk.do("ask", need="100M")
    walk.decide("fits", "yes")
    for n in walk.send("verify", "business", "improvement", "省公司"):
        walk.answer(n)
    walk.do("verify")
    return walk


def test_an_order_runs_to_its_end_by_the_definition():
    walk = to_branch(Walk(small(), area="in"))
    assert walk.open == ["data", "build"]  # the field decided by itself
    walk.do("data", vlan="120")
    assert walk.open == ["build"]
    walk.do("build")
    walk.do("review", ok="1")
    assert (walk.order.state, walk.order.result, walk.open) == ("ended", "completed", [])
    assert walk.at("data").facts == {"vlan": 120}


def test_the_way_out_no_ends_the_order():
    walk = Walk(small())
    walk.do("ask", need="x")
    walk.decide("fits", "no")
    assert (walk.order.state, walk.order.result) == ("ended", "declined")


def test_a_decision_whose_field_says_nothing_is_taken_by_a_person():
    walk = to_branch(Walk(small()))
    assert walk.open == ["branch"]
    walk.decide("branch", "out")
    assert walk.open == ["data", "build", "far"]


def test_a_join_begins_once_when_all_it_waits_for_are_done():
    walk = to_branch(Walk(small(), area="in"))
    walk.do("build")
    assert "review" not in walk.open
    walk.do("data", vlan="1")
    assert walk.open == ["review"]
    assert len(course.rounds(walk.order, "review")) == 1


def test_a_return_does_anew_what_lies_between_and_leaves_the_other_branch():
    walk = to_branch(Walk(small(), area="in"))
    walk.do("build")
    walk.do("data", vlan="1")
    walk.back("review", "data", "wrong")
    assert (walk.open, walk.order.returns, walk.at("data").round) == (["data"], 1, 2)
    assert course.standing(walk.order, "build") == "done"
    walk.do("data", vlan="2")
    assert (walk.open, walk.at("review").round) == (["review"], 2)
    walk.back("review", "verify", "unclear")
    assert walk.open == ["verify"]
    assert course.standing(walk.order, "build") == ""  # it lay behind: done anew
    assert walk.at("verify").round == 2


def test_a_return_to_a_step_that_was_sent_back_and_is_not_done_is_refused():
    walk = to_branch(Walk(small(), area="out"))
    walk.do("build")
    walk.do("data", vlan="1")
    n = walk.at("review").n
    walk.back("review", "data", "wrong")
    with pytest.raises(Stale):  # the same step once more
        rules.send_back(walk.order, n, walk.way, walk.now, to="data", reason="wrong")
    walk.at("review").state = "open"  # as another reviewer's step would be
    with pytest.raises(Refused, match="returned_already"):
        rules.send_back(walk.order, n, walk.way, walk.now, to="data", reason="wrong")


def test_a_step_is_done_once():
    walk = Walk(small())
    n = walk.at("ask").n
    walk.do("ask", need="x")
    with pytest.raises(Stale):
        rules.complete(walk.order, n, walk.way, walk.now, given={"need": "x"})


@pytest.mark.parametrize(
    ("code", "given", "field"),
    [("ask", {}, "need"), ("data", {"vlan": "many"}, "vlan"), ("data", {"vlan": "nan"}, "vlan"), ("review", {}, "ok")],
)
def test_missing_or_unreadable_evidence_names_its_field(code, given, field):
    walk = Walk(small(), area="in")
    if code != "ask":
        to_branch(walk)
    if code == "review":
        walk.do("build")
        walk.do("data", vlan="1")
    with pytest.raises(Invalid) as refused:
        rules.complete(walk.order, walk.at(code).n, walk.way, walk.now, given=given)
    assert refused.value.facts["field"] == field


def test_shares_of_the_whole_limit_are_working_time_of_the_order():
    walk = Walk(small())
    calendar = walk.way.calendars["cn-business"]
    start, due = epoch(walk.order.started_at), epoch(walk.order.due_at)
    budget = calendar.between(start, due)
    assert calendar.between(start, epoch(walk.at("ask").due_at)) == budget // 10
    assert epoch(walk.order.due_at) == calendar.end_of_working_day(start, 10)


def test_the_customers_class_changes_the_whole_limit_and_with_it_every_share():
    plain, vip = Walk(small()), Walk(small(), customer_class="vip")
    assert vip.order.due_at < plain.order.due_at
    assert vip.at("ask").due_at < plain.at("ask").due_at


def test_a_pause_moves_every_open_clock_and_the_whole():
    walk = Walk(small())
    before, whole = walk.at("ask").due_at, walk.order.due_at
    walk.say(rules.pause(walk.order, walk.way, walk.now, words="客户要求改期", until=None))
    assert walk.order.next_at is None
    walk.later(hours=1)
    walk.say(rules.resume(walk.order, walk.way, walk.now))
    assert walk.at("ask").due_at > before
    assert walk.order.due_at > whole


def test_a_step_begins_its_clock_when_the_work_reaches_it():
    late, soon = Walk(small()), Walk(small())
    late.later(days=20).do("ask", need="x")
    soon.do("ask", need="x")
    calendar = late.way.calendars["cn-business"]
    spans = [calendar.between(epoch(w.at("fits").started_at), epoch(w.at("fits").due_at))
             for w in (late, soon)]  # fmt: skip
    assert spans[0] == spans[1] == 4 * 3600
    assert late.at("ask").late > 0
    late.decide("fits", "yes")
    assert late.at("fits").late == 0


def test_a_late_answer_does_not_blame_the_collector():
    walk = Walk(small())
    walk.do("ask", need="x")
    walk.decide("fits", "yes")
    (sheet,) = walk.send("verify", "business")
    due = walk.at("verify").due_at
    assert walk.order.step(sheet).due_at == walk.at("verify").warn_at
    walk.later(days=30).answer(sheet)
    assert walk.at("verify").due_at > due
    assert walk.at("verify").received_late == walk.order.step(sheet).late > 0
    walk.do("verify")
    assert walk.at("verify").late == 0


def test_sheets_go_out_once_a_unit_and_an_incomplete_answer_goes_back():
    walk = Walk(small())
    walk.do("ask", need="x")
    walk.decide("fits", "yes")
    sheets = walk.send("verify", "business", "省公司")
    with pytest.raises(Refused, match="sheet_sent_already"):
        walk.send("verify", "business")
    with pytest.raises(Refused, match="sheets_open"):
        walk.do("verify")
    for n in sheets:
        walk.answer(n)
    for event in sheet_rules.ask_again(walk.order, sheets[0], walk.way, walk.now, "缺光缆段"):
        walk.say(event)
    again = rules.sheets_of(walk.order, walk.at("verify").n)
    assert [(s.part, s.round, s.state) for s in again] == [(1, 2, "open"), (2, 1, "done")]
    with pytest.raises(Refused, match="sheets_open"):
        walk.do("verify")
    walk.answer(again[0].n)
    walk.do("verify")
    assert walk.order.returns == 1


def test_a_handed_over_step_begins_its_clock_anew():
    walk = Walk(small())
    walk.later(days=3)
    n, before = walk.at("ask").n, walk.at("ask").due_at
    walk.say(rules.hand_over(walk.order, n, walk.way, walk.now, unit_id=UNITS["tech"], reason="部门合并"))
    assert walk.at("ask").due_at > before
    assert walk.at("ask").spans[0][0] == UNITS["service"]


def one_of(draw, items):
    """One of some things; the first where nothing draws."""
    return draw(st.sampled_from(items)) if draw else items[0]


def some(walk: Walk, draw=None) -> None:
    """One thing that can be done now: whatever is drawn, or the first that leads on."""
    ready = [s for s in walk.order.steps if s.state == "open" and not any(o.state == "open" for o in sheets(walk, s))]
    step = one_of(draw, ready)
    walk.later(minutes=draw(st.integers(0, 3000)) if draw else 30)
    defined = walk.way.definition.step(step.code)
    if step.kind == "sheet":
        walk.answer(step.n)
        return
    back = [
        r for r in defined.returns if course.rounds(walk.order, r.to) and course.standing(walk.order, r.to) != "open"
    ]
    if draw and back and draw(st.integers(0, 2)) == 0:
        chosen = one_of(draw, back)
        walk.back(step.code, chosen.to, chosen.reasons[0].code)
        return
    if step.kind == "sheets" and not sheets(walk, step):
        offered = [code for code in defined.units if code in UNITS][:2] or ["business"]
        walk.send(step.code, *offered, "省公司")
        return
    walk.prepare(step.code)
    if step.kind == "decision":
        walk.decide(step.code, one_of(draw, defined.outcomes).code, **given_for(walk, step, defined))
    else:
        walk.do(step.code, **given_for(walk, step, defined))


def sheets(walk: Walk, step):
    """The sheets of a step that count."""
    return rules.sheets_of(walk.order, step.n)


def given_for(walk: Walk, step, defined) -> dict[str, str]:
    """Everything a step asks for."""
    values = {"number": "12", "date": "2026-12-01", "check": "1", "text": "好"}
    found = {}
    for one in defined.evidence:
        found[one.code] = one.choices[0].code if one.kind == "choice" else values.get(one.kind, "")
    return found


FLOWS_TRIED = [small(), *(shipped(flow) for flow in FLOWS)]


@tried(150)
@given(data=st.data())
def test_replay_is_the_row_over_random_walks_and_no_order_hangs(data):
    definition = data.draw(st.sampled_from(FLOWS_TRIED))
    given_fields = {}
    for one in definition.fields:
        if one.kind == "choice":
            given_fields[one.code] = data.draw(st.sampled_from(one.choices)).code
    walk = Walk(definition, **given_fields)
    for _ in range(data.draw(st.integers(0, 40))):
        if walk.order.state == "ended":
            break
        some(walk, data.draw)
        assert len(walk.open) == len(set(walk.open))  # never twice at once
    for _ in range(120):
        if walk.order.state == "ended":
            break
        some(walk)
    assert walk.order.state == "ended"
    assert not walk.open
    through_json = [
        (from_facts(type(event).__name__, json.loads(json.dumps(asdict(event)))), at) for event, at in walk.said
    ]
    assert picture(replayed(through_json)) == picture(walk.order)
