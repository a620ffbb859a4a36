"""AR2: the first page is what reading every text gives, for 48 queries of twelve kinds, with and without filters."""

from datetime import date, timedelta
from itertools import islice

import pytest

from portal.archive import batch, counts, facets, indexes, usual
from portal.archive.queries import page
from portal.archive.rules import satisfied
from portal.archive.search import Search
from portal.directory.rules import digits
from portal.kernel import tokens
from portal.kernel.db import transaction
from portal.kernel.i18n import local
from tests.archive.texts import some_paper
from tests.builders import NINE, make_case

NUMBER = 300
KINDS = {
    "common pair": ("退款", "宽带", "客户", "光猫"),
    "rare pair": ("于敏", "移机", "鑫源", "违约"),
    "four characters": ("资源核查", "语音留言", "书面说明", "携号转网"),
    "one character": ("宽", "费", "网", "猫"),
    "name": ("王芳", "欧阳修远", "鑫源商贸", "欧阳"),
    "telephone fragment": ("138", "1380", "99", "0000"),
    "number of an order": ("ord12", "ord9", "ORD", "CS2611"),
    "two words": ("退款 宽带", "光猫 王芳", "账单 invoice", "VPN业务 夜间"),
    "mixed scripts": ("vpn业务", "wifi信号", "5G套餐", "los灯"),
    "long phrase": ("“退款光猫”", "“专线业务断网”", "“客户要求书面说明”", "“refund late”"),
    "left out": ("退款 -宽带", "光猫 -“王芳”", "-退款 -光猫", "宽带 -vpn业务"),
    "no hit": ("冰箱", "99999999999", "zzz", "猫光猫光猫"),
}
FILTERS = (
    {},
    {"chosen": (("level", ("P1", "P2")), ("department", ("3",)))},
    {"barred": (("channel", ("email",)),), "chosen": (("satisfied", ("yes", "none")), ("category", ("product",)))},
    {"start": date(2026, 10, 3), "end": date(2026, 11, 9), "units": frozenset((2, 3))},
)


@pytest.fixture
def papers(app, engine, at, staff):
    """Generated records over two quarters, newest first."""
    with transaction():
        case = make_case(staff["agent"])
    made = [some_paper(n, case.id, seed=3, at=NINE - timedelta(hours=5 * n)) for n in range(NUMBER)]
    with transaction():
        batch.load(reversed(made))
    facets.forget()
    return made


def truth(papers, search):
    """The numbers of all records that fit, by reading every one of them."""
    return [paper.no for paper in papers if fits(paper, search)]


def fits(paper, search):
    day = local(paper.archived_at).date()
    said = {
        "level": paper.level, "department": str(paper.department_id), "channel": paper.channel,
        "category": paper.category, "satisfied": satisfied(paper.rating),
    }  # fmt: skip
    folded = tokens.fold(paper.text)
    return (
        all(tokens.within(folded, term) for term in search.terms)
        and not any(tokens.within(folded, term) for term in search.excluded)
        and all(said[name] in values for name, values in search.chosen)
        and not any(said[name] in values for name, values in search.barred)
        and all(term in digits(paper.contact) for name, term in search.fields)
        and (search.start or day) <= day <= (search.end or day)
        and (search.units is None or bool(search.units & {paper.department_id, paper.intake_unit_id}))
    )


def searches():
    """Each query as it is, and with one of the filters in turn."""
    turn = 0
    for kind, queries in KINDS.items():
        for query in queries:
            turn += 1
            parts = query.split(" ") if "“" not in query or "-" in query else [query]
            wanted = [part for part in parts if not part.startswith("-")]
            left_out = [part[1:] for part in parts if part.startswith("-")]
            for filters in (FILTERS[0], FILTERS[1 + turn % 3]):
                terms, excluded = tokens.terms(" ".join(wanted)), tokens.terms(" ".join(left_out))
                yield kind, query, Search(terms=terms, excluded=excluded, **filters)


@pytest.mark.parametrize("looked_at", [(1, 0), (20, 100), (100, 2_000)])
def test_the_first_page_is_the_truth(papers, monkeypatch, looked_at):
    """Whether the index is asked, or the newest rows, or both (PostgreSQL)."""
    monkeypatch.setattr(indexes, "LOOKED_AT", looked_at[0])
    monkeypatch.setattr(indexes, "MOST_LOOKED_AT", looked_at[1])
    usual.forget()
    assert sum(map(len, KINDS.values())) == 48
    shown = counted = 0
    for kind, query, search in searches():
        expected = truth(papers, search)
        found = [hit.row.no for hit in page(search).hits]
        assert found == expected[:20], (kind, query, search)
        if shown % 3 == 0:
            known = counts.counts(search)
            assert (known.total, known.exact) == (len(expected), True), (kind, query)
            counted += known.total
        shown += 1
    assert shown == 48 * 2
    assert counted


def test_a_field_holds_a_term_or_not(papers):
    for term in ("138", "0130", papers[7].contact[2:7], papers[9].contact):
        search = Search(fields=(("phone", term),))
        assert [hit.row.no for hit in page(search).hits] == truth(papers, search)[:20], term
    for name, term in (("customer", "欧阳"), ("title", "退款"), ("no", papers[5].no.lower()[4:])):
        held = {"customer": "customer_name"}.get(name, name)
        expected = [paper.no for paper in papers if tokens.occurs(getattr(paper, held), (term,))]
        assert [hit.row.no for hit in page(Search(fields=((name, term),))).hits] == expected[:20]


def test_by_relevance_those_come_first_whose_title_holds_the_words(papers):
    for terms in (("退款",), ("光猫", "客户"), ("欧阳修远",)):
        titled = [p.no for p in papers if tokens.occurs(p.title, terms)]
        others = [p.no for p in papers if tokens.occurs(p.text, terms) and not tokens.occurs(p.title, terms)]
        for size in (7, max(1, len(titled))):
            assert list(islice(paged(Search(terms=terms), size), 500)) == titled + others, (terms, size)


def paged(search, size):
    place = ""
    while True:
        found = page(search, place, size, relevant=True)
        yield from (hit.row.no for hit in found.hits)
        place = found.older
        if not place:
            return


def test_many_candidates_make_the_count_a_bound_that_is_labelled(papers, monkeypatch):
    monkeypatch.setattr(counts, "LOOKED_AT", 10)
    search = Search(terms=tokens.terms("vpn业务"))
    found = counts.counts(search)
    assert not found.exact
    assert found.total >= len(truth(papers, search))
