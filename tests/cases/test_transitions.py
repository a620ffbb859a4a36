"""SL4-SL7, SL11, QU4-QU9: what may follow what, and that the journal alone rebuilds every case."""

import random
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases import actions as cases
from portal.cases import queries
from portal.cases.apply import apply
from portal.cases.events import from_facts
from portal.cases.models import Case
from portal.cases.rules import CAUSES, LEVELS, MEANS, OUTCOMES, PAUSES
from portal.clocks.kept import clocks_of
from portal.collaboration import actions as together
from portal.incidents import force_majeure_actions as majeure
from portal.jobs import selfcheck
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Refused
from portal.kernel.i18n import sentence
from portal.notices.models import Notice
from portal.satisfaction import actions as satisfaction
from tests.builders import NINE, closed_case, judged_case, make_case

# the case row's summary of its clocks is a cache and not part of what happened
CACHED = {"press", "clock_kind", "clock_start", "clock_due", "clock_warn", "notice_at", "id", "version"}


def after(**delta: float):
    return NINE + timedelta(**delta)


def code_of(call) -> str:
    """The code with which an act is refused; everything it did is taken back."""
    try:
        with transaction():
            call()
    except Refused as refused:
        return refused.code
    return ""


def in_hand(staff, *, level: str = "P3") -> Case:
    """A case whose result is written."""
    case = judged_case(staff["agent"], staff["supervisor"], unit="tech", level=level)
    together.claim(staff["handler"], NINE, case)
    answer(staff, case)
    return case


def answer(staff, case: Case, now=NINE) -> None:
    cases.write_result(
        staff["handler"], now, case, text="更换光猫并重做接头，测速正常", cause_category="equipment", cause="老化"
    )


def test_one_of_two_parallel_claims_wins(app, engine, at, staff):
    with transaction():
        no = judged_case(staff["agent"], staff["supervisor"], unit="tech").no
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def claim(who: str) -> None:
        with app.app_context():
            start.wait(10)
            outcomes.append(
                code_of(lambda: together.claim(staff[who], NINE, queries.case_to_change(staff[who], no))) or "won"
            )

    threads = [threading.Thread(target=claim, args=(who,)) for who in ("handler", "head")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["already_claimed", "won"]
    case = queries.case_by_no(staff["agent"], no)
    assert [line.kind for line in stream.read(case.stream)].count("Claimed") == 1


def test_the_second_writer_sees_what_happened_and_sends_again(app, at, staff, signed_in):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], unit="tech")
        no, seen = case.no, case.version
    first, second = signed_in(staff["handler"]), signed_in(staff["head"])
    say = {"note-seen": str(seen), "note-text": "第一位写的话"}
    assert first.post(f"/cases/{no}/do/note", data=say).status_code == 303
    answer_ = second.post(f"/cases/{no}/do/note", data={"note-seen": str(seen), "note-text": "第二位写的话"})
    assert answer_.status_code == 409
    assert "第一位写的话" in answer_.text
    assert "第二位写的话" in answer_.text
    assert f'value="{seen + 1}"' in answer_.text
    again = second.post(f"/cases/{no}/do/note", data={"note-seen": str(seen + 1), "note-text": "第二位写的话"})
    assert again.status_code == 303
    assert [x.kind for x in stream.read(queries.case_by_no(staff["head"], no).stream)].count("Noted") == 2


WRONG = {
    "no_result_yet": lambda s, c: cases.tell(s["handler"], NINE, c, means="phone", words="已告知"),
    "not_told_yet": lambda s, c: cases.confirm(s["agent"], NINE, c, verdict="satisfied", means="phone", words="好的"),
    "not_confirmed": lambda s, c: cases.close(s["agent"], NINE, c, outcome="confirmed"),
    "not_closed": lambda s, c: cases.reopen(s["agent"], NINE, c, reason="又坏了"),
    "not_paused": lambda s, c: together.resume(s["supervisor"], NINE, c, why="继续"),
    "same_level": lambda s, c: cases.judge(
        s["supervisor"], NINE, c, level="P3", impact="part", urgency="low", harm=False, reason="再判"
    ),
    "two_rounds_first": lambda s, c: cases.close(s["agent"], NINE, c, outcome="ended", reason="客户不满意"),
    "three_attempts_first": lambda s, c: cases.close(s["agent"], NINE, c, outcome="unreachable", reason="打不通"),
    "only_p4_planned": lambda s, c: together.plan(
        s["supervisor"], NINE, c, decision="planned", cycle="2027Q1", words="已告知"
    ),
    "nothing_missing": lambda s, c: cases.complete(
        s["agent"], NINE, c, description="说明文字", demand="修好", happened="今天"
    ),
    "merge_into_itself": lambda s, c: together.merge(s["agent"], NINE, c, c, reason="同一件事"),
    "incident_first": lambda s, c: majeure.stop_one(s["supervisor"], NINE, c, reason="台风"),
    "not_in_work": lambda s, c: (
        answer(s, c), together.pause(s["handler"], NINE, c, reason="third_party", words="等厂家")
    ),
    "contact_first": lambda s, c: together.pause(s["handler"], NINE, c, reason="customer", words="等客户"),
}  # fmt: skip


@pytest.mark.parametrize("code", WRONG)
def test_what_does_not_fit_is_refused_in_both_languages(app, at, staff, code):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], unit="tech")
    before = len(stream.read(case.stream))
    try:
        with transaction():
            WRONG[code](staff, case)
        raise AssertionError("was not refused")
    except Refused as refused:
        error = refused
    assert error.code == code
    db.session.rollback()
    assert len(stream.read(case.stream)) == before
    said = []
    for language in ("en", "zh"):
        with app.app_context(), app.test_request_context("/", headers={"Accept-Language": language}):
            said.append(sentence(error))
    assert code not in said[0]
    assert said[0] != said[1]


def test_a_first_judgement_of_p1_tells_the_heads_at_once(app, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P1")
    told = set(db.session.scalars(select(Notice.person_id).where(Notice.kind == "p1_judged")))
    assert {staff["head"].id, staff["service_head"].id} <= told
    assert case.unit_id == staff["head"].unit_id


@pytest.mark.parametrize(("changed", "due"), [(False, timedelta(hours=2)), (True, timedelta(hours=5))])
def test_misjudged_counts_from_the_start_changed_from_the_change(app, at, staff, changed, due):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email")
        cases.judge(
            staff["supervisor"], after(hours=3), case, level="P1", impact="wide", urgency="high", harm=False,
            reason="影响扩大", changed=changed,
        )  # fmt: skip
    clock = next(c for c in clocks_of(case.id) if c.kind == "result")
    assert clock.due_at == NINE + due
    assert stream.read(case.stream)[-1].facts["basis"] == ("changed" if changed else "misjudged")


def test_not_satisfied_begins_a_second_round_that_can_be_confirmed(app, at, staff):
    with transaction():
        case = in_hand(staff)
        cases.tell(staff["handler"], after(minutes=20), case, means="phone", words="已告知")
        cases.confirm(staff["agent"], after(minutes=30), case, verdict="not_satisfied", means="phone", words="还是不行")
        assert (case.round, case.state, case.told_at) == (2, "in_work", None)
        answer(staff, case, after(minutes=40))
        cases.tell(staff["handler"], after(minutes=50), case, means="phone", words="已重新处理")
        cases.confirm(staff["agent"], after(minutes=60), case, verdict="accepts", means="phone", words="可以")
        satisfaction.rate(staff["agent"], after(minutes=61), case, overall=4, means="phone")
        cases.close(staff["agent"], after(minutes=62), case, outcome="confirmed")
    assert (case.state, case.verdict, case.rating) == ("closed", "accepts", 4)
    assert [c.round for c in clocks_of(case.id) if c.kind == "result"] == [1, 2]


@pytest.mark.parametrize(("days", "seconds", "code"), [(30, 0, ""), (30, 1, "too_late_to_reopen")])
def test_a_closed_case_comes_back_within_thirty_days(app, at, staff, days, seconds, code):
    with transaction():
        case = closed_case(staff["agent"], staff["supervisor"], staff["handler"])
    when = case.closed_at + timedelta(days=days, seconds=seconds)
    verdicts = {(c.kind, c.outcome) for c in clocks_of(case.id)}
    assert code_of(lambda: cases.reopen(staff["agent"], when, case, reason="又断了")) == code
    if not code:
        assert (case.cycle, case.open, case.reopened) == (2, True, 1)
        assert verdicts <= {(c.kind, c.outcome) for c in clocks_of(case.id) if c.cycle == 1}


def test_unreachable_needs_three_days_and_two_means(app, at, staff):
    with transaction():
        case = in_hand(staff)

    def close() -> None:
        cases.close(staff["agent"], after(days=3), case, outcome="unreachable", reason="三次联系未果")

    for day, means in ((0, "phone"), (1, "phone"), (2, "phone")):
        with transaction():
            cases.contact(staff["agent"], after(days=day), case, direction="out", means=means, reached=False, words="")
        assert code_of(close) == "three_attempts_first"
    with transaction():
        cases.contact(staff["agent"], after(days=2), case, direction="out", means="sms", reached=False, words="")
    assert code_of(close) == ""


def test_an_extension_is_agreed_before_the_time_runs_out_and_at_most_twice(app, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email")
        due = next(c for c in clocks_of(case.id) if c.kind == "result").due_at

    def extend(now, to) -> str:
        return code_of(
            lambda: together.extend(staff["supervisor"], now, case, due=to, reason="等待备件", told="已致歉并说明")
        )

    assert extend(due, due) == "extension_not_later"
    assert extend(due, due + timedelta(hours=4)) == ""
    assert extend(due + timedelta(hours=4, seconds=1), due + timedelta(hours=9)) == "extension_late"
    assert extend(due + timedelta(hours=4), due + timedelta(hours=8)) == ""
    assert extend(due + timedelta(hours=8), due + timedelta(hours=12)) == "extensions_used"
    assert case.extensions == 2


def test_p1_never_pauses_and_a_raise_to_p1_ends_a_pause(app, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email")
        together.claim(staff["supervisor"], NINE, case)
        cases.contact(
            staff["supervisor"], after(minutes=5), case, direction="out", means="phone", reached=True, words="请提供"
        )
        together.pause(staff["supervisor"], after(minutes=6), case, reason="customer", words="等客户")
        assert case.state == "waiting"
        cases.judge(
            staff["supervisor"], after(minutes=9), case, level="P1", impact="wide", urgency="high", harm=False,
            reason="影响扩大", changed=True,
        )  # fmt: skip
    assert (case.paused, case.state) == ("", "in_work")
    refused = code_of(
        lambda: together.pause(staff["supervisor"], after(minutes=10), case, reason="customer", words="等客户")
    )
    assert refused == "p1_never_pauses"


@pytest.mark.parametrize("how", ["merge", "void"])
def test_merging_and_voiding_cancel_every_running_clock(app, at, staff, how):
    with transaction():
        case, other = judged_case(staff["agent"], staff["supervisor"]), make_case(staff["agent"])
        if how == "merge":
            together.merge(staff["agent"], after(minutes=5), case, other, reason="同一件事")
        else:
            cases.void(staff["supervisor"], after(minutes=5), case, reason="打错号码")
    assert case.state == {"merge": "merged", "void": "void"}[how]
    assert not case.open
    assert "running" not in {c.outcome for c in clocks_of(case.id)}
    assert code_of(lambda: cases.note(staff["agent"], after(minutes=6), case, text="还有话")) == "case_ended"


def a_step(dice: random.Random, staff, case: Case, now) -> None:
    """Something that somebody tries, sensible or not."""
    boss, who = staff["supervisor"], staff[dice.choice(("agent", "supervisor", "handler", "head"))]
    means, level = dice.choice(MEANS), dice.choice(LEVELS)
    tries = (
        lambda: cases.judge(
            boss,
            now,
            case,
            level=level,
            impact="part",
            urgency="low",
            harm=False,
            reason="判级",
            changed=dice.random() < 0.5,
        ),
        lambda: together.claim(who, now, case),
        lambda: cases.start_work(who, now, case, what="正在检查线路"),
        lambda: cases.contact(
            who, now, case, direction=dice.choice(("in", "out")), means=means, reached=True, words="通话内容"
        ),
        lambda: cases.write_result(
            who, now, case, text="已经更换并测试通过", cause_category=dice.choice(CAUSES), cause="老化"
        ),
        lambda: cases.tell(who, now, case, means=means, words="已告知"),
        lambda: cases.confirm(
            who, now, case, verdict=dice.choice(("satisfied", "not_satisfied")), means=means, words="客户原话"
        ),
        lambda: satisfaction.rate(boss, now, case, overall=dice.choice((None, 1, 5)), means=means),
        lambda: cases.close(boss, now, case, outcome=dice.choice(OUTCOMES), reason="理由"),
        lambda: cases.reopen(boss, now, case, reason="又坏了"),
        lambda: together.chase(who, now, case, by_customer=dice.random() < 0.5, words="请尽快"),
        lambda: together.transfer(boss, now, case, unit_id=dice.choice((2, 3, 4)), reason="转办"),
        lambda: together.pause(boss, now, case, reason=dice.choice(PAUSES), words="等待"),
        lambda: together.resume(boss, now, case, why="继续"),
        lambda: together.plan(boss, now, case, decision="planned", cycle="2027Q1", words="已告知"),
        lambda: together.extend(boss, now, case, due=now + timedelta(days=9), reason="备件", told="已致歉"),
        lambda: cases.note(who, now, case, text="备注"),
    )
    code_of(dice.choice(tries))


def rebuilt(case: Case) -> dict[str, tuple[object, object]]:
    """Fields in which a case replayed from its journal differs from its row."""
    again = Case()
    for line in stream.read(case.stream):
        apply(again, from_facts(line.kind, line.facts), line.at, line.by_id)
    names = set(Case.__table__.columns.keys()) - CACHED
    return {n: (getattr(again, n), getattr(case, n)) for n in names if getattr(again, n) != getattr(case, n)}


@pytest.mark.parametrize("seed", range(5))
def test_after_any_walk_the_journal_rebuilds_the_row(app, at, staff, seed):
    walk(staff, random.Random(seed), 45)


def test_so_it_does_on_both_engines(app, engine, at, staff):
    walk(staff, random.Random(99), 25)


def walk(staff, dice: random.Random, steps: int) -> None:
    with transaction():
        case = make_case(staff["agent"])
    now = NINE
    for _ in range(steps):
        now += timedelta(minutes=dice.choice((1, 7, 90)))
        a_step(dice, staff, case, now)
        db.session.expire_all()
        case = db.session.scalars(select(Case)).one()
        assert rebuilt(case) == {}
        assert selfcheck.check(now).differences == []
        assert case.version == len(stream.read(case.stream))
        running = [c for c in clocks_of(case.id) if c.outcome == "running"]
        assert case.open or not running
    assert stream.faults([case.stream]) == []
