"""IN6: why a level was proposed, as the journal says it, and times as people type them."""

from datetime import UTC, datetime

import pytest

from portal.cases.telling import told
from portal.intake.rules import spoken_time, wanted_time
from portal.journal import stream
from portal.kernel.db import transaction
from tests.builders import make_case

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


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
    ("typed", "meant"),
    [
        ("今天", "2026-11-24 23:59:00"), ("明天", "2026-11-25 23:59:00"), ("today", "2026-11-24 23:59:00"),
        ("下班前", "2026-11-24 18:00:00"), ("明天下班前", "2026-11-25 18:00:00"),
        ("Tomorrow 9:00", "2026-11-25 09:00:00"),
        ("今天18:00前", "2026-11-24 18:00:00"), ("尽快", "尽快"), ("昨天", "昨天"),
    ],
)  # fmt: skip
def test_a_wish_may_be_a_day_or_before_closing(typed, meant):
    assert spoken_time(wanted_time(typed), NOW) == meant


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
