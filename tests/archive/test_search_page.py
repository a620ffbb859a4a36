"""AR2, F-67: the search page answers whatever is typed, shows nothing that does not fit, and box and line agree."""

import re
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from portal.archive import batch, facets
from portal.archive.query_reading_rules import parsed
from portal.archive.vocabulary import words
from portal.kernel import tokens
from portal.kernel.db import transaction
from tests.archive.test_query import PIECES, WHOLE
from tests.archive.texts import some_paper
from tests.builders import NINE, make_case
from tests.conftest import HTMX

HOSTILE = (
    "'", '"', "' OR 1=1 --", "退款' OR '1'='1", '退款" OR 1=1 --', "NEAR(退款 宽带)", "退款*", "^退款", "t:退款",
    "{退款}", "(退款", ")", "AND", "NOT 退款", "退款 AND NOT", "xa0", "'; DROP TABLE archived; --", "%", "_", "\\",
    "level:'P1'",
    "dept:1 OR 1=1", "phone:1' OR '1", "2026-03..'", "no:%", "level:P1,P9", "\0", "-", "--", "𠮷", "\u202e退款",
)  # fmt: skip


@pytest.fixture
def papers(app, engine, at, staff):
    """Sixty generated records, the newest first."""
    with transaction():
        case = make_case(staff["agent"])
    made = [some_paper(n, case.id, seed=5, at=NINE - timedelta(hours=30 * n)) for n in range(60)]
    with transaction():
        batch.load(made)
    facets.forget()
    return {paper.no: paper for paper in made}


@pytest.fixture
def browser(papers, staff, signed_in):
    """The supervisor's, who sees every department."""
    return signed_in(staff["supervisor"])


def shown(answer):
    return re.findall(r'<span class="no">(CS\d{4}-\d+)</span>', answer.get_data(as_text=True))


def judge(browser, papers, typed):
    """Nothing but an answer, a way on or a refusal in words; and every row shown holds what was asked."""
    answer = browser.get("/archive", query_string={"q": typed})
    assert answer.status_code in (200, 303, 422), typed
    found = parsed(tokens.line(typed.replace("\0", "")), words())
    if answer.status_code == 422:
        assert found.faults
        assert shown(answer) == []
        assert 'aria-invalid="true"' in answer.get_data(as_text=True)
        assert browser.get("/archive/facets", query_string={"q": typed}, headers=HTMX).status_code == 422
        return
    assert found.faults == ()
    for no in shown(answer):
        text = papers[no].text
        assert all(tokens.occurs(text, (term.folded,)) for term in found.terms), (typed, no)
        assert not any(tokens.occurs(text, (term.folded,)) for term in found.excluded), (typed, no)
        assert papers[no].level in found.chosen.get("level", ("P1", "P2", "P3", "P4"))


def test_hostile_queries_find_nothing_more(browser, papers):
    for typed in HOSTILE:
        judge(browser, papers, typed)


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(suppress_health_check=QUIET, max_examples=15, deadline=None)
@given(st.lists(PIECES, max_size=5).map(" ".join))
def test_whatever_is_typed_is_answered(browser, papers, typed):
    judge(browser, papers, typed)


def test_a_fault_stands_at_the_field_with_everything_typed(browser):
    answer = browser.get("/archive", query_string={"q": '退款 leval:P1 "x'}).get_data(as_text=True)
    assert 'value="退款 leval:P1 &#34;x"' in answer
    assert 'id="q-error"' in answer
    answer = browser.get("/archive", query_string={"q": "leval:P1"}).get_data(as_text=True)
    assert "“level:”" in answer
    assert 'id="results"' not in answer


def test_line_and_boxes_write_the_same_query(browser):
    answer = browser.get("/archive?q=退款&level=P1&level=P2&department=3&from=2026-03-01&to=2026-05-31&channel=hotline")
    assert answer.status_code == 303
    line = parse_qs(urlsplit(answer.location).query)["q"][0]
    assert line == "退款 level:P1,P2 dept:技术支持组 channel:电话热线 2026-03..2026-05"
    page = browser.get("/archive", query_string={"q": line}).get_data(as_text=True)
    assert f'value="{line}"' in page
    for box in ('id="level-P1"', 'id="department-3"', 'id="channel-hotline"'):
        assert re.search(rf"{box}[^>]*checked", page), box
    assert 'id="from" name="from" type="date" value="2026-03-01"' in page
    assert '<input type="hidden" name="q" value="退款">' in page
    assert browser.get("/archive?q=退款&level=P9").status_code == 422
    assert browser.get("/archive?q=退款&from=soon").status_code == 422


def test_the_same_address_reads_alike_in_both_languages(browser):
    query = {"q": "退款 dept:技术支持组 channel:电话热线"}
    chinese = browser.get("/archive", query_string=query)
    browser.set_cookie("locale", "en")
    english = browser.get("/archive", query_string=query)
    assert shown(chinese) == shown(english)
    assert "channel:Hotline" in english.get_data(as_text=True)


def test_all_seven_facets_are_counted(browser, papers):
    counted = browser.get("/archive/facets", query_string={"q": "退款"}, headers=HTMX).get_data(as_text=True)
    for name in ("department", "level", "channel", "outcome", "category", "satisfied"):
        assert f'name="{name}"' in counted, name
    assert "2026-11" in counted
    total = sum(tokens.occurs(paper.text, ("退款",)) for paper in papers.values())
    assert f">{total} " in counted or f"{total} 件" in counted


def test_what_is_typed_is_completed(browser):
    offered = browser.get("/archive/complete", query_string={"q": "退款 技术"}).get_json()["offered"]
    assert [one["line"] for one in offered] == ["退款 dept:技术支持组 "]
    assert browser.get("/archive/complete", query_string={"q": WHOLE}).get_json()["offered"] == []


def test_open_cases_stand_with_customer_and_contact_and_the_archive_counts_closed_ones(browser, staff, signed_in):
    found = browser.get("/archive/elsewhere", query_string={"q": "光猫"}, headers=HTMX).get_data(as_text=True)
    assert "王芳" in found
    assert "13800130013" in found
    masked = signed_in(staff["quality"]).get("/archive/elsewhere", query_string={"q": "光猫"}, headers=HTMX)
    assert "13800130013" not in masked.get_data(as_text=True)
    assert "138****0013" in masked.get_data(as_text=True)


@pytest.mark.parametrize("typed", ["款", "a", "%" * 4, "款" * 10_000, "(a+)+$" * 40, "款 " * 150, "-款" * 100])
def test_no_query_costs_more_than_its_bounds(browser, at, typed):
    with reading_counted() as counted:
        answer = browser.get("/archive", query_string={"q": typed})
    assert answer.status_code in (200, 303, 422)
    assert len(counted) < 60, "one question a quarter and piece, not one a record or a sign"
    if len(typed) > 300:
        assert answer.status_code == 422
        assert shown(answer) == []


@contextmanager
def reading_counted():
    """The statements sent meanwhile."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_kept_pieces_of_the_page_carry_each_search_as_it_was_typed(browser, papers):
    for typed, spelled in (("宽带", "宽带"), ("“a<b>&c”", "a&lt;b&gt;&amp;c"), ("退款\ue005\ue001", None)):
        page = browser.get("/archive", query_string={"q": typed}).get_data(as_text=True)
        fields = re.findall(r'<input type="hidden" name="q" value="([^"]*)">', page)
        assert len(fields) >= 2
        assert len(set(fields)) == 1
        assert spelled is None or fields[0] == spelled
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
        assert token not in fields[0]
        assert "/archive/export" not in fields[0]
