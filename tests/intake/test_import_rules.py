"""IN3, IN11: which rows of another system's file can be used, and the one line that says why a row cannot."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from portal.intake.import_rules import (
    Options,
    Refusal,
    Row,
    check,
    customer_of,
    decoded,
    header,
    key_of,
    records,
    sort_out,
)
from portal.kernel.errors import Invalid

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def options(**changes: Any) -> Options:
    facts: dict[str, Any] = {"columns": {"text": "description"}, "channel": "app", "source": "old"}
    return Options(**(facts | changes))


def read(raw: bytes | str, **changes: Any) -> list[Row | Refusal]:
    text = decoded(raw)[0] if isinstance(raw, bytes) else raw
    found, chosen = records(text), options(**changes)
    return list(sort_out(found, header(next(found, None), chosen), chosen, NOW))


def codes(found: Iterable[Row | Refusal]) -> list[str]:
    return [x.code if isinstance(x, Refusal) else "ok" for x in found]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_chinese_file_is_read_in_each_usual_encoding(encoding):
    text = "text\n" + "宽带从昨晚开始频繁掉线\n" * 40
    rows = read(text.encode(encoding))
    assert {r.values["description"] for r in rows} == {"宽带从昨晚开始频繁掉线"}


def test_one_broken_byte_refuses_its_row_alone():
    good = "宽带从昨晚开始频繁掉线\n".encode()
    assert (
        codes(read(b"text\n" + good * 9 + good[:4] + good[5:] + good * 9))
        == ["ok"] * 9 + ["row_undecodable"] + ["ok"] * 9
    )


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('"没有闭合的引号', "quote_open"),
        ('"引号"之后还有字', "quote_stray"),
        ("", "row_empty"),
        ("  ", "row_empty"),
        ("一格,多出一格", "row_columns"),
        ("中间有\0字节", "row_nul"),
        ("长" * 1_048_576, "row_too_long"),
    ],
)
def test_a_bad_row_is_refused_on_its_own_line_and_the_rest_is_used(line, code):
    found = read(f"text\n第一行的内容在这里\n{line}\n第三行的内容在这里\n")
    assert codes(found) == ["ok", code, "ok"]
    assert [x.line for x in found] == [2, 3, 4]


def test_a_quote_that_is_never_closed_does_not_swallow_the_rows_after_it():
    lines = [f"第{n}行的内容" for n in range(700)]
    lines[3] = '"' + lines[3]
    assert codes(read("text\n" + "\n".join(lines))) == ["ok"] * 3 + ["quote_open"] + ["ok"] * 696


def test_a_quoted_cell_may_hold_line_breaks_and_doubled_quotes():
    [row] = read('text\n"第一行\n第二行""引号""完"\n')
    assert row.values["description"] == '第一行\n第二行"引号"完'


def test_what_is_filled_in_is_named():
    [row] = read(
        "text\n菜品送到时已经凉了\n",
        defaults={"received_at": "2026-09-01 09:00", "demand": "答复客户"},
        customer_prefix="外卖客户",
    )
    assert set(row.assumed) == {"received_at", "demand", "customer"}
    assert row.received == datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
    assert row.values["customer_name"].startswith("外卖客户-")


def test_a_value_of_the_file_is_never_replaced_by_a_default():
    [row] = read(
        "text,d\n菜品送到时已经凉了,退款\n",
        columns={"text": "description", "d": "demand"},
        defaults={"demand": "答复"},
    )
    assert row.values["demand"] == "退款"
    assert "demand" not in row.assumed


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("2026-13-01 09:00,fault", "row_no_time"),
        ("2027-01-01 09:00,fault", "row_received_ahead"),
        ("2026-09-01 09:00,weather", "row_not_listed"),
        ("2026-09-01 09:00,fault", "ok"),
    ],
)
def test_times_and_listed_values_are_checked(cells, code):
    columns = {"text": "description", "at": "received_at", "kind": "request_type"}
    assert codes(read(f"text,at,kind\n宽带频繁掉线无法使用,{cells}\n", columns=columns)) == [code]


def test_a_list_is_read_by_its_words_too():
    columns, spelled = (
        {"text": "description", "kind": "request_type"},
        {"request_type": {"fault": "fault", "故障": "fault"}},
    )
    options = {"columns": columns, "spelled": spelled, "defaults": {"request_type": "故障"}}
    rows = read("text,kind\n宽带频繁掉线无法使用,故障\n宽带频繁掉线无法使用,\n宽带频繁掉线,投诉\n", **options)
    assert [getattr(row, "values", {}).get("request_type") for row in rows] == ["fault", "fault", None]
    assert rows[2].facts["known"] == "fault"


def test_keys_are_stable_and_tell_equal_rows_apart():
    same = "text\n太慢了\n太慢了\n"
    first, second = read(same)
    assert (first.key, second.key) == tuple(r.key for r in read("text\n太慢了\n别的内容\n太慢了\n"))[::2]
    assert first.key != second.key
    assert key_of("old", ("太慢了",), 1) != key_of("new", ("太慢了",), 1)
    assert customer_of("客户", first.key) != customer_of("客户", second.key)


@pytest.mark.parametrize(
    ("text", "changes", "code"),
    [
        ("", {}, "import_no_header"),
        ("body\nx\n", {}, "import_column_missing"),
        ("text,text\nx,y\n", {}, "import_column_twice"),
    ],
)
def test_a_file_of_no_use_is_refused_whole(text, changes, code):
    with pytest.raises(Invalid) as refused:
        read(text, **changes)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"channel": "pigeon"}, "import_channel"),
        ({"columns": {"text": "story"}}, "import_field"),
        ({"columns": {"text": "demand"}}, "import_needs_description"),
        ({"columns": {"text": "description", "body": "description"}}, "import_field_twice"),
        ({"defaults": {"received_at": "yesterday"}}, "import_default"),
        ({"delimiter": ""}, "import_delimiter"),
    ],
)
def test_options_that_fit_no_file_are_refused(changes, code):
    with pytest.raises(Invalid) as refused:
        check(options(**changes))
    assert refused.value.code == code
