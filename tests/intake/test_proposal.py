"""IN6: what the text suggests, what led to it, and times as people type them."""

from datetime import UTC, datetime

import pytest

from portal.cases.telling import told
from portal.intake.rules import propose, spoken_time
from portal.journal import stream
from portal.kernel.db import transaction
from tests.builders import make_case

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def test_words_are_named_only_when_they_led_to_the_level():
    assert propose("投诉，要求退款").words == ("退款", "投诉")
    assert propose("网页打不开").words == ()
    urgent = propose("光猫故障，不能上网", "urgent")
    assert (urgent.level, urgent.words, urgent.raised) == ("P2", (), True)
    assert not propose("要求退款", "urgent").raised


@pytest.mark.parametrize("text", ["在物流园门口", "住在建议路", "投诉大厦三楼"])
def test_a_word_inside_the_name_of_a_place_does_not_count(text):
    found = propose(text)
    assert (found.level, found.request_type) == ("P3", "consultation")


@pytest.mark.parametrize("text", ["网页打不开", "APP 白屏", "软件卡死", "一点就闪退"])
def test_what_does_not_open_is_a_fault(text):
    assert propose(text).request_type == "fault"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("今天18:00", "2026-11-24 18:00:00"), ("明天 9:00", "2026-11-25 09:00:00"), ("18:00", "2026-11-24 18:00:00"),
        ("18：00", "2026-11-24 18:00:00"), ("11-24 18:00", "2026-11-24 18:00:00"), ("明天9点半", "2026-11-25 09:30:00"),
        ("01-03 9:00", "2027-01-03 09:00:00"), ("2026-11-24T09:12:30", "2026-11-24 09:12:30"), ("gestern", "gestern"),
    ],
)  # fmt: skip
def test_a_time_is_read_as_people_type_it(typed, meant):
    assert spoken_time(typed, NOW) == meant


@pytest.mark.parametrize(
    ("urgency", "description", "said"),
    [("urgent", "光猫红灯常亮，网页打不开", "标为紧急"), ("normal", "重复扣费，要求当天处理", "重复扣费")],
)
def test_the_journal_says_truly_why_p2_was_proposed(app, at, staff, urgency, description, said):
    with transaction():
        case = make_case(staff["agent"], urgency=urgency, description=description)
    assert case.proposed_level == "P2"
    with app.test_request_context():
        detail = told(stream.read(case.stream)[0], {}).detail
    assert said in detail
    assert ("所依据的词" in detail) == (urgency == "normal")
