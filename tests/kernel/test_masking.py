"""AR6: numbers are known by shape and check digit, and only those are hidden."""

import pytest

from portal.kernel.masking import CARD, DOCUMENT, PHONE, hidden, numbers, without_names

IDENTITY, PLASTIC = "11010519491231002X", "6222021234567890128"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("电话13800130013。", "电话138****0013。"),
        ("+86 138-0013-0013", "138****0013"),
        ("１３８００１３００１３", "138****0013"),
        ("座机0571-82600001", "座机057****0001"),
        (f"身份证{IDENTITY}号", "身份证110****002X号"),
        (f"身份证{IDENTITY.lower()}号", "身份证110****002X号"),
        ("卡号 4111 1111 1111 1111 到账", "卡号 411****1111 到账"),
        ('<a href="tel:13800130013">13800130013</a>', '<a href="tel:138****0013">138****0013</a>'),
        ("扫描件13800130013.png", "扫描件138****0013.png"),
    ],
)
def test_what_is_somebodys_number_is_hidden(text, seen):
    assert hidden(text) == seen


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24 08:30", "CS2611-0473", "订单 DD20261124001", "1764000000000", "1764000000", "110105194912310021",
        "4111 1111 1111 1112", "400-800-8000", "23800130013", "138001300130",
        "3f" + "13800130013" + "ab" * 20, "110105199913310021",
    ],
)  # fmt: skip
def test_what_only_looks_like_one_stays(text):
    assert hidden(text) == text


def test_kinds_are_told_apart_and_hidden_each_for_itself():
    text = f"13800130013 {IDENTITY} {'4111111111111111'}"
    assert [kind for kind, _ in numbers(text)] == [PHONE, DOCUMENT, CARD]
    assert "13800130013" in hidden(text, {DOCUMENT, CARD})
    assert IDENTITY not in hidden(text, {DOCUMENT, CARD})
    assert hidden(text, known={"13800130013"}).startswith("13800130013 110****")


def test_names_of_persons_are_hidden_and_those_of_companies_are_not():
    assert without_names("王芳来电，王芳的弟弟", ["王芳"]) == "王**来电，王**的弟弟"
    assert without_names("望湖超市有限公司", ["望湖超市有限公司"]) == "望湖超市有限公司"
