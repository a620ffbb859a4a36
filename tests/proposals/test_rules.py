"""IN6: what the rules propose, which words led to it, and what a rule may not say."""

import pytest

from portal.cases.rules import LEADS_OF_TYPE, TYPES
from portal.kernel.errors import Invalid
from portal.proposals import book, documents
from portal.proposals import rules as pure
from portal.proposals.rules import Proposal, Rule, Scored

SHIPPED = documents.rules_of(book.shipped())


def propose(text: str, urgency: str = "normal") -> Proposal:
    return pure.propose(text, SHIPPED, urgency=urgency, leads=LEADS_OF_TYPE)


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


def test_the_heaviest_rule_wins_then_more_words_then_the_first():
    light = Rule("a", ("光猫", "红灯"), (), {"request_type": "fault"}, 4)
    heavy = Rule("b", ("退款",), (), {"request_type": "return"}, 7)
    twin = Rule("c", ("网络",), (), {"request_type": "business"}, 4)
    one = pure.by_rules("光猫红灯，要退款", (light, heavy, twin))["request_type"]
    assert one == ("return", "rule", ("退款",))
    assert pure.by_rules("网络不好，光猫红灯", (twin, light))["request_type"].value == "fault"
    assert pure.by_rules("网络不好，光猫在", (twin, light))["request_type"].value == "business"


def test_an_excluding_word_silences_the_rule():
    assert propose("送餐员态度很差").category == "attitude"
    assert propose("客服态度非常好").fields["category"].by != "rule"


def test_the_department_follows_the_type_unless_a_rule_names_one():
    assert propose("网页打不开").fields["department"] == ("tech", "type", ("打不开",))
    assert propose("送餐员骂人").fields["department"][:2] == ("service", "rule")
    assert propose("天气不错").fields["department"] == ("service", "none", ())


def test_a_score_fills_only_what_the_rules_leave_open():
    scored = {"request_type": Scored("account", ("工",)), "level": Scored("P1", ("大",))}
    made = pure.propose("要求退货", SHIPPED, scored=scored)
    assert made.fields["request_type"][:2] == ("return", "rule")
    assert made.fields["level"] == ("P1", "score", ("大",))


GOOD = {"words": "断网、 掉线", "unless": "", "gives": {"request_type": "fault"}, "weight": "5", "note": ""}


def write(**changes):
    return documents.written("r1", units={"tech": 1}, types=TYPES, **(GOOD | changes))


def test_words_are_read_as_people_type_them():
    assert write(words="断网、 掉线，LOS  灯\n断网")["words"] == ["断网", "掉线", "los 灯"]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"words": " 、"}, "words", "proposal_no_word"), ({"words": "a"}, "words", "proposal_word_short"),
        ({"words": "断" * 31}, "words", "proposal_word_long"),
        ({"gives": {}}, "request_type", "proposal_gives_nothing"),
        ({"gives": {"level": "P9"}}, "level", "proposal_unknown_value"),
        ({"gives": {"department": "no"}}, "department", "proposal_unknown_value"),
        ({"weight": "0"}, "weight", "proposal_weight_bad"), ({"weight": "²"}, "weight", "proposal_weight_bad"),
        ({"weight": "9" * 5000}, "weight", "proposal_weight_bad"), ({"note": "注" * 101}, "note", "proposal_text_long"),
        ({"unless": "、".join(map(str, range(200)))}, "unless", "proposal_many_words"),
    ],
)  # fmt: skip
def test_what_a_rule_may_not_say_is_refused_at_its_field(changes, field, code):
    with pytest.raises(Invalid) as refused:
        write(**changes)
    assert (refused.value.facts["field"], refused.value.code) == (field, code)


def test_every_shipped_rule_could_be_typed():
    units = {"service": 1, "tech": 2, "business": 3, "improvement": 4}
    for row in book.shipped()["rules"]:
        gives = {name: row.get(name, "") for name in pure.FIELDS}
        typed = documents.written(
            row["id"], words="、".join(row["words"]), unless="、".join(row.get("unless", [])), gives=gives,
            weight=str(row["weight"]), note=row["note"], units=units, types=TYPES,
        )  # fmt: skip
        assert documents.rule_of(typed) == documents.rule_of(row)
