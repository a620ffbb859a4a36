"""A phrase is looked for by the tokens that tell most; what is left out never changes what is found."""

import pytest

from portal.archive import batch, usual
from portal.archive.queries import page
from portal.archive.search import Search, match_of
from portal.kernel import tokens
from portal.kernel.db import transaction
from tests.archive.texts import some_paper
from tests.builders import make_case


@pytest.fixture
def learnt(app, engine, at, staff):
    """200 records: all speak of 业务, each tenth of 断网, half of the others of 宽带业务; one of cdn断网."""
    texts = ["业务断网" if n % 10 == 0 else "宽带业务变更" if n % 2 else "业务咨询" for n in range(200)]
    texts[77] = "业务 cdn断网"
    with transaction():
        case = make_case(staff["agent"])
        batch.load(
            one.__class__(**vars(one) | {"text": f"{one.no}\n{text}"})
            for n, text in enumerate(texts)
            for one in [some_paper(n, case.id)]
        )
    usual.forget()
    usual.learn()


def asked(term):
    return usual.rarer(tokens.of_term(term))


def test_tokens_that_say_little_beside_the_others_are_not_asked_for(learnt):
    assert asked("业务断网") == ["务断", "断网"]  # 业务 is everywhere
    assert asked("宽带业务") == ["业务", "宽带"]  # 带业 stands where 宽带 does, 业务 is but twice as common
    assert asked("cdn断网") == ["cdn¦断"]  # what follows the rare one is left to the text
    assert asked("业务") == ["业务"]
    assert asked("冰箱门") == ["冰箱", "箱门"]  # of unknown ones both


def test_without_a_sample_every_token_is_asked_for(learnt):
    usual.forget()
    assert asked("业务断网") == ["业务", "务断", "断网"]


def test_only_those_who_look_at_the_rows_leave_tokens_out(learnt):
    search = Search(terms=("业务断网",))
    assert len(match_of(search).all) == 3
    assert len(match_of(search, sparing=True).all) == 2
    assert len(page(search, size=50).hits) == 20
    assert [hit.text.split("\n")[1] for hit in page(Search(terms=("cdn断网",))).hits] == ["业务 cdn断网"]


def test_an_empty_archive_is_learnt_too(app, engine, at):
    usual.forget()
    usual.learn()
    assert asked("业务断网") == ["业务", "务断", "断网"]
