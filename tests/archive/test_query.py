"""The language of the search box: what is understood, what is refused and how, and that it is written one way."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.archive.query_reading_rules import LONGEST, parsed, pieces
from portal.archive.query_rules import KEYS, Query, Words, completions, spelled

WORDS = Words.of(
    {
        "level": {code: code for code in ("P1", "P2", "P3", "P4")},
        "department": {"3": "网络运维部", "4": "Group customers, north"},
        "channel": {"hotline": "热线", "email": "邮件"},
        "type": {"fault": "故障"},
        "category": {"product": "产品质量"},
        "outcome": {"confirmed": "客户确认"},
        "satisfied": {"yes": "满意", "no": "不满意"},
    },
    {"department": {"netops": "3"}, "channel": {"Hotline": "hotline"}},
)
WHOLE = '退款 宽带 level:P1 dept:网络运维部 2026-03..2026-05 phone:1380 "exact phrase" -word'


def read(text: str) -> Query:
    return parsed(text, WORDS)


def codes(text: str) -> list[str]:
    return [fault.code for fault in read(text).faults]


def test_the_whole_language_is_understood():
    found = read(WHOLE)
    assert [term.folded for term in found.terms] == ["退款", "宽带", "exact phrase"]
    assert [term.folded for term in found.excluded] == ["word"]
    assert found.chosen == {"level": ("P1",), "department": ("3",)}
    assert [(name, term.folded) for name, term in found.fields] == [("phone", "1380")]
    assert (found.start, found.end, found.faults) == (date(2026, 3, 1), date(2026, 5, 31), ())


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("等级：p1,P2", {"level": ("P1", "P2")}),
        ("部门:netops", {"department": ("3",)}),
        ("channel:Hotline 渠道:email", {"channel": ("hotline", "email")}),
        ('dept:"group customers, north"', {"department": ("4",)}),
        ("滿意:滿意", {"satisfied": ("yes",)}),
    ],
)
def test_values_are_known_by_word_and_code_in_both_languages(text, chosen):
    assert (read(text).chosen, codes(text)) == (chosen, [])


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-03..2026-05", "2026-03-01", "2026-05-31"),
        ("2026-03-02..2026-03-04", "2026-03-02", "2026-03-04"),
        ("..2025", None, "2025-12-31"),
        ("2024-12..", "2024-12-01", None),
        ("2026q2..2026Q3", "2026-04-01", "2026-09-30"),
        ("date:2024-02", "2024-02-01", "2024-02-29"),
        ("归档:2026/3/1", "2026-03-01", "2026-03-01"),
    ],
)
def test_days_months_quarters_and_years(text, start, end):
    found = read(text)
    assert found.faults == ()
    assert [at.isoformat() if at else None for at in (found.start, found.end)] == [start, end]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("leval:P1", "query_key_near"), ("colour:red", "query_key"), ("level:P9", "query_value_near"),
        ("channel:xyzzy", "query_value"), ("level:", "query_value_missing"), ('退款 "没有', "query_quote"),
        ("phone:13", "query_phone"), ("phone:王芳", "query_phone"), ("2026-13..", "query_day"), ("..", "query_day"),
        ("2026-05..2026-03", "query_days_order"), ("2026.. 2025..", "query_days_twice"), ("-2026..", "query_not_bar"),
        ("-phone:1380", "query_not_bar"), ("！！", "query_nothing"), ("-", "query_nothing"),
        ("customer:--", "query_nothing"),
        ("甲 乙 丙 丁 戊 己 庚 辛 壬 癸 子 丑 寅", "query_many"), ("字" * (LONGEST + 1), "query_long"),
        ("date:2026-02-30", "query_day"), ("date:a..b", "query_day"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_said(text, code):
    assert code in codes(text)


def test_an_unknown_key_is_answered_with_the_one_that_was_meant():
    assert read("leval:P1").faults[0].facts["near"] == "level"
    assert read("部们:x").faults[0].facts["near"] == "部门"


def test_addresses_and_times_are_words():
    assert [term.folded for term in read("http://a.example/x 12:30").terms] == ["http://a.example/x", "12:30"]


PIECES = st.one_of(
    st.sampled_from(WHOLE.split(" ")),
    st.sampled_from(
        ["level:P1,P2", "-level:P4", "满意:满意", "customer:海天", 'dept:"Group customers, north"', "no:0013"]
    ),
    st.text(alphabet=st.sampled_from("退款宽带aZ09-\"“”:：,，.。 /\\()*^~'%_\u3000\tlevl"), max_size=12),
    st.text(alphabet=st.characters(max_codepoint=0xFFFF, exclude_categories=("Cs",)), max_size=8),
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the law
@given(st.lists(PIECES, max_size=6).map(" ".join))
def test_reading_never_fails_and_what_is_written_reads_the_same(text):
    found = read(text)
    if found.faults:
        return
    again = read(spelled(found, WORDS))
    assert again == found or (again.terms, again.chosen) == (found.terms, found.chosen)
    assert spelled(again, WORDS) == spelled(found, WORDS)
    assert (again.excluded, again.barred, again.fields, again.faults) == (
        found.excluded, found.barred, found.fields, (),
    )  # fmt: skip
    assert (again.start, again.end) == (found.start, found.end)


@given(st.text(alphabet=st.sampled_from('ab "-:,'), max_size=30))
def test_pieces_lose_nothing_but_blanks(line):
    assert "".join(pieces(line)).replace(" ", "") == line.replace(" ", "")


def test_what_was_begun_is_completed():
    assert [one.line for one in completions("退款 le", WORDS)] == ["退款 level:"]
    assert [one.line for one in completions("退款 level:", WORDS)][:2] == ["退款 level:P1 ", "退款 level:P2 "]
    assert completions("退款 网络", WORDS)[0].line == "退款 dept:网络运维部 "
    assert completions("-渠道:热", WORDS)[0].line == "-channel:热线 "
    assert completions("level:P1,p", WORDS)[0].line == "level:P1,P1 "
    assert completions("nosuch:x", WORDS) == completions("退款 ", WORDS) == []


def test_every_key_has_a_word_of_its_own():
    aliases = [alias for names in KEYS.values() for alias in names]
    assert len(aliases) == len(set(aliases))
