"""QU9, QU11, SL8: silence, coming back and notices a minute are changed in a draft, reviewed, in force from a day."""

from datetime import date, timedelta

import pytest

from portal.clocks import book, further, policy_drafts, policy_queries
from portal.clocks import policy_actions as deeds
from portal.jobs.rules import crowded
from portal.kernel.db import transaction
from tests.builders import NINE
from tests.clocks.test_ladder_pages import shown

SHIPPED = {"stale_P1": "30m", "stale_P2": "4h", "stale_P3": "1wd", "stale_P4": "1w", "reopen_days": "30",
           "notices_a_minute": "10"}  # fmt: skip


@pytest.fixture
def draft(app, at, staff) -> int:
    with transaction():
        return deeds.open_draft(staff["admin"], NINE, "久未更新太松").version


def test_they_are_read_as_shipped_and_an_untouched_form_changes_nothing(draft, staff, signed_in):
    assert further.shipped() == SHIPPED
    assert signed_in(staff["admin"]).post(f"/admin/policy/{draft}/further", data=SHIPPED).status_code == 303
    one, two = (policy_queries.version(number).data for number in (1, draft))
    assert list(policy_drafts.differences(one, two)) == []


def test_a_change_is_compared_reviewed_and_in_force(draft, staff, signed_in, at):
    client = signed_in(staff["admin"])
    typed = SHIPPED | {"stale_P1": "20m", "stale_P4": "3wd", "reopen_days": "14", "notices_a_minute": "5"}
    assert client.post(f"/admin/policy/{draft}/further", data=typed).status_code == 303
    page = shown(client, f"/admin/policy/{draft}")
    for words in ("20 分", "3 个工作日", ">14<", ">5<"):
        assert words in page
    with transaction():
        deeds.hand_in(staff["admin"], NINE, draft, "请评审")
        deeds.approve(staff["supervisor"], NINE, draft, date(2026, 11, 25))
    assert book.in_force(at(hours=1)).policy.reopen_days == 30
    policy = book.in_force(at(days=1)).policy
    assert (policy.reopen_days, policy.notices_a_minute) == (14, 5)
    assert (policy.silence["P1"].amount, policy.silence["P4"]) == (1200, (3, True))
    assert crowded(["P2"] * 6, 0, 0, policy.notices_a_minute) == [True] * 6


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [("stale_P2", "soon", "不是时长"), ("stale_P1", "0m", "必须大于零"), ("reopen_days", "0", "1 到 3650"),
     ("notices_a_minute", "ten", "1 到 1000"), ("reopen_days", "-3", "1 到 3650")],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field(draft, staff, signed_in, field, text, said):
    client = signed_in(staff["admin"])
    answer = client.post(
        f"/admin/policy/{draft}/further", data=SHIPPED | {field: text}, headers={"Accept-Language": "zh"}
    )  # fmt: skip
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert f'id="{field}-error"' in page
    assert said in page
    assert further.points(policy_queries.version(draft).data) == SHIPPED


def test_somebody_elses_change_meanwhile_is_said_and_others_may_not(draft, staff, signed_in):
    client, seen = signed_in(staff["admin"]), further.sealed(policy_queries.version(draft).data)
    with transaction():
        deeds.change_further(staff["admin"], NINE + timedelta(minutes=1), draft, SHIPPED | {"reopen_days": "20"})
    answer = client.post(f"/admin/policy/{draft}/further", data=SHIPPED | {"seen": seen})
    assert answer.status_code == 409
    assert signed_in(staff["agent"]).get(f"/admin/policy/{draft}/further").status_code == 403
