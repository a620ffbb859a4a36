"""IN6: rules are drafted, reviewed by somebody else, at once in force; the share overruled is counted by version."""

import pytest

from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Refused, Stale
from portal.proposals import actions, book, documents, queries
from tests.builders import NINE, judged_case, make_case

RULE = {
    "words": "机顶盒、遥控器", "unless": "", "gives": {"request_type": "fault", "department": "tech"},
    "weight": "12", "note": "电视",
}  # fmt: skip
TEXT = "客厅机顶盒换了频道没有声音，遥控器按键也要按两次"


def new_version(staff, typed=RULE) -> int:
    """A second version in force, with one rule more."""
    with transaction():
        number = actions.open_draft(staff["quality"], NINE, "电视报修认不出来").version
        actions.put_row(staff["quality"], NINE, number, "", typed)
        actions.hand_in(staff["quality"], NINE, number, "请复核")
    with transaction():
        actions.approve(staff["supervisor"], NINE, number)
    return number


def test_a_rule_speaks_as_soon_as_it_is_approved_and_not_before(app, engine, staff):
    assert book.propose(TEXT).request_type == "consultation"
    with transaction():
        number = actions.open_draft(staff["quality"], NINE, "电视报修认不出来").version
        actions.put_row(staff["quality"], NINE, number, "", RULE)
        actions.put_row(staff["quality"], NINE, number, "", RULE)  # sent twice
    assert len(queries.version(number).data["rules"]) == len(book.shipped()["rules"]) + 1
    assert book.propose(TEXT).request_type == "consultation"
    with transaction():
        actions.hand_in(staff["quality"], NINE, number, "请复核")
    with pytest.raises(Refused, match="proposal_own_draft"), transaction():
        actions.approve(staff["quality"], NINE, number)
    with transaction():
        actions.approve(staff["supervisor"], NINE, number)
    made = book.propose(TEXT)
    assert made.fields["department"] == ("tech", "rule", ("机顶盒", "遥控器"))
    assert made.rules == number


def test_the_journal_keeps_what_was_proposed_and_the_share_overruled_is_counted(app, engine, staff):
    with transaction():
        agreed = judged_case(
            staff["agent"], staff["supervisor"], level="P2", unit="business", description="重复扣费两次，请核实账单"
        )
        other = judged_case(
            staff["agent"], staff["supervisor"], level="P3", unit="business", description="重复扣费两次，请核实账单",
            request_type="consultation",
        )  # fmt: skip
        make_case(staff["agent"], description="重复扣费，尚未判级")
    kept = stream.read(agreed.stream)[0].facts["proposal"]
    assert kept["rules"] == 1
    assert kept["fields"]["level"] == ["P2", "rule"]
    found = {(one.field, one.version): (one.proposed, one.overruled) for one in queries.overruled()}
    assert found["level", 1] == (2, 1)
    assert found["request_type", 1] == (2, 1)
    assert other.request_type == "consultation"
    number = new_version(staff)
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], unit="tech", description=TEXT)
    assert case.request_type == "fault"
    found = {(one.field, one.version): (one.proposed, one.overruled) for one in queries.overruled()}
    assert found["request_type", number] == (1, 0)


def test_what_somebody_else_changed_meanwhile_is_not_written_over(app, staff):
    with transaction():
        number = actions.open_draft(staff["quality"], NINE, "整理").version
        seen = documents.sign(documents.row_in(queries.version(number).data, "account"))
        actions.put_row(staff["supervisor"], NINE, number, "account", RULE, seen=seen)
    with pytest.raises(Stale), transaction():
        actions.put_row(staff["quality"], NINE, number, "account", RULE, seen=seen)
    with transaction():
        actions.hand_in(staff["quality"], NINE, number, "请复核")
    with pytest.raises(Refused, match="proposal_own_draft"), transaction():
        actions.approve(staff["supervisor"], NINE, number)
    with pytest.raises(Invalid, match="proposal_draft_open"), transaction():
        actions.open_draft(staff["quality"], NINE, "再来一份")
    with pytest.raises(Forbidden), transaction():
        actions.discard(staff["agent"], NINE, number, "不要")
    assert db.session.get_one(type(queries.version(number)), queries.version(number).id).state == "review"


def test_a_removed_rule_leaves_its_number_unused(app, staff):
    with transaction():
        number = actions.open_draft(staff["quality"], NINE, "整理").version
        actions.put_row(staff["quality"], NINE, number, "", RULE)
        actions.drop_row(staff["quality"], NINE, number, "r1")
        actions.put_row(staff["quality"], NINE, number, "", RULE | {"words": "网关"})
    assert queries.version(number).data["rules"][-1]["id"] == "r2"
