"""IN6: a score is learnt from decided cases, says the words that spoke, and goes live only where it is not worse."""

import time

import pytest

from portal.identity.actor import SYSTEM
from portal.jobs.learning import Learning
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden
from portal.proposals import actions, book, queries, training
from portal.proposals.queries import Decided
from portal.proposals.rules import FIELDS
from portal.proposals.score import MOST_TOKENS, Lesson, guessed, score_of
from tests.builders import NINE, judged_case

WARRANTY = {"request_type": "consultation", "category": "after_sales", "level": "P4", "department": "service"}
RATES = {"request_type": "business", "category": "information", "level": "P3", "department": "business"}
TOPICS = ("保修期还剩几个月呢", WARRANTY), ("套餐升级要补多少差价", RATES)


def some(count: int, *, wrong: bool = False) -> list[Decided]:
    """Decided cases about two matters; `wrong`: decided the other way round."""
    return [
        Decided(n, f"{TOPICS[n % 2][0]} {'甲乙丙丁戊'[n % 5]}", TOPICS[(n + wrong) % 2][1]) for n in range(count)
    ]  # fmt: skip


def lesson(cases: list[Decided]) -> dict:
    made = Lesson()
    for case in cases:
        made.take(case.text, case.values)
    return made.learnt()


def outcome(held: list[Decided], cases: list[Decided]):
    return next(made for made in training.trained(held, cases) if made)


def test_it_fills_what_rules_leave_open_and_names_its_three_strongest_words():
    found = guessed(score_of(lesson(some(100))), "想问保修期")
    assert found["category"].value == "after_sales"
    assert 1 <= len(found["category"].words) <= 3
    assert set("".join(found["category"].words)) <= set("保修期还剩几个月呢")
    assert guessed(score_of(lesson(some(100))), "天气不错") == {}


def test_the_same_cases_give_the_same_score_and_it_is_bounded():
    cases = some(300) + [Decided(n, chr(0x4E00 + n) * 3 + chr(0x5000 + n), WARRANTY) for n in range(3_000)] * 3
    data = lesson(cases)
    assert data == lesson(cases)
    assert max(len(weights) for values in data["fields"].values() for _base, weights in values.values()) <= MOST_TOKENS


def test_it_goes_live_only_if_it_is_not_worse(app, engine, staff):
    data, good = outcome(some(60), some(200))
    assert (good.live, good.held, good.learnt, good.left_out) == (True, 60, 200, [])
    assert good.after["category"] > good.before["category"]
    with transaction():
        assert actions.keep(SYSTEM, NINE, data, good).version == 1
    made = book.propose("保修期还剩几个月")
    assert (made.fields["category"].by, made.score) == ("score", 1)
    assert made.kept()["score"] == 1
    data, bad = outcome(some(60), some(200, wrong=True))
    with transaction():
        actions.keep(SYSTEM, NINE, data, bad)
    assert (bad.live, bad.left_out) == (False, list(FIELDS))
    assert (queries.version(2, "score").state, queries.version(2, "score").data["after"]) == ("refused", bad.after)
    assert book.in_force().score_version == 1
    with pytest.raises(Forbidden), transaction():
        actions.keep(staff["quality"], NINE, data, bad)


def test_a_field_in_which_it_is_worse_is_left_out_and_the_others_speak(app):
    held = [one._replace(values=one.values | {"level": "P3"}) for one in some(60)]
    data, made = outcome(held, some(200))
    assert (made.live, made.left_out) == (True, ["level"])
    assert set(data["fields"]) == set(FIELDS) - {"level"}
    assert all(made.after[name] >= made.before[name] for name in FIELDS)


def test_what_is_held_out_is_never_learnt_from():
    held, cases = training.parted(some(2_000))
    assert (len(held), len(cases)) == (500, 1_500)
    assert not {case.id for case in held} & {case.id for case in cases}
    assert len(training.parted(some(90))[0]) == 30


def test_the_store_gives_its_decided_cases_and_the_night_waits_until_there_are_enough(app, engine, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")
    found = queries.decided(10)
    assert [(one.id, one.values["level"], one.values["department"]) for one in found] == [(case.id, "P2", "tech")]
    assert training.prepared() is None
    assert training.prepared(least=1) is not None
    assert not Learning().step(at(hours=18))
    assert queries.versions("score") == []


def test_a_proposal_takes_less_than_five_milliseconds(app):
    tried = book.in_force()._replace(score=score_of(lesson(some(500))))
    text = "送餐太慢，两个小时才送到，饭菜都凉了，打客服电话一直没人接，" * 6
    start = time.process_time()
    for _ in range(50):
        book.propose(text, book=tried)
    assert (time.process_time() - start) / 50 < 0.005
