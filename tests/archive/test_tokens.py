"""What a text is found by: whatever really occurs in it can never be missed by its tokens."""

from hypothesis import given
from hypothesis import strategies as st

from portal.kernel import tokens
from portal.kernel.tokens import filed, fold, marked, occurs, of_term, of_text, terms

MIXED = st.text(
    alphabet=st.one_of(
        st.sampled_from("宽带退款光猫中国移动客户服务業龍カナ한국"),
        st.sampled_from("abzXYZéßİ0123456789０９５Ⅳ㎏"),
        st.sampled_from(" \n-_.,，。！“”\"'*():^+\u3000\t"),
        st.characters(exclude_categories=("Cs",)),
    ),
    max_size=40,
)


@given(MIXED, st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2), MIXED, st.data())
def test_any_two_neighbouring_chinese_characters_of_a_text_are_found(before, chinese, after, data):
    place = data.draw(st.integers(0, len(chinese) - 2))
    pair = chinese[place : place + 2]
    folded = fold(pair)
    assert terms(pair) == (folded,)
    assert of_term(folded) == {folded}
    assert folded in filed(before + chinese + after)


@given(MIXED, st.data())
def test_a_term_that_occurs_has_all_its_tokens_in_the_text(text, data):
    line = tokens.line(text)
    start = data.draw(st.integers(0, max(0, len(line) - 1)))
    end = data.draw(st.integers(start, len(line)))
    for term in terms(line[start:end]) + terms(f"“{line[start:end]}”"):
        if occurs(line, [term]):
            assert of_term(term) <= filed(line), term


@given(MIXED, MIXED)
def test_tokens_that_decide_alone_never_lie(text, query):
    line = tokens.line(text)
    for term in terms(query):
        if tokens.decided_by_tokens(term):
            assert (of_term(term) <= filed(line)) == occurs(line, [term]), term


@given(MIXED, st.data())
def test_a_term_occurs_where_it_stands_in_the_folded_text(text, data):
    line = tokens.line(text)
    start = data.draw(st.integers(0, max(0, len(line) - 1)))
    typed = data.draw(
        st.sampled_from([line[start : start + 3], line[start : start + 9].upper(), text[::-1], "los", "İ"])
    )
    for term in terms(typed):
        assert occurs(line, [term]) == tokens.within(fold(line), term), (line, term)


@given(MIXED, MIXED)
def test_marking_loses_no_character(text, query):
    assert "".join(piece for piece, _ in marked(text, terms(query))) == text


@given(st.text(alphabet="0123456789", min_size=1, max_size=20), st.data())
def test_every_fragment_of_a_number_is_found(number, data):
    start = data.draw(st.integers(0, len(number) - 1))
    fragment = number[start : data.draw(st.integers(start + 1, len(number)))]
    assert of_term(fragment) <= filed(f"电话{number}打不通")


def test_words_are_whole_and_case_and_width_do_not_matter():
    assert occurs("光猫ＬＯＳ灯闪", terms("los灯"))
    assert not occurs("closed", terms("los"))
    assert fold("ＶＰＮ１２３") == "vpn123"


def test_quoted_phrases_stay_whole_and_empty_terms_fall_away():
    assert terms("“not again” 退款 ！！ -- 退款") == ("not again", "退款")


def test_filter_tokens_cannot_be_typed():
    assert not filed("xl0p1 xd07 xa0 xu02") & {"xl0p1", "xd07", "xa0", "xu02"}


def test_a_word_is_filed_with_what_adjoins_it_so_that_few_rows_have_the_token():
    assert of_term("dd0012") == {"dd¦0012"}
    assert of_term("dd00123456") == {"dd¦0012", "00123456"}
    assert of_term("vpn业务") == {"vpn¦业", "业务"}
    assert of_term("5g") == {"5¦g"}
    assert tokens.decided_by_tokens("dd0012")
    assert of_term("dd0012") <= filed("订单号DD001234567。")
    assert not of_term("dd0012") <= filed("订单号AD001234567。")


def test_how_much_alike_two_texts_are_does_not_depend_on_the_longer_tokens():
    assert of_text("vpn业务") == {"vpn", "n业", "业", "务", "业务"}
