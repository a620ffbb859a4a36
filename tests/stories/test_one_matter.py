"""QU5, QU7, QU9, SL11: results that say something, merging, splitting, linking, reopening, correcting, ending."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases import actions as cases
from portal.clocks.kept import clocks_of
from portal.collaboration import actions as together
from portal.collaboration import corrections, endings, matters
from portal.identity import queries as people
from portal.jobs import selfcheck
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid, Refused
from portal.notices.models import Notice
from tests.builders import NINE, closed_case, judged_case, make_case, make_person

pytestmark = pytest.mark.alike

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RESULT = {"text": "更换光猫并重做接头，测速正常", "cause_category": "equipment", "cause": "光猫老化"}


def kinds(case):
    return [line.kind for line in stream.read(case.stream)]


def told(kind):
    return set(db.session.scalars(select(Notice.person_id).where(Notice.kind == kind)))


def clock(case, kind):
    return [c for c in clocks_of(case.id) if c.kind == kind][-1]


def in_work(staff, **facts):
    case = judged_case(staff["agent"], staff["supervisor"], unit="tech", **facts)
    together.claim(staff["handler"], NINE, case)
    return case


EMPTY = ("已处理", "已处理完毕，请知悉。", "done", "The problem has been resolved.", "问题已解决，恢复正常", "换了光猫")


@pytest.mark.parametrize("text", EMPTY)
def test_a_result_that_says_nothing_is_refused_at_its_field(app, at, staff, text):
    with transaction():
        case = in_work(staff)
        with pytest.raises(Invalid, match="result_says_nothing") as refused:
            cases.write_result(staff["handler"], NINE, case, **(RESULT | {"text": text}))
    assert refused.value.facts["field"] == "text"


def test_the_cause_is_corrected_at_closing_and_the_old_one_stays_in_the_history(app, engine, at, staff):
    with transaction():
        case = in_work(staff)
        cases.write_result(staff["handler"], NINE, case, **RESULT)
        facts = {"outcome": "withdrawn", "reason": "客户来电撤回", "cause_category": "network", "cause": "接头松动"}
        cases.close(staff["agent"], NINE + HOUR, case, **facts)
        line = next(x for x in stream.read(case.stream) if x.kind == "CauseCorrected")
    assert (case.cause_category, case.cause) == ("network", "接头松动")
    assert (line.facts["old_category"], line.facts["old_cause"]) == ("equipment", "光猫老化")


def test_a_merged_number_stays_findable_and_what_comes_to_it_goes_to_the_main_case(app, engine, at, staff, signed_in):
    with transaction():
        main, second = in_work(staff), make_case(staff["agent"], NINE)
        together.merge(staff["agent"], NINE + HOUR, second, main, reason="同一故障")
        assert {c.outcome for c in clocks_of(second.id)} <= {"cancelled", "met"}
        said = {"direction": "in", "means": "email", "reached": True, "words": "还是不能上网，请尽快"}
        cases.contact(staff["agent"], NINE + 2 * HOUR, second, **said)
        last = stream.read(main.stream)[-1]
        assert (last.kind, last.facts["via"]) == ("Contacted", second.no)
        assert kinds(second)[-1] == "Merged"
        assert told("followed") == {staff["handler"].id}
        old, new = second.no, main.no
    page = signed_in(staff["agent"]).get(f"/cases/{old}").get_data(as_text=True)
    assert f"/cases/{new}" in page


def test_a_second_request_becomes_its_own_case_with_its_true_time(app, engine, at, staff):
    with transaction():
        case = in_work(staff)
        facts = {"description": "客户同时反映 11 月账单重复扣费 30 元", "demand": "退回重复扣费"}
        facts |= {"received": NINE + HOUR, "request_type": "dispute", "level": "P2"}
        own = matters.split(staff["agent"], NINE + 2 * HOUR, case, **facts)
        assert (own.received_at, own.customer_id, own.state) == (NINE + HOUR, case.customer_id, "registered")
        assert clock(own, "result").started_at == NINE + HOUR
        assert [(x["no"], x["kind"]) for x in case.links] == [(own.no, "split_into")]
        assert [(x["no"], x["kind"]) for x in own.links] == [(case.no, "split_from")]
        with pytest.raises(Invalid, match="received_before_first"):
            matters.split(staff["agent"], NINE + 2 * HOUR, case, **(facts | {"received": NINE - HOUR}))


def test_links_say_what_binds_two_cases_on_both_sides(app, engine, at, staff):
    with transaction():
        one, other = in_work(staff), in_work(staff)
        matters.relate(staff["handler"], NINE, one, other, kind="caused_by", words="同一光缆中断")
        assert (one.links[0]["kind"], other.links[0]["kind"]) == ("caused_by", "causes")
        with pytest.raises(Invalid, match="related_already"):
            matters.relate(staff["handler"], NINE, one, other, kind="caused_by", words="")


def test_a_message_after_the_end_is_sorted_and_reopens_only_when_not_satisfied(app, engine, at, staff):
    with transaction():
        case = closed_case(staff["agent"], staff["supervisor"], staff["handler"])
        before = {(c.id, c.outcome) for c in clocks_of(case.id)}
        matters.message(staff["agent"], NINE + DAY, case, means="sms", words="谢谢，已经好了")
        assert (case.state, {(c.id, c.outcome) for c in clocks_of(case.id)}) == ("closed", before)
        matters.triage(staff["agent"], NINE + DAY, case, choice="thanks", words="")
        assert (case.state, case.messages) == ("closed", None)
        matters.message(staff["agent"], NINE + 2 * DAY, case, means="sms", words="今天又断了")
        matters.triage(staff["agent"], NINE + 2 * DAY, case, choice="not_satisfied", words="故障再现")
        assert (case.state, case.cycle) == ("in_work", 2)


def test_after_thirty_days_a_new_case_is_opened_and_linked(app, engine, at, staff):
    with transaction():
        case = closed_case(staff["agent"], staff["supervisor"], staff["handler"])
        late = NINE + 40 * DAY
        with pytest.raises(Refused, match="too_late_to_reopen"):
            cases.reopen(staff["agent"], late, case, reason="又断了")
        matters.message(staff["agent"], late, case, means="phone", words="光猫又亮红灯了，不能上网")
        new = matters.triage(staff["agent"], late, case, choice="not_satisfied", words="")
        assert (case.state, new.received_at, new.links[0]["no"]) == ("closed", late, case.no)


def test_the_second_reopening_proposes_a_stricter_level_and_tells_the_managers(app, engine, at, staff):
    with transaction():
        case = closed_case(staff["agent"], staff["supervisor"], staff["handler"])
        cases.reopen(staff["agent"], NINE + DAY, case, reason="又断了")
        assert (case.proposed_level, told("reopened_often")) == ("P3", set())
        cases.close(staff["agent"], NINE + DAY, case, outcome="withdrawn", reason="客户来电撤回")
        cases.reopen(staff["agent"], NINE + 2 * DAY, case, reason="第三次断网")
        assert (case.reopened, case.proposed_level, case.level) == (2, "P2", "P3")
        assert {staff["quality"].id, staff["supervisor"].id, staff["head"].id} <= told("reopened_often")


def test_a_wrong_time_received_is_corrected_after_approval_and_both_verdicts_stay(app, engine, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email", unit="tech")
        said = {"direction": "out", "means": "phone", "reached": True, "words": "已联系客户"}
        cases.contact(staff["agent"], NINE + HOUR / 4, case, **said)
        assert clock(case, "first_response").outcome == "met"
        facts = {"field": "received", "new": "", "received": NINE - HOUR, "reason": "邮件八点已到，登记有误"}
        corrections.correct(staff["agent"], NINE + HOUR, case, **facts)
        assert (case.received_at, case.correction["field"]) == (NINE, "received")
        corrections.decide_correction(staff["supervisor"], NINE + HOUR, case, approved=True, words="")
        assert (case.received_at, clock(case, "first_response").outcome) == (NINE - HOUR, "missed")
        line = stream.read(case.stream)[-1]
        was, now = (next(x for x in line.facts[when] if x[0] == "first_response") for when in ("before", "after"))
        assert (was[3], now[3]) == ("met", "missed")
        no = case.id
    assert no
    assert in_order() == []


def test_a_wrong_channel_recounts_what_only_the_other_channel_asks_for(app, engine, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P3", channel="hotline", unit="tech")
        assert clock(case, "first_response").outcome == "met"  # taken on a live channel
        facts = {"field": "channel", "new": "email", "received": None, "reason": "实为邮件"}
        corrections.correct(staff["agent"], NINE + HOUR, case, **facts)
        with pytest.raises(Refused, match="correction_waits"):
            corrections.correct(staff["agent"], NINE + HOUR, case, **facts)
        corrections.decide_correction(staff["supervisor"], NINE + HOUR, case, approved=True, words="")
        assert (case.channel, clock(case, "first_response").outcome) == ("email", "running")
    assert in_order() == []


def test_type_and_complexity_are_corrected_with_the_limits_that_depend_on_them(app, engine, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P3", channel="app", unit="tech")
        before = clock(case, "answer").effective_due
        facts = {"new": "complex", "received": None, "reason": "涉及三个系统，需厂家配合"}
        corrections.correct(staff["agent"], NINE + HOUR, case, field="complexity", **facts)
        corrections.decide_correction(staff["supervisor"], NINE + HOUR, case, approved=True, words="")
        assert case.complexity == "complex"
        assert clock(case, "answer").effective_due > before
        with pytest.raises(Invalid, match="choose_value"):
            corrections.correct(staff["agent"], NINE, case, field="request_type", **facts)
        corrections.correct(staff["agent"], NINE, case, field="category", **(facts | {"new": "delivery"}))
        assert case.category == "delivery"
    assert in_order() == []


def test_a_wrong_customer_is_corrected_at_once_and_what_stood_there_stays_readable(app, engine, at, staff):
    with transaction():
        case = in_work(staff)
        old = case.customer_id
        facts = {"field": "customer", "new": "13900139000", "received": None, "reason": "号码记错", "name": "赵敏"}
        corrections.correct(staff["agent"], NINE, case, **facts)
        assert (case.contact, case.customer_name, case.customer_id != old) == ("13900139000", "赵敏", True)
        assert stream.read(case.stream)[-1].facts["old"] == "13800130013"


def test_nobody_approves_the_own_correction_and_a_refused_one_changes_nothing(app, engine, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P3", channel="email", unit="tech")
        facts = {"field": "received", "new": "", "received": NINE - HOUR, "reason": "登记有误"}
        corrections.correct(staff["supervisor"], NINE, case, **facts)
        with pytest.raises(Refused, match="correct_by_others"):
            corrections.decide_correction(staff["supervisor"], NINE, case, approved=True, words="")
        other = make_person(role="supervisor", name="钱伟", login="super2", everywhere=True)
        corrections.decide_correction(other, NINE, case, approved=False, words="录音显示九点来信")
        assert (case.received_at, case.correction) == (NINE, None)


def attempt(staff, case, day, means):
    facts = {"direction": "out", "means": means, "reached": False, "words": ""}
    cases.contact(staff["agent"], NINE + day * DAY, case, **facts)


def test_unreachable_says_what_is_missing_and_needs_the_supervisor_where_it_presses(app, engine, at, staff):
    with transaction():
        case = in_work(staff, level="P2")
        closing = {"outcome": "unreachable", "reason": "三次未联系上"}
        for day, means in ((0, "phone"), (4, "phone"), (5, "sms")):  # the fifth day on is a weekend
            attempt(staff, case, day, means)
        with pytest.raises(Refused, match="three_attempts_first") as refused:
            cases.close(staff["agent"], NINE + 6 * DAY, case, **closing)
        assert refused.value.facts["missing"] == ["term:attempt.days"]
        attempt(staff, case, 6, "phone")
        attempt(staff, case, 7, "email")
        with pytest.raises(Refused, match="end_not_agreed"):
            cases.close(staff["agent"], NINE + 8 * DAY, case, **closing)
        endings.ask_end(staff["agent"], NINE + 8 * DAY, case, **closing)
        endings.agree_end(staff["supervisor"], NINE + 8 * DAY, case, agreed=True, words="")
        cases.close(staff["agent"], NINE + 8 * DAY, case, **closing)
    assert case.outcome == "unreachable"


def test_ended_not_satisfied_needs_two_rounds_the_head_and_the_quality_manager(app, engine, at, staff, signed_in):
    with transaction():
        case = in_work(staff)
        ending = {"outcome": "ended", "reason": "两轮后仍不接受"}
        for n in range(2):
            with pytest.raises(Refused, match="two_rounds_first"):
                endings.ask_end(staff["agent"], NINE + n * HOUR, case, **ending)
            cases.write_result(staff["handler"], NINE + n * HOUR, case, **RESULT)
            cases.tell(staff["agent"], NINE + n * HOUR, case, means="phone", words="已告知结果")
            no = {"verdict": "not_satisfied", "means": "phone", "words": "不接受"}
            cases.confirm(staff["agent"], NINE + n * HOUR, case, **no)
        endings.ask_end(staff["agent"], NINE + 3 * HOUR, case, **ending)
        endings.agree_end(staff["head"], NINE + 3 * HOUR, case, agreed=True, words="")
        with pytest.raises(Refused, match="end_not_agreed") as refused:
            cases.close(staff["agent"], NINE + 3 * HOUR, case, **ending)
        assert refused.value.facts["missing"] == ["term:role.quality"]
        endings.agree_end(staff["quality"], NINE + 3 * HOUR, case, agreed=True, words="")
        cases.close(staff["agent"], NINE + 4 * HOUR, case, **ending)
    assert case.outcome == "ended"
    assert people.holders("quality")
    at(days=1)
    report = signed_in(staff["quality"]).get("/reports/quarterly/2026Q4").text
    assert f'href="/cases/{case.no}">{case.no}</a></th>' in report.partition("终结（不满意）工单，供核查")[2]
    assert case.customer_name not in report


def in_order():
    """What the self-check finds: every case lived through again from its journal comes out as it is kept."""
    return selfcheck.check(NINE + 2 * HOUR).differences
