"""RE1, RE2, QA6: reports by calendar from the worker's draft to the frozen edition, on both engines."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.collaboration import actions as together
from portal.identity.actor import SYSTEM
from portal.identity.queries import unit_by_code
from portal.jobs.reporting import chase, open_due
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Refused, Stale
from portal.notices import letters
from portal.notices.models import Notice
from portal.reports import freeze, paper_actions, paper_queries, paper_rules, paper_view
from portal.reports.drafting import RECIPES, Drafting
from portal.reports.paper_models import Paper
from portal.reports.paper_rules import KINDS
from tests.builders import NINE, closed_case, judged_case
from tests.reports.papers import DECEMBER, JANUARY, drafted, opened, published, written


@pytest.fixture
def busy(app, engine, at, staff):
    """A month in which a P2 case was solved, one is overdue and a suggestion waits."""
    with transaction():
        closed_case(staff["agent"], staff["supervisor"], staff["handler"], level="P2", rating=2)
        judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email")
        judged_case(staff["agent"], staff["supervisor"], level="P4", request_type="suggestion")
    return unit_by_code("tech").id


def told(kind: str) -> set[int]:
    """Who was told of this."""
    return set(db.session.scalars(select(Notice.person_id).where(Notice.kind == kind)))


def test_the_worker_opens_every_report_on_its_date_and_only_once(busy, staff):
    assert open_due(NINE) == 0  # nothing was received before the periods that are over
    assert open_due(DECEMBER) > 8
    kinds = {row.kind for row in db.session.scalars(select(Paper))}
    assert kinds == set(KINDS) - {"quarterly"}
    assert open_due(DECEMBER) == 0
    assert open_due(JANUARY) > 0
    assert paper_queries.newest("quarterly", "2026Q4") is not None
    days = db.session.scalars(select(Paper.period).where(Paper.kind == "p2_daily"))
    assert {"2026-12-04", "2026-12-15", "2027-01-03"} <= set(days)  # what was missed is made up for


FAST = ("quarterly", "kpi", "p2_daily")


@pytest.mark.parametrize("kind", [k if k in FAST else pytest.param(k, marks=pytest.mark.slow) for k in KINDS])
def test_each_report_is_drafted_with_its_figures_in_both_languages(busy, staff, kind):
    now = JANUARY if kind == "quarterly" else DECEMBER
    period = paper_rules.period_of(KINDS[kind].every, date(2026, 11, 24))
    paper = drafted(kind, period, busy if KINDS[kind].per == "unit" else 0, now)
    assert paper.state == "draft"
    assert (paper.done, paper.total) == (RECIPES[kind].parts, RECIPES[kind].parts)
    for lang in ("zh", "en"):
        codes = [one["code"] for one in paper.data[lang]]
        assert (codes[0], set(KINDS[kind].prose) <= set(codes)) == ("conventions", True)
        assert any(one["blocks"] for one in paper.data[lang])
    said = str(paper.data["zh"]) + str(paper.data["en"])
    assert "王芳" not in said
    assert "13800130013" not in said
    assert "paper." not in said
    assert "report." not in said
    assert "stay in the language in which" in str(paper.data["en"])
    assert "书写时的语言" not in str(paper.data["zh"])


def test_nothing_of_a_draft_is_kept_until_all_of_it_is_there(busy, staff):
    paper = opened("kpi", "2026-11")
    dying, late = Drafting(), Drafting()
    assert dying.step(DECEMBER, seconds=0)  # a part or two, then it is killed
    assert (paper.state, paper.data, paper.worker) == ("waiting", None, dying.me)
    assert not late.step(DECEMBER + timedelta(seconds=30))  # it may still be alive
    after = DECEMBER + timedelta(seconds=90)
    while late.step(after):
        pass
    assert paper.state == "draft"
    assert not dying.step(after)  # the one that was silent finds its draft taken
    kept = [line.kind for line in stream.read(paper.stream)]
    assert kept == ["PaperOpened", "PaperDrafted"]


def test_a_report_goes_from_hand_to_hand_and_is_frozen(busy, staff):
    quality, supervisor = staff["quality"], staff["supervisor"]
    paper = drafted("levels", "2026-11")
    assert quality.id in told("paper_drafted")
    with pytest.raises(Refused, match="paper_nothing_written"), transaction():
        paper_actions.hand_in(quality, DECEMBER, paper)
    written(paper, quality, judgement="判级稳定。")
    with transaction():
        paper_actions.hand_in(quality, DECEMBER, paper)
    assert supervisor.id in told("paper_review")
    assert quality.id not in told("paper_review")
    with pytest.raises(Refused, match="paper_own"), transaction():
        paper_actions.approve(quality, DECEMBER, paper)
    with pytest.raises(Refused, match="paper_in_other_state"), transaction():
        paper_actions.write_text(quality, DECEMBER, paper, section="judgement", text="改", seen=None)
    with transaction():
        paper_actions.send_back(supervisor, DECEMBER, paper, "请补充建议")
    assert quality.id in told("paper_back")
    written(paper, quality, proposals="暂不调整。")
    with transaction():
        paper_actions.hand_in(quality, DECEMBER, paper)
    with transaction():
        paper_actions.approve(supervisor, DECEMBER, paper)
    assert paper.state == "published"
    assert freeze.whole(paper)
    assert stream.read(paper.stream)[-1].facts["digest"] == paper.digest
    assert {staff["management"].id, staff["head"].id} <= told("paper_published")
    with pytest.raises(Refused), transaction():
        paper_actions.approve(supervisor, DECEMBER, paper)  # a second click publishes nothing twice
    assert freeze.digest(paper.frozen.replace("暂不", "立即")) != paper.digest


def test_rights_end_at_the_department(busy, staff):
    paper, other = opened("unit", "2026-11", busy), opened("unit", "2026-11", unit_by_code("business").id)
    said = [letters.headline("paper_drafted", paper_queries.facts_of(one)) for one in (paper, other)]
    assert said[0] != said[1]  # who writes several is told which one
    assert all("2026-11" in one for one in said)
    head = staff["head"]
    written(paper, head, measures="增加夜班。")
    with pytest.raises(Forbidden), transaction():
        paper_actions.write_text(head, DECEMBER, other, section="measures", text="不", seen=None)
    with pytest.raises(Forbidden):
        paper_queries.paper(head, other.id)
    whole = opened("levels", "2026-11")
    with pytest.raises(Forbidden), transaction():
        paper_actions.write_text(head, DECEMBER, whole, section="judgement", text="不", seen=None)
    assert paper.id in {one.id for one in paper_queries.listed(head)}
    named = opened("kpi", "2026-11", busy)  # it names people
    assert paper_queries.paper(head, named.id) is named
    with pytest.raises(Forbidden):
        paper_queries.paper(staff["management"], named.id)
    assert staff["management"].id not in paper_queries.readers(named)
    assert other.id not in {one.id for one in paper_queries.listed(head)}


def test_who_wrote_since_is_not_written_over(busy, staff):
    paper = opened("feedback", "2026-11")
    with transaction():
        row = paper_actions.write_text(staff["quality"], DECEMBER, paper, section="causes", text="甲", seen=0)
        paper_actions.write_text(staff["analyst"], DECEMBER, paper, section="causes", text="乙", seen=row.version)
    with pytest.raises(Stale), transaction():
        paper_actions.write_text(staff["quality"], DECEMBER, paper, section="causes", text="丙", seen=1)
    with pytest.raises(Invalid), transaction():
        paper_actions.write_text(staff["quality"], DECEMBER, paper, section="causes", text="长" * 20_001, seen=None)
    with pytest.raises(Invalid), transaction():
        paper_actions.write_text(staff["quality"], DECEMBER, paper, section="nine", text="甲", seen=None)


def test_late_reports_are_chased_and_counted(busy, staff):
    paper = drafted("p4_monthly", "2026-11")
    due = paper.due_at
    assert chase(DECEMBER) == 0
    assert chase(due - timedelta(hours=20)) > 0
    assert staff["supervisor"].id in told("paper_near")
    assert chase(due) == 0
    assert chase(due + timedelta(seconds=1)) > 0
    assert staff["management"].id in told("paper_late")
    assert chase(due + timedelta(seconds=2)) == 0
    assert chase(due + timedelta(days=3)) > 0  # and again on the next working day
    (one,) = paper_queries.on_time(due + timedelta(days=3))
    assert (one.kind, one.due, one.met) == ("p4_monthly", 1, 0)
    in_time = published("levels", "2026-11", staff["quality"], [staff["supervisor"]])
    assert paper_view.standing(in_time, DECEMBER) == "in_time"
    found = {one.kind: one for one in paper_queries.on_time(in_time.due_at)}
    assert found["levels"].met == 1


def test_an_inspection_is_answered_and_followed_up(busy, staff):
    paper = published("inspection", "2026-11", staff["quality"], [staff["supervisor"]], unit=busy)
    assert staff["head"].id in told("paper_published")
    assert chase(DECEMBER + timedelta(days=2)) > 0
    assert staff["head"].id in told("paper_answer_due")
    facts = {"cause": "夜间无人值守", "measure": "增加夜班", "day": date(2026, 12, 20)}
    with pytest.raises(Forbidden), transaction():
        paper_actions.answer(staff["service_head"], DECEMBER, paper, **facts)
    with pytest.raises(Invalid), transaction():
        paper_actions.answer(staff["head"], DECEMBER, paper, **facts | {"day": date(2026, 11, 30)})
    with transaction():
        paper_actions.answer(staff["head"], DECEMBER, paper, **facts)
    with pytest.raises(Refused, match="paper_own"), transaction():
        paper_actions.settle(staff["head"], DECEMBER, paper, "已见效")
    assert chase(DECEMBER + timedelta(days=21)) > 0
    assert staff["quality"].id in told("paper_measure_due")
    with transaction():
        paper_actions.settle(staff["quality"], DECEMBER + timedelta(days=22), paper, "本月夜间首次响应全部达标")
    assert chase(DECEMBER + timedelta(days=60)) == 0
    assert freeze.whole(paper)  # the answer stands beside what was published


def quarterly(staff, now=JANUARY, **more):
    """The fourth quarter, signed by two."""
    return published(
        "quarterly", "2026Q4", staff["analyst"], [staff["supervisor"], staff["management"]], now=now, **more
    )  # fmt: skip


def test_a_quarter_is_signed_by_named_people_who_wrote_nothing(busy, staff):
    paper = written(drafted("quarterly", "2026Q4", now=JANUARY), staff["analyst"], JANUARY)
    ids = {name: staff[name].id for name in ("analyst", "supervisor", "management", "quality")}
    with pytest.raises(Invalid, match="paper_signers_lack"), transaction():
        paper_actions.hand_in(staff["analyst"], JANUARY, paper, [ids["supervisor"]])
    with pytest.raises(Invalid, match="paper_signer_wrote"), transaction():
        paper_actions.hand_in(staff["quality"], JANUARY, paper, [ids["supervisor"], ids["analyst"]])
    with transaction():
        paper_actions.hand_in(staff["analyst"], JANUARY, paper, [ids["supervisor"], ids["management"]])
    with pytest.raises(Refused, match="paper_not_named"), transaction():
        paper_actions.approve(staff["quality"], JANUARY, paper)
    with transaction():
        paper_actions.approve(staff["supervisor"], JANUARY, paper)
    assert paper.state == "review"
    with pytest.raises(Refused, match="paper_signed_already"), transaction():
        paper_actions.approve(staff["supervisor"], JANUARY, paper)
    with transaction():
        paper_actions.approve(staff["management"], JANUARY, paper)
    assert paper.state == "published"
    assert [one["name"] for one in paper.signers] == [staff["supervisor"].name, staff["management"].name]


def test_what_was_published_stays_and_a_new_edition_says_what_changed(busy, staff):
    with transaction():
        december = JANUARY - timedelta(days=15)
        closed = closed_case(staff["agent"], staff["supervisor"], staff["handler"], level="P3", now=december)
    paper = quarterly(staff)
    frozen, before = paper.frozen, freeze.opened(paper.frozen)["data"]["figures"]
    with transaction():  # closed in one quarter, reopened in the next
        cases.reopen(staff["agent"], JANUARY, closed, reason="又断了")
    with pytest.raises(Invalid), transaction():
        paper_actions.correct(staff["analyst"], JANUARY, paper, " ")
    with transaction():
        second = paper_actions.correct(staff["analyst"], JANUARY, paper, "重开率按一月的重开更正")
    worker = Drafting()
    while worker.step(JANUARY + timedelta(days=1)):
        pass
    assert paper.frozen == frozen
    assert second.edition == 2
    assert paper_queries.texts(second.id)["7"].text == paper_queries.texts(paper.id)["7"].text
    moved = {name: (old, new) for name, old, new in paper_view.moved(paper, second)}
    assert before["reopen"] == [0.0, 0, 2]
    assert moved["reopen"][1] == [50.0, 1, 2]
    with pytest.raises(Refused, match="paper_edition_there"), transaction():
        paper_actions.correct(staff["analyst"], JANUARY, paper, "再更正一次")


def test_typical_cases_in_prose_pass_the_masking_test(busy, staff):
    paper = opened("quarterly", "2026Q4", now=NINE)
    for text in ("王芳的宽带中断两天", "请致电 13800130013", "朝阳区建国路88号501室", "工单 CS2611-0001 超时"):
        with pytest.raises(Invalid, match="section_names_somebody") as refused, transaction():
            paper_actions.write_text(staff["analyst"], NINE, paper, section="6", text=text, seen=None)
        assert refused.value.facts["found"]
    with transaction():
        paper_actions.write_text(
            staff["analyst"], NINE, paper, section="6", seen=None,
            text="2026 年 11 月，一家企业的专线中断 26 小时，P2，备用路由未切换；系统已加巡检。",
        )  # fmt: skip


def test_a_quarter_ahead_or_without_data_says_so(app, engine, at, staff):
    with pytest.raises(Invalid, match="period_ahead"), transaction():
        paper_actions.open_paper(SYSTEM, NINE, KINDS["quarterly"], "2027Q1")
    with pytest.raises(Invalid, match="no_such_period"), transaction():
        paper_actions.open_paper(SYSTEM, NINE, KINDS["quarterly"], "2026Q5")
    empty = drafted("quarterly", "2026Q3", now=NINE)
    assert empty.data["figures"]["received"] == [0.0, 0, 0]
    running = opened("quarterly", "2026Q4", now=NINE)
    with pytest.raises(Refused, match="paper_in_other_state"), transaction():
        paper_actions.hand_in(staff["analyst"], NINE, running, [])


def test_a_daily_summary_counts_what_its_day_brought(busy, staff):
    figures = drafted("p2_daily", "2026-11-24").data["figures"]
    assert figures["received"] == 2
    assert figures["told"] == 1
    assert figures["open"] == 1
    groomed = drafted("p4_weekly", "2026W48").data["figures"]
    assert (groomed["received"], groomed["new"], groomed["planned"]) == (1, 1, 0)
    with transaction():
        suggestion = next(iter(db.session.scalars(select(Case).where(Case.level == "P4"))))
        together.plan(
            staff["supervisor"], NINE, suggestion, decision="planned", cycle="2027 年一季度", words="已告知排期"
        )
    assert drafted("p4_monthly", "2026-11").data["figures"]["planned"] == 1
