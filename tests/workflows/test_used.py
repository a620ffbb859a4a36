"""SL4, WF3: whose time an order used, and whose its lateness is."""

from portal.kernel.instants import epoch
from portal.workflows import rules, used
from tests.workflows.walking import CALENDARS, UNITS, Walk, small

HOUR = 3600


def at_verify() -> Walk:
    walk = Walk(small(), area="in")
    walk.do("ask", need="x")
    walk.decide("fits", "yes")
    return walk


def test_time_is_the_unit_s_while_it_holds_the_step():
    walk = Walk(small())
    walk.later(hours=2).do("ask", need="x")
    walk.later(hours=1).decide("fits", "no")
    assert used.by_unit(walk.order, CALENDARS, epoch(walk.now)) == {UNITS["service"]: 3 * HOUR}


def test_while_sheets_are_out_the_time_is_theirs():
    walk = at_verify()
    walk.later(hours=1)
    sheets = walk.send("verify", "business", "省公司")
    walk.later(hours=1).answer(sheets[0])
    walk.later(hours=1).answer(sheets[1])
    spent = used.by_unit(walk.order, CALENDARS, epoch(walk.now))
    assert spent == {UNITS["tech"]: HOUR, UNITS["business"]: HOUR, used.ELSEWHERE: 2 * HOUR}


def test_a_pause_is_nobodys_time():
    walk = Walk(small())
    walk.later(hours=1).say(rules.pause(walk.order, walk.way, walk.now, words="客户改期", until=None))
    walk.later(hours=1).say(rules.resume(walk.order, walk.way, walk.now))
    assert used.by_unit(walk.order, CALENDARS, epoch(walk.now)) == {UNITS["service"]: HOUR}


def test_the_lateness_of_the_whole_is_theirs_who_exceeded_their_limits():
    walk = at_verify()
    (sheet,) = walk.send("verify", "business")
    walk.later(days=40)
    assert set(used.shares(walk.order, CALENDARS, walk.now)) == {UNITS["business"]}  # also while it is still open
    walk.answer(sheet)
    walk.do("verify")
    walk.do("data", vlan="1")
    walk.do("build")
    walk.do("review", ok="1")
    whole = walk.order.late
    assert whole > 0
    assert used.shares(walk.order, CALENDARS, walk.now) == {UNITS["business"]: whole}


def test_a_handed_over_step_leaves_its_lateness_with_the_first_unit():
    walk = Walk(small())
    walk.later(days=40)
    n = walk.at("ask").n
    walk.say(rules.hand_over(walk.order, n, walk.way, walk.now, unit_id=UNITS["tech"], reason="合并"))
    walk.later(hours=1).do("ask", need="x")
    assert set(used.overruns(walk.order, CALENDARS, walk.now)) == {UNITS["service"]}
