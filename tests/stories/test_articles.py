"""IN10, KN1: an article that fits is shown, answers at first contact, and what customers say of it is counted."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases.models import Case
from portal.collaboration import actions as together
from portal.demo import library
from portal.desk import asked
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.knowledge import actions, fitting, queries
from portal.knowledge.models import KnowledgeUse
from tests.builders import NINE, judged_case, make_case
from tests.conftest import HTMX

SAID = "移机后光猫 LOS 灯常亮红色，宽带频繁掉线，重启两次无效"


@pytest.fixture
def shelf(app, at, staff) -> list[str]:
    """The demonstration's articles, in force."""
    author = staff["agent"]
    with transaction():
        codes = []
        for one in library.articles():
            code = actions.write_new(author, NINE, "article", library._document(author, one, NINE)).code
            actions.hand_in(author, NINE, "article", code)
            actions.approve(staff["supervisor"], NINE, "article", code)
            codes.append(code)
    return codes


def solved(case: Case, **changes: str) -> dict[str, str]:
    facts = {
        "article": "KB-0001", "text": "请先把光猫断电一分钟再开机，检查光纤接头", "cause_category": "customer",
        "cause": "接头松动", "means": "phone", "verdict": "satisfied", "words": "好了，可以上网了", "overall": "5",
        "seen": str(case.version),
    }  # fmt: skip
    return {f"solve-{name}": value for name, value in (facts | changes).items()}


def test_a_case_is_closed_with_the_articles_answer_and_the_customers_word(engine, shelf, staff, signed_in):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P3", description=SAID)
    client = signed_in(staff["agent"])
    page = client.get(f"/cases/{case.no}").get_data(as_text=True)
    assert f"/cases/{case.no}/do/solve?article=KB-0001" in page
    form = client.get(f"/cases/{case.no}/do/solve?article=KB-0001", headers=HTMX).get_data(as_text=True)
    assert "LOS 灯仍亮红说明光路有问题" in form
    assert client.post(f"/cases/{case.no}/do/solve", data=solved(case)).status_code == 303
    db.session.expire_all()
    case = db.session.scalars(select(Case)).one()
    assert (case.state, case.outcome, case.verdict, case.rating) == ("closed", "confirmed", "satisfied", 5)
    assert case.result == "请先把光猫断电一分钟再开机，检查光纤接头"
    kinds = [line.kind for line in stream.read(case.stream)]
    assert kinds == ["Logged", "Judged", "Claimed", "ResultWritten", "Told", "Confirmed", "Rated", "Closed"]
    assert queries.uses("article") == {"KB-0001": queries.Used(1, 1, 0)}


def test_a_customer_who_is_not_satisfied_keeps_the_case_open(shelf, staff, signed_in):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P3", description=SAID)
    client = signed_in(staff["agent"])
    data = solved(case, verdict="not_satisfied", words="还是不行", overall="")
    assert client.post(f"/cases/{case.no}/do/solve", data=data).status_code == 303
    db.session.expire_all()
    case = db.session.scalars(select(Case)).one()
    assert (case.state, case.open, case.round) == ("in_work", True, 2)
    assert queries.uses("article") == {"KB-0001": queries.Used(1, 0, 1)}
    assert "do/solve" not in client.get(f"/cases/{case.no}").get_data(as_text=True)
    again = client.post(f"/cases/{case.no}/do/solve", data=solved(case))
    assert (again.status_code, len(stream.read(case.stream))) == (409, 6)


@pytest.mark.parametrize(
    ("wrong", "field"), [({"article": "KB-9999"}, "article"), ({"overall": ""}, "overall"), ({"words": ""}, "words")]
)
def test_nothing_is_kept_of_a_refused_answer_and_the_text_stays(shelf, staff, signed_in, wrong, field):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P3")
    answer = signed_in(staff["agent"]).post(f"/cases/{case.no}/do/solve", data=solved(case, **wrong))
    assert answer.status_code == 422
    assert f'id="solve-{field}-error"' in answer.get_data(as_text=True)
    assert "检查光纤接头" in answer.get_data(as_text=True)
    assert [line.kind for line in stream.read(case.stream)] == ["Logged", "Judged"]
    assert db.session.scalars(select(KnowledgeUse)).all() == []


def test_a_case_without_a_level_is_judged_before_it_is_answered(shelf, staff, signed_in):
    with transaction():
        case = make_case(staff["agent"], description=SAID)
    client = signed_in(staff["agent"])
    page = client.get(f"/cases/{case.no}").get_data(as_text=True)
    assert "KB-0001" in page
    assert "do/solve" not in page
    answer = client.post(f"/cases/{case.no}/do/solve", data=solved(case))
    assert answer.status_code == 409


def test_fitting_articles_show_while_one_types_in_both_languages(shelf, staff, signed_in):
    client = signed_in(staff["agent"])
    for text, code in ((SAID, "KB-0001"), ("退回的快递已经签收，退款三天了没有到账", "KB-0008"),
                       ("I cannot sign in, the code does not arrive", "KB-0010")):  # fmt: skip
        page = client.post("/intake/check", data={"description": text}).get_data(as_text=True)
        assert code in page, text
    assert "KB-" not in client.post("/intake/check", data={"description": "你好"}).get_data(as_text=True)


def test_every_theme_of_the_demonstration_meets_its_own_article_first():
    found = fitting.index({one["title"]: library._document(_Author(), one, NINE) for one in library.articles()})
    for one in library.articles():
        assert fitting.fitting(found, one["question"])[0] == one["title"]
        assert fitting.fitting(found, one["question_en"])[0] == one["title"]


class _Author:
    """Somebody who writes."""

    id = 1


def test_articles_are_found_by_words_and_by_number(shelf, staff, signed_in):
    client = signed_in(staff["handler"])
    page = client.get("/knowledge/article?q=发票 抬头").get_data(as_text=True)
    assert ("KB-0006" in page, "KB-0001" in page) == (True, False)
    assert "KB-0008" in client.get("/knowledge/article?q=KB-0008").get_data(as_text=True)
    assert client.get("/knowledge/article?q=没有这样的词").status_code == 200


def test_an_article_needs_an_owner_a_day_and_one_whole_language(app, at, staff, signed_in):
    client = signed_in(staff["handler"])
    data = {"request_type": "fault", "category": "product", "owner": str(staff["handler"].id),
            "review_on": "2027-05-01", "title_zh": "光猫指示灯含义", "question_zh": "红灯是什么意思",
            "answer_zh": "LOS 红灯表示光路中断。"}  # fmt: skip
    for field, value in (("owner", "99999"), ("review_on", "soon"), ("answer_zh", ""), ("title_en", "Half of it")):
        answer = client.post("/knowledge/article/new", data=data | {field: value})
        place = "question_en" if field == "title_en" else field
        assert answer.status_code == 422
        assert f'id="{place}-error"' in answer.get_data(as_text=True)
    assert client.post("/knowledge/article/new", data=data).location == "/knowledge/article/KB-0001"


def test_questions_asked_often_without_an_article_are_listed(app, at, staff, signed_in):
    now = NINE + timedelta(hours=2)
    with transaction():
        made = [make_case(staff["agent"], NINE, contact=f"1380013001{n}") for n in range(4)]
        together.merge(staff["agent"], NINE, made[3], made[2], reason="同一事项")
        make_case(staff["agent"], NINE, description="发票抬头开错了，请作废重开一张", request_type="consultation",
                  category="information")  # fmt: skip
    since = int((NINE - timedelta(days=30)).timestamp())
    found = asked.leaves(since, int(now.timestamp()), {})
    assert [(leaf.cases, leaf.articles) for leaf in found] == [(3, ())]
    data = {"request_type": found[0].request_type, "category": found[0].category}
    covered = {"KB-0001": queries.Held("KB-0001", 1, NINE, data)}
    assert asked.leaves(since, int(now.timestamp()), covered)[0].articles == ("KB-0001",)
    page = signed_in(staff["quality"]).get("/knowledge/asked").get_data(as_text=True)
    assert f"request_type={data['request_type']}" in page


def test_the_one_search_offers_articles_that_hold_every_word(shelf, staff, signed_in):
    agent = signed_in(staff["agent"])
    found = agent.get("/archive/elsewhere?q=光猫", headers=HTMX).get_data(as_text=True)
    assert 'href="/knowledge/article/KB-0001"' in found
    assert "/knowledge/article/" not in agent.get("/archive/elsewhere?q=光猫 海带", headers=HTMX).get_data(as_text=True)
