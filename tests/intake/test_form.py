"""IN2-IN4, SE1: a request is taken down once, whole, and nothing typed is ever lost or run."""

import threading
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.cases.models import Case
from portal.intake.models import Draft
from portal.kernel.db import db
from portal.kernel.i18n import term
from tests.builders import NINE
from tests.conftest import HTMX

XSS = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<svg/onload=alert(1)>", "{{ 7*7 }}{% raw %}",
    "' onmouseover='alert(1)", "<b hx-get='/x' hx-trigger='load'>x</b>", "javascript:alert(1)",
    "</textarea><script>x</script>",
]  # fmt: skip
ACTIVE = ("<script>alert", "<img src=x", "<svg/onload", "<b hx-get", "</textarea><script>", "' onmouseover='")
FIELDS = ("description", "demand", "customer_name", "caller", "happened", "order_no", "product", "symptom")


def filled(**changes: str) -> dict[str, str]:
    """A form with all four elements."""
    facts = {
        "key": "k1", "channel": "hotline", "contact": "13800130013", "customer_name": "王芳",
        "customer_category": "person",
        "prefers": "phone", "description": "移机后光猫 LOS 灯常亮红色，不能上网，重启两次无效",
        "demand": "今天上门修好",
        "happened": "今天早上八点半", "received": "2026-11-24 09:00", "urgency": "normal", "complexity": "simple",
        "request_type": "", "category": "", "level": "",
    }  # fmt: skip
    return facts | changes


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Case)) or 0


@pytest.fixture
def agent(app, at, staff, signed_in):
    return signed_in(staff["agent"])


ELEMENTS = {
    "customer": {"contact": "", "customer_name": ""}, "problem": {"description": ""}, "time": {"happened": " "},
    "demand": {"demand": ""},
}  # fmt: skip


@pytest.mark.parametrize("element", ELEMENTS)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_each_missing_element_is_named_and_the_rest_kept(agent, element, headers):
    data = filled(order_no="DD-778899") | ELEMENTS[element]
    answer = agent.post("/intake/new", data=data, headers=headers)
    assert answer.status_code == 422
    assert term(f"missing.{element}") in answer.text
    assert "DD-778899" in answer.text
    for name in ("description", "demand", "contact"):
        assert data[name] in answer.text
    assert count() == 0


@pytest.mark.parametrize("text", ["出问题了", "不好用", "你好，请问一下，坏了", "网慢", "投诉！！！！", "broken"])
def test_a_vague_word_is_refused_and_only_a_supervisor_may_overrule(agent, staff, signed_in, text):
    data = filled(description=text, overruled="客户很急")
    answer = agent.post("/intake/new", data=data)
    assert answer.status_code == 422
    assert text in answer.text
    assert signed_in(staff["supervisor"]).post("/intake/new", data=data).status_code == 303
    assert count() == 1


def test_a_supervisor_cannot_overrule_what_is_not_there_at_all(agent, staff, signed_in):
    data = filled(demand="", overruled="客户很急")
    assert signed_in(staff["supervisor"]).post("/intake/new", data=data).status_code == 422


def test_the_same_form_twice_makes_one_case(agent):
    first, second = (agent.post("/intake/new", data=filled()) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert count() == 1


def sent_at_once(clients: list[FlaskClient], forms: list[list[dict[str, str]]]) -> list[tuple[int, str]]:
    """What each client was answered, all of them starting at one moment with its own forms one after the other."""
    answers: list[tuple[int, str]] = []
    start = threading.Barrier(len(clients))

    def send(client: FlaskClient, mine: list[dict[str, str]]) -> None:
        start.wait(30)
        for form in mine:
            answer = client.post("/intake/new", data=form)
            answers.append((answer.status_code, answer.location))

    threads = [threading.Thread(target=send, args=pair) for pair in zip(clients, forms, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return answers


def test_twenty_at_once_make_one_case(app, engine, at, staff, signed_in):
    answers = sent_at_once([signed_in(staff["agent"]) for _ in range(20)], [[filled()]] * 20)
    assert count() == 1
    assert len(answers) == 20
    assert len(set(answers)) == 1
    assert answers[0][0] == 303


@pytest.mark.slow
def test_a_hundred_from_twenty_places_get_a_hundred_numbers_without_a_gap(app, engine, at, staff, signed_in):
    """F-15. A number is taken in the transaction that makes its case, so that a refused request leaves no hole."""
    forms = [[filled(key=f"k{place}-{n}") for n in range(5)] for place in range(20)]
    answers = sent_at_once([signed_in(staff["agent"]) for _ in range(20)], forms)
    assert {status for status, _ in answers} == {303}
    numbers = sorted(db.session.scalars(select(Case.no)))
    assert numbers == [f"CS2611-{n:04}" for n in range(1, 101)]


def test_a_draft_is_kept_for_its_author_until_the_request_is_logged(agent, staff, signed_in):
    assert agent.post("/intake/draft", data=filled(description="写到一半的话")).status_code == 200
    assert "写到一半的话" in agent.get("/intake/new").text
    assert "写到一半的话" not in signed_in(staff["supervisor"]).get("/intake/new").text
    agent.post("/intake/new", data=filled())
    assert "写到一半的话" not in agent.get("/intake/new").text
    assert db.session.scalar(select(func.count()).select_from(Draft)) == 0


def test_a_draft_can_be_given_up(agent):
    agent.post("/intake/draft", data=filled(description="写到一半的话"))
    assert agent.post("/intake/draft/drop").status_code == 303
    assert "写到一半的话" not in agent.get("/intake/new").text


@pytest.mark.parametrize("received", ["2026-11-24 09:01", "2099-01-01 00:00", "gestern", "0000-00-00 00:00"])
def test_a_receipt_in_the_future_or_unreadable_is_refused(agent, received):
    answer = agent.post("/intake/new", data=filled(received=received))
    assert answer.status_code == 422
    assert received in answer.text
    assert count() == 0


def test_received_and_recorded_are_two_times(agent, at):
    at(minutes=11)
    agent.post("/intake/new", data=filled())
    case = db.session.scalars(select(Case)).one()
    assert (case.received_at, case.recorded_at) == (NINE, NINE + timedelta(minutes=11))


@pytest.mark.parametrize("field", FIELDS)
def test_nothing_typed_becomes_part_of_the_page(agent, field):
    for n, bad in enumerate(XSS):
        text = f"{bad} 客户说光猫红灯常亮无法上网" if field == "description" else bad
        answer = agent.post("/intake/new", data=filled(**{field: text, "key": f"k{n}"}))
        assert answer.status_code == 303
        page = agent.get(answer.location).text
        for active in (
            "<script>alert",
            "<img src=x",
            "<svg/onload",
            "<b hx-get",
            "</textarea><script>",
            "' onmouseover='",
        ):
            assert active not in page
        assert ">49" not in page
        assert 'href="javascript:' not in page


def test_a_text_of_a_megabyte_is_refused_in_words(agent):
    text = "很长" * 250_000
    answer = agent.post("/intake/new", data=filled(description=text))
    assert answer.status_code == 422
    assert "8000" in answer.text
    assert text in answer.text
    assert count() == 0


def test_more_than_the_portal_takes_is_said_to_be_too_much(agent):
    for headers, kept in (({}, "浏览器里还留着您写的内容"), ({"HX-Request": "true"}, "已写的内容都在")):
        answer = agent.post("/intake/new", data=filled(description="x" * 17_000_000), headers=headers)
        assert answer.status_code == 413
        assert kept in answer.text
    assert count() == 0


@pytest.mark.parametrize("field", ["description", "customer_name", "contact", "key"])
def test_a_nul_byte_breaks_nothing(app, engine, at, staff, signed_in, field):
    client = signed_in(staff["agent"])
    data = filled()
    data[field] = data[field] + "\x00尾"
    answer = client.post("/intake/new", data=data)
    assert answer.status_code in (303, 422)
    assert client.post("/intake/draft", data=data).status_code == 200


@pytest.mark.parametrize(
    "url", ["/cases/%00", "/queues/%00", "/archive/CS%00", "/incidents/x%00", "/archive?q=%00断网"]
)
def test_neither_does_one_in_an_address(app, engine, at, staff, signed_in, url):
    assert signed_in(staff["supervisor"]).get(url).status_code in (200, 404)


def test_an_unknown_choice_is_refused(agent):
    for name in ("channel", "customer_category", "prefers", "urgency", "level", "request_type"):
        assert agent.post("/intake/new", data=filled(**{name: "made_up"})).status_code == 422
    assert count() == 0


def test_a_refused_field_is_never_shown_as_met_above_the_form(agent):
    answer = agent.post("/intake/new", data=filled(contact="1" * 130, expected="gestern"), headers=HTMX)
    assert answer.status_code == 422
    assert 'hx-target="#four"' in answer.text
    assert answer.text.count('class="met"') == 3
    assert answer.text.count("autofocus") == 1


@pytest.mark.parametrize("typed", ["今天18:00", "18：00", "11-24 18:00"])
def test_the_expected_time_may_be_written_short(agent, typed):
    assert agent.post("/intake/new", data=filled(expected=typed)).status_code == 303
    assert db.session.scalars(select(Case)).one().expected_at == NINE + timedelta(hours=9)


def test_an_old_draft_says_when_it_is_from_and_does_not_keep_its_time_of_receipt(agent, at):
    agent.post("/intake/draft", data=filled(description="写到一半的话"))
    at(minutes=30)
    page = agent.get("/intake/new").text
    assert 'id="draft-banner"' in page
    assert 'value="2026-11-24 09:30:00"' in page
    assert "写到一半的话" in page


@pytest.mark.parametrize(("language", "said"), [("zh", "已勾选复述"), ("en", "was ticked as read back")])
def test_a_fact_ticked_as_read_back_but_not_written_is_asked_for_at_its_field_in_the_open_fold(
    app, at, staff, signed_in, language, said
):
    browser = signed_in(staff["agent"])
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    answer = browser.post("/intake/new", data=filled(read_back="order_no"))
    assert answer.status_code == 422
    fold = answer.text.split('id="more-facts"')[1]
    assert fold.split(">")[0].strip() == "open"
    assert 'id="order_no-error"' in fold
    assert said in fold


@pytest.mark.parametrize(
    ("text", "clear"), [("昨天", False), ("11-24", False), ("昨天晚上八点", True), ("2026-11-24 08:30", True)]
)
@pytest.mark.parametrize(("language", "said"), [("zh", "只有日期"), ("en", "Only the day")])
def test_a_day_without_a_time_is_not_called_clear_and_can_be_logged_all_the_same(
    app, at, staff, signed_in, language, said, text, clear
):
    browser = signed_in(staff["agent"])
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    page = browser.post("/intake/check", data=filled(happened=text)).text
    assert (said not in page) == clear
    assert browser.post("/intake/new", data=filled(happened=text)).status_code in (200, 303)


def test_the_channel_decides_which_fields_count(agent):
    typed = {"x-ch_subject": "移机后不能上网", "x-ch_place": "城东营业厅", "read_back": "phone"}
    made = agent.post("/intake/new", data=filled(channel="email", **typed))
    page = agent.get(made.headers["Location"]).text
    assert "移机后不能上网" in page
    assert "城东营业厅" not in page  # typed before the channel was changed
    assert "复述确认" not in page  # nobody reads anything back to a mail
    made = agent.post("/intake/new", data=filled(channel="walk_in", key="k2", **typed))
    page = agent.get(made.headers["Location"]).text
    assert "城东营业厅" in page
    assert "复述确认" in page


def test_the_words_that_say_nothing_are_a_list_somebody_edits(agent, staff, signed_in, engine):
    admin, said = signed_in(staff["admin"]), "宽带卡得要命呀真是的"
    assert agent.post("/intake/new", data=filled(description=said)).status_code == 303
    assert agent.get("/admin/lists/words").status_code == 403
    page = admin.get("/admin/lists/words").text
    assert "麻烦" in page
    long = admin.post("/admin/lists/words", data={"fillers": "麻烦", "phrases": "很慢\n" + "卡" * 31})
    assert long.status_code == 422
    assert "卡" * 31 in long.text
    assert "麻烦" in admin.get("/admin/lists").text
    assert (
        admin.post("/admin/lists/words", data={"fillers": "真是的\n呀", "phrases": "宽带卡得要命"}).status_code == 303
    )
    vague = agent.post("/intake/new", data=filled(description=said, key="k2"))
    assert vague.status_code == 422
    assert term("missing.problem") in vague.text
    assert agent.post("/intake/check", data=filled(description=said), headers=HTMX).text.count(term("missing.problem"))
    assert "麻烦" not in admin.get("/admin/lists").text


def test_complex_is_said_with_its_reason(agent):
    refused = agent.post("/intake/new", data=filled(complexity="complex"))
    assert refused.status_code == 422
    assert term("complexity.complex") in refused.text
    made = agent.post("/intake/new", data=filled(complexity="complex", complex_why="涉及三个系统"))
    assert "涉及三个系统" in agent.get(made.headers["Location"]).text
