"""SL10 on the screen: what was typed stays, a long trial goes on step by step, nobody sees a button they cannot use."""

import re
from datetime import timedelta

import pytest

from portal.clocks import policy_actions as deeds
from portal.clocks import policy_queries, policy_trial, policy_view
from portal.clocks.policy_drafts import Cell
from portal.kernel.db import db, transaction
from tests import builders
from tests.builders import NINE
from tests.conftest import HTMX

P3 = "P3.first_response"
TYPED = {"limit": "1h", "calendar": "cn-business", "warn": "75", "clause": "2026-11 月度复盘", "house": "y"}


@pytest.fixture
def draft(app, at, staff) -> int:
    with transaction():
        number = deeds.open_draft(staff["admin"], NINE, "客户等得太久").version
    with transaction():
        deeds.change_cell(staff["admin"], NINE, number, P3, Cell("1h", "cn-business", 75, "SL1 level table", False))
    return number


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def test_the_version_in_force_reads_like_the_paper(app, at, staff, signed_in):
    page = text_of(signed_in(staff["auditor"]).get("/admin/policy", headers={"Accept-Language": "zh"}))
    for words in ("按等级的时限", "按渠道的时限", "15 分", "3 个工作日", "48 小时", "内部约定", "时限分级表"):
        assert words in page
    assert 'action="/admin/policy"' not in page


def test_channels_with_the_same_limits_share_a_row_unless_they_are_to_be_changed(app, at, staff):
    data = policy_queries.version(1).data
    together, apart = policy_view.grids(data)[1], policy_view.grids(data, apart=True)[1]
    assert ["sms", "app", "web", "social"] in [names for names, _cells in together.rows]
    assert [names for names, _cells in apart.rows] == [[channel] for channel in data["channels"]]


def test_a_changed_cell_is_kept_and_shown_beside_the_old_value(staff, draft, signed_in):
    client = signed_in(staff["quality"])
    answer = client.post(f"/admin/policy/{draft}/cell/P2.result", data=TYPED | {"limit": "12h", "calendar": "always"})
    assert (answer.status_code, answer.location) == (303, f"/admin/policy/{draft}")
    row = next(r for r in policy_queries.version(draft).data["rows"] if r["id"] == "P2.result")
    assert (row["amount"], row["clause"], row["house"], row["pausable"]) == (43_200, "2026-11 月度复盘", True, True)
    page = text_of(client.get(f"/admin/policy/{draft}", headers={"Accept-Language": "zh"}))
    assert re.search(r"<del[^>]*>24 小时 · 时限分级表 · 非内部约定</del>", page)
    assert "12 小时" in page


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"limit": "soon"}, "limit"),
        ({"warn": "ab"}, "warn"),
        ({"clause": ""}, "clause"),
        ({"calendar": "x"}, "calendar"),
    ],
)
def test_a_refused_cell_keeps_what_was_typed_and_names_the_field(staff, draft, signed_in, wrong, field):
    client = signed_in(staff["admin"])
    answer = client.post(f"/admin/policy/{draft}/cell/{P3}", data=TYPED | {"limit": "77m"} | wrong)
    assert answer.status_code == 422
    page = text_of(answer)
    assert f'id="{field}-error"' in page
    assert ("77m" if field != "limit" else "soon") in page
    assert "2026-11 月度复盘" in page or field == "clause"


def test_an_untouched_clause_keeps_its_code_in_any_language(staff, draft, signed_in):
    client = signed_in(staff["admin"])
    page = text_of(client.get(f"/admin/policy/{draft}/cell/{P3}", headers={"Accept-Language": "en"}))
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', page)
    assert seen
    form = TYPED | {"limit": "90m", "clause": "table of limits by level", "seen": seen[1]}
    client.post(f"/admin/policy/{draft}/cell/{P3}", data=form, headers={"Accept-Language": "en"})
    row = next(r for r in policy_queries.version(draft).data["rows"] if r["id"] == P3)
    assert (row["amount"], row["clause"]) == (5400, "SL1 level table")
    again = client.post(f"/admin/policy/{draft}/cell/{P3}", data=form | {"limit": "3h"})
    assert again.status_code == 409
    assert "3h" in text_of(again)


def test_a_special_limit_and_another_combination_are_written_by_plain_forms(staff, draft, signed_in):
    client = signed_in(staff["admin"])
    special = {f"special-{name}": value for name, value in TYPED.items()}
    nothing = client.post(f"/admin/policy/{draft}/cell/{P3}/special", data=special)
    assert (nothing.status_code, "special-customer_class-error" in text_of(nothing)) == (422, True)
    good = special | {"special-customer_class": "company", "special-request_type": "fault"}
    assert client.post(f"/admin/policy/{draft}/cell/{P3}/special", data=good).status_code == 303
    hows = {f"combine-{level}": "channel" for level in ("unjudged", "P1", "P2", "P3", "P4")}
    assert client.post(f"/admin/policy/{draft}/combine/{P3}", data=hows).status_code == 303
    data = policy_queries.version(draft).data
    assert f"{P3}@company.fault" in {row["id"] for row in data["rows"]}
    assert set(data["combine"]["first_response"].values()) == {"channel"}


def test_review_asks_for_a_day_and_says_what_is_wrong_with_it(staff, draft, signed_in):
    signed_in(staff["admin"]).post(f"/admin/policy/{draft}/do/hand_in", data={"hand_in-why": "请复核"})
    own = text_of(signed_in(staff["admin"]).get(f"/admin/policy/{draft}"))
    assert "/do/approve" not in own
    client = signed_in(staff["supervisor"])
    for day in ("soon", "2026-11-23"):
        answer = client.post(f"/admin/policy/{draft}/do/approve", data={"approve-day": day, "approve-why": "同意"})
        assert answer.status_code == 422
        assert 'id="approve-day-error"' in text_of(answer)
        assert f'value="{day}"' in text_of(answer)
    forced = signed_in(staff["admin"]).post(f"/admin/policy/{draft}/do/approve", data={"approve-day": "2026-11-25"})
    assert forced.status_code == 409
    assert client.post(f"/admin/policy/{draft}/do/approve", data={"approve-day": "2026-11-25"}).status_code == 303
    db.session.expire_all()
    assert policy_queries.version(draft).state == "effective"
    assert client.get(f"/admin/policy/{draft}/compare").status_code == 200


def answered(staff, count: int) -> None:
    with transaction():
        for _ in range(count):
            case = builders.judged_case(staff["agent"], staff["supervisor"], level="P3", channel="app", now=NINE)
            builders.cases.contact(staff["agent"], NINE + timedelta(minutes=80), case, direction="out", means="phone",
                                   reached=True, words="已与客户通话核实现象")  # fmt: skip


def test_a_long_trial_goes_on_step_by_step_with_and_without_script(staff, draft, signed_in, at, monkeypatch):
    answered(staff, 5)
    at(hours=4)
    monkeypatch.setattr(policy_trial, "AT_ONCE", 1)
    monkeypatch.setattr(policy_trial, "CHUNK", 2)
    client, url = signed_in(staff["quality"]), f"/admin/policy/{draft}/try"
    for headers in ({}, HTMX):
        page = text_of(client.get(url, query_string={"from": "2026-11-24", "to": "2026-11-24"}))
        for reached in ("0 / 5", "2 / 5", "4 / 5"):
            assert reached in page
            fields = dict(re.findall(r'name="(from|to|calendar|after|tally)" value="([^"]*)"', page))
            fields["tally"] = fields["tally"].replace("&#34;", '"')
            page = text_of(client.post(url, data=fields, headers=headers))
        assert page.count("/cases/CS2611-") == 5
        assert ("<html" in page) == (headers == {})
    whole = client.get(url, query_string={"from": "2026-11-24", "to": "2026-11-24", "whole": "1"})
    assert text_of(whole).count("/cases/CS2611-") == 5


@pytest.mark.parametrize("tally", ["", "[]", "{}", '{"cases":1}', '{"cases":"x","kept":0,"counts":[],"changes":[]}'])
def test_a_tally_that_is_none_is_refused(staff, draft, signed_in, tally):
    data = {"from": "2026-11-24", "to": "2026-11-24", "after": "0", "tally": tally}
    assert signed_in(staff["quality"]).post(f"/admin/policy/{draft}/try", data=data).status_code == 422


def test_a_period_that_ends_before_it_begins_is_said_on_the_page(staff, draft, signed_in):
    answer = signed_in(staff["head"]).get(f"/admin/policy/{draft}/try?from=2026-11-24&to=2026-11-23")
    assert answer.status_code == 422
    assert 'value="2026-11-23"' in text_of(answer)


def test_management_reads_numbers_of_cases_without_a_way_to_their_customers(staff, draft, signed_in, at):
    answered(staff, 1)
    at(hours=4)
    page = text_of(signed_in(staff["management"]).get(f"/admin/policy/{draft}/try?from=2026-11-24&to=2026-11-24"))
    assert "CS2611-0001" in page
    assert "/cases/CS2611-0001" not in page
