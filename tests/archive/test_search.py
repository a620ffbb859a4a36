"""Searching on both engines: the page is what reading every text would give, and nobody sees what is not theirs."""

from datetime import date, timedelta

import pytest

from portal.archive import batch, counts, facets, sieve
from portal.archive.models import Archived
from portal.archive.queries import page
from portal.archive.search import Search
from portal.archive.stores import quarters
from portal.kernel import tokens
from portal.kernel.db import db, transaction
from tests.archive.texts import some_paper
from tests.builders import NINE, make_case

QUERIES = (
    "退款", "宽", "于敏", "霹雳", "VPN业务", "vpn", "wifi 退款", "资源核查", "专线业务断网",
    "“refund late”", "invoice", "CS2612", "138", "0", "13", "5G套餐", "500m", "99.5元", "客户要求",
    "los灯 夜间", "欧阳修远 账单", "999999999", '退款" OR 1=1 --', "退款 OR 宽带", "退*", "NOT 退款",
    "(退款", "t:退款", "退款^", "xa0", "'; DROP TABLE archived; --", "%", "_", "\\", "{退款}",
    "NEAR(退款 宽带)", "电话",
)  # fmt: skip
NUMBER = 500


@pytest.fixture
def archive(app, engine, at, staff):
    """500 generated records over three quarters."""
    with transaction():
        case = make_case(staff["agent"])
    papers = [some_paper(n, case.id, at=NINE - timedelta(hours=8 * (NUMBER - n))) for n in range(NUMBER)]
    with transaction():
        assert batch.load(papers, chunk=200) == NUMBER
    facets.forget()
    return papers


def truth(papers, query, units=None, **chosen):
    """The numbers that reading every text gives, newest first."""
    wanted = tokens.terms(query)
    return [
        p.no
        for p in reversed(papers)
        if tokens.occurs(p.text, wanted)
        and (units is None or {p.department_id, p.intake_unit_id} & units)
        and all(getattr(p, name) in values for name, values in chosen.items())
    ]


def numbers(found):
    return [hit.row.no for hit in found.hits]


def test_the_page_and_the_count_are_what_reading_every_text_gives(archive):
    assert len(quarters()) == 3
    for query in QUERIES:
        search = Search(terms=tokens.terms(query))
        expected = truth(archive, query)
        assert numbers(page(search)) == expected[:20], query
        counted = counts.counts(search)
        assert (counted.total, counted.exact) == (len(expected), True), query


def test_older_pages_go_on_where_the_last_one_ended(archive):
    search, seen, place = Search(terms=("退款",)), [], ""
    while True:
        found = page(search, place)
        seen += numbers(found)
        place = found.older
        if not place:
            break
    assert seen == truth(archive, "退款")


def test_filters_and_days_narrow_inside_the_match(archive):
    search = Search(terms=("宽带",), chosen=(("level", ("P1", "P2")), ("channel", ("email",))))
    assert numbers(page(search)) == truth(archive, "宽带", level=("P1", "P2"), channel=("email",))[:20]
    start, end = date(2026, 9, 20), date(2026, 11, 3)
    within = [p.no for p in reversed(archive) if start <= (p.archived_at + timedelta(hours=8)).date() <= end]
    assert numbers(page(Search(start=start, end=end), size=NUMBER)) == within
    assert counts.counts(Search(start=start, end=end)).total == len(within)
    assert page(Search(start=end, end=start)).hits == []


@pytest.mark.parametrize("few", [0, 2])
def test_a_word_with_filters_is_found_by_kept_bitmaps_and_by_the_index(archive, monkeypatch, few):
    monkeypatch.setattr(sieve, "FEW", few)
    counts.counts(Search())  # reads the bitmaps, as the second part of every page does
    levels = ("P1", "P2")
    for query in ("宽带", "退款"):
        search, seen, place = Search(terms=(query,), chosen=(("level", levels),)), [], ""
        while found := page(search, place, size=5):
            seen += numbers(found)
            place = found.older
            if not place:
                break
        assert seen == truth(archive, query, level=levels)
        assert len(seen) > 5


def test_what_was_filed_after_the_bitmaps_were_read_is_found_with_filters_too(archive):
    search = Search(terms=("退款",), chosen=(("level", ("P1", "P2")),))
    counts.counts(search)
    later = [some_paper(n, 1, at=NINE + timedelta(hours=n)) for n in range(NUMBER, NUMBER + 40)]
    with transaction():
        batch.load(later)
    expected = truth(archive + later, "退款", level=("P1", "P2"))
    assert numbers(page(search)) == expected[:20]
    assert counts.counts(search).total == len(expected)
    assert expected[0] in {paper.no for paper in later}


def test_facets_add_up(archive):
    found = counts.counts(Search(terms=("光猫",)))
    for name in facets.FACETS:
        assert sum(found.values[name].values()) == found.total
    assert found.values["level"]["P2"] == len(truth(archive, "光猫", level=("P2",)))


def test_units_one_may_not_see_are_outside_the_match(archive):
    search = Search(terms=("退款",), units=frozenset({3}))
    assert numbers(page(search)) == truth(archive, "退款", {3})[:20]
    assert counts.counts(search).total == len(truth(archive, "退款", {3}))
    assert page(Search(terms=("退款",), units=frozenset())).hits == []


def test_filing_at_once_makes_the_rows_of_filing_one_by_one(app, engine, at, staff):
    with transaction():
        case = make_case(staff["agent"])
    papers = [some_paper(n, case.id) for n in range(50)]
    with transaction():
        for one in papers:
            batch.load([one])
    singly = rows()
    with transaction():
        batch.load(papers)
    together = rows()[50:]
    assert [r[1:] for r in singly] == [r[1:] for r in together]
    found = [hit.row.id for hit in page(Search(terms=("退款",)), size=200).hits]
    assert sorted(i for i in found if i <= 50) == sorted(i - 50 for i in found if i > 50)


def rows():
    columns = [c for c in Archived.__table__.columns if c.name not in ("id", "place")]
    return [tuple(r) for r in db.session.execute(db.select(Archived.id, *columns).order_by(Archived.id))]
