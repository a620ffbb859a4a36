"""The order of the archive is the time of archiving, whenever a record came in; traditional and simplified meet."""

from datetime import timedelta
from random import Random

import pytest

from portal.archive import batch, counts, facets, filing, reindex
from portal.archive.models import Archived, ArchiveQuarter
from portal.archive.queries import page
from portal.archive.rules import A_SECOND, place_of
from portal.archive.search import Search
from portal.archive.stores import quarters
from portal.kernel import tokens
from portal.kernel.db import db, transaction
from tests.archive.texts import some_paper
from tests.builders import NINE, closed_case, make_case


@pytest.fixture
def case(app, engine, at, staff):
    """The case to which imported records belong."""
    with transaction():
        found = make_case(staff["agent"])
    facets.forget()
    return found


def load(papers):
    with transaction():
        batch.load(papers, chunk=50)


def all_of(search=None):
    found, place = [], ""
    while True:
        got = page(search or Search(), place, 7)
        found += [hit.row.archived_at for hit in got.hits]
        place = got.older
        if not place:
            return found


def test_a_legacy_import_falls_into_its_place(case):
    load(some_paper(n, case.id, at=NINE - timedelta(hours=5 * n)) for n in range(60))
    old = [some_paper(100 + n, case.id, at=NINE.replace(year=2019) + timedelta(hours=12 * n)) for n in range(90)]
    between = [some_paper(300 + n, case.id, at=NINE - timedelta(hours=5 * n + 2)) for n in range(60)]
    Random(1).shuffle(old)
    Random(2).shuffle(between)
    load(old)
    load(between)
    assert quarters()[-2:] == ["2020q1", "2019q4"]
    for search in (Search(), Search(terms=("退款",)), Search(chosen=(("level", ("P1", "P4")),))):
        found = all_of(search)
        assert found == sorted(found, reverse=True)
        assert len(found) == counts.counts(search).total
    assert len(all_of()) == 210


def test_many_records_of_one_instant_each_have_a_place_of_their_own(case):
    load(some_paper(n, case.id, at=NINE) for n in range(40))
    load(some_paper(50 + n, case.id, at=NINE + timedelta(seconds=n)) for n in range(5))
    places = list(db.session.scalars(db.select(Archived.place).order_by(Archived.place)))
    assert len(set(places)) == 45
    assert places[:A_SECOND] == list(range(place_of(NINE), place_of(NINE) + A_SECOND))
    assert len(all_of()) == 45


def test_a_place_that_was_taken_meanwhile_is_left_alone(case, monkeypatch):
    load([some_paper(1, case.id, at=NINE)])
    real, calls = filing.free, []

    def stale(quarter, wanted):
        calls.append(1)
        return wanted if len(calls) == 1 else real(quarter, wanted)

    monkeypatch.setattr(filing, "free", stale)
    load([some_paper(2, case.id, at=NINE), some_paper(3, case.id, at=NINE + timedelta(days=1))])
    assert len(calls) == 2
    assert len(all_of()) == 3


def test_an_index_of_older_tokens_is_filled_anew(case, staff):
    with transaction():
        no = closed_case(staff["agent"], staff["supervisor"], staff["handler"]).no
    load(some_paper(n, case.id, at=NINE - timedelta(days=n)) for n in range(5))
    before = all_of()
    with transaction():
        db.session.execute(db.update(ArchiveQuarter).values(version=tokens.VERSION - 1))
        db.session.connection().exec_driver_sql("UPDATE archived_text SET tokeniser = 1")
    assert reindex.bring_up() == len(quarters())
    assert reindex.bring_up() == 0
    assert all_of() == before
    assert no in [hit.row.no for hit in page(Search(terms=("光猫",))).hits]


def test_traditional_and_simplified_characters_find_each_other(case, staff):
    with transaction():
        closed_case(
            staff["agent"], staff["supervisor"], staff["handler"], description="寬帶斷線，客戶要求退費並書面說明"
        )
    for query in ("宽带", "寬帶", "退费", "退費", "“并书面”", "斷線", "客户"):
        assert len(page(Search(terms=tokens.terms(query))).hits) == 1, query
    assert page(Search(terms=tokens.terms("寬頻"))).hits == []
    pieces = tokens.marked("客戶要求退費並", ("退费",))
    assert ("退費", True) in pieces
