"""Counts that rest on kept hits are those of the index as it is, whatever was filed or taken out since."""

from datetime import timedelta

import pytest

from portal.archive import batch, counts, filing, kept_hits
from portal.archive.models import Archived
from portal.archive.search import Search
from portal.archive.stores import quarters, store
from portal.kernel.db import transaction
from tests.archive.texts import some_paper
from tests.builders import NINE, make_case

HALVES = ("P1", "P2"), ("P3", "P4")


@pytest.fixture
def words(app, engine, at, staff):
    """Twelve papers over two quarters, each of a case of its own, six of them of a refund; a function that counts."""
    kept_hits.forget()
    with transaction():
        ids = [make_case(staff["agent"]).id for _ in range(12)]
    texts = ("退款 一次", "断网 一次")
    with transaction():
        batch.load(paper(number, case_id, texts[number % 2]) for number, case_id in enumerate(ids))
    return lambda **more: counts.counts(Search(terms=("退款",), **more)).total


def paper(number, case_id, text):
    one = some_paper(number, case_id, at=NINE - timedelta(days=20 * number))
    return one.__class__(**vars(one) | {"text": f"{one.no}\n{text}", "level": f"P{number % 4 + 1}", "title": "一件事"})


def by_level(count):
    """What each half of the levels counts."""
    return [count(chosen=(("level", levels),)) for levels in HALVES]


def test_counts_follow_what_is_filed_and_taken_out(words, staff):
    assert (words(), by_level(words)) == (6, [3, 3])
    with transaction():
        batch.load([paper(40, make_case(staff["agent"]).id, "再次退款")])
    assert (words(), by_level(words)) == (7, [4, 3])
    with transaction() as session:
        filing.supersede(session.query(Archived.case_id).filter(Archived.level == "P3").limit(1).scalar())
    assert (words(), by_level(words)) == (6, [4, 2])


def test_what_a_transaction_sees_of_itself_is_not_kept(words, staff):
    assert words() == 6
    with transaction() as session:
        batch.load([paper(0, make_case(staff["agent"]).id, "再次退款")])
        assert words() == 7
        session.rollback()
    assert words() == 6


def test_the_index_is_asked_again_only_where_it_has_changed(words, staff, monkeypatch, engine):
    assert len(quarters()) > 1
    words()
    asked, hits = [], store().hits
    monkeypatch.setattr(store(), "hits", lambda codes, match: asked.append(list(codes)) or hits(codes, match))
    assert (words(), by_level(words)) == (6, [3, 3])
    assert asked == [] if engine == "sqlite" else len(asked) == 3
    asked.clear()
    with transaction():
        batch.load([paper(0, make_case(staff["agent"]).id, "再次退款")])
    assert words() == 7
    assert asked == ([quarters()[:1]] if engine == "sqlite" else [quarters()])


def test_hits_asked_for_the_longest_ago_are_let_go(words, monkeypatch):
    monkeypatch.setattr(kept_hits, "MOST", 4 * kept_hits.FEW)
    for term in ("退款", "断网", "一次", "退款", "一件"):
        counts.counts(Search(terms=(term,)))
    assert sum(len(places) + kept_hits.FEW for _, places in kept_hits._kept.values()) <= kept_hits.MOST
    assert words() == 6
