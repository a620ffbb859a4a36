"""IN3, IN11: an old system's file is brought in, interrupted, resumed and led to the archive."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.clocks.kept import clocks_of
from portal.collaboration import actions as collaboration
from portal.directory.models import Customer
from portal.identity.actor import SYSTEM, Actor
from portal.intake import importer
from portal.intake.import_command import import_cases
from portal.intake.import_rules import Options
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid
from portal.satisfaction import actions as satisfaction
from tests.builders import NINE
from tests.conftest import REAL_DATA

SAMPLE = Path(__file__).parents[1] / "data" / "requests_zh.csv"
COLUMNS = {"反馈内容": "description", "期望": "demand", "订单号": "order_no", "反馈时间": "received_at"}
OWN = Options(
    columns=COLUMNS,
    channel="app",
    customer_prefix="线上客户",
    defaults={"happened": "见反馈内容", "demand": "答复客户"},
)
REAL = Options(
    columns={"text": "description"},
    channel="app",
    customer_prefix="外卖客户",
    defaults={"received_at": "2026-11-20 09:00", "demand": "改进并答复", "happened": "订单当日"},
)


def lines_file(folder: Path, *lines: str, name: str = "old.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(("text", *lines)) + "\n", encoding="utf-8")
    return path


def plain(**changes: Any) -> Options:
    return Options(**({"columns": {"text": "description"}, "channel": "app", "customer_prefix": "客户"} | changes))


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Case)) or 0


def to_the_archive(case: Case, staff: dict[str, Actor]) -> None:
    minutes = iter(range(1, 60))

    def later() -> Any:
        return NINE + timedelta(minutes=next(minutes))

    agent, supervisor, handler = staff["agent"], staff["supervisor"], staff["supervisor"]
    with transaction():
        case = db.session.get_one(Case, case.id)
        if case.incomplete:
            cases.complete(
                agent,
                later(),
                case,
                description=case.description + "（回访补充：晚餐订单送达超时一小时）",
                demand="道歉并退还配送费",
                happened="订单当日晚餐",
            )
        cases.judge(
            supervisor,
            later(),
            case,
            level="P3",
            impact="single",
            urgency="medium",
            harm=False,
            reason="单个客户，可替代",
        )
        collaboration.claim(handler, later(), case)
        cases.contact(agent, later(), case, direction="out", means="phone", reached=True, words="已致电核实情况并致歉")
        cases.write_result(
            handler,
            later(),
            case,
            text="核实属实，已向责任方提出整改并退还费用",
            cause_category="process",
            cause="流程执行不到位",
        )
        cases.tell(agent, later(), case, means="phone", words="已告知处理结果")
        cases.confirm(agent, later(), case, verdict="accepts", means="phone", words="可以，接受")
        satisfaction.rate(agent, later(), case, overall=4, means="phone")
        cases.close(agent, later(), case, outcome="confirmed")


def import_and_archive(path: Path, options: Options, staff: dict[str, Actor], rows: int, sample: int) -> None:
    trial = importer.run(path, options, staff["supervisor"], NINE)
    assert (trial.dry_run, trial.rows, trial.added, count()) == (True, rows, rows, 0)
    done = importer.run(path, options, staff["supervisor"], NINE, dry_run=False)
    assert (done.rows, done.added, done.already, done.refused) == (rows, rows, 0, [])
    assert (done.incomplete, done.assumed) == (trial.incomplete, trial.assumed)
    assert count() == rows
    again = importer.run(path, options, staff["supervisor"], NINE, dry_run=False)
    assert (again.added, again.already, count()) == (0, rows, rows)
    chosen = list(db.session.scalars(select(Case).where(Case.id % (rows // sample) == 0).limit(sample)))
    for case in chosen:
        to_the_archive(case, staff)
    closed = select(Case).where(Case.state == "closed", Case.source.like("import:%"))
    archived = list(db.session.scalars(closed))
    assert len(archived) == sample
    assert stream.faults([c.stream for c in archived]) == []


def test_a_file_is_brought_in_and_ten_of_its_cases_reach_the_archive(app, engine, at, staff):
    import_and_archive(SAMPLE, OWN, staff, 60, 10)


@pytest.mark.real_data
@pytest.mark.slow
def test_three_thousand_real_complaints_are_brought_in_and_twenty_reach_the_archive(app, at, staff):
    path = REAL_DATA / "complaints_zh.csv"
    if not path.exists():
        pytest.skip("the real complaints are not on this machine")
    import_and_archive(path, REAL, staff, 3076, 20)


def test_the_cases_say_what_was_assumed_and_vague_ones_wait_for_completion(app, at, staff):
    report = importer.run(SAMPLE, OWN, staff["supervisor"], NINE, dry_run=False)
    vague = list(db.session.scalars(select(Case).where(Case.description.in_(("慢", "不好用")))))
    assert [c.incomplete for c in vague] == [["problem"], ["problem"]]
    assert all({"happened", "demand", "customer"} <= set(c.assumed) for c in vague)
    assert report.incomplete == 2
    line = db.session.scalar(select(Case).where(Case.description.like("充值一百元%")))
    assert (line.order_no, line.demand, line.state) == ("CZ2611200931", "退还多扣的一次", "registered")
    assert "demand" not in line.assumed
    assert {c.kind: c.outcome for c in clocks_of(line.id)}["entry"] == "missed"
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 60
    noted = stream.read("config:import")[-1]
    assert (noted.kind, noted.by_id, noted.facts["added"]) == ("CasesImported", staff["supervisor"].id, 60)


def test_an_import_that_is_cut_off_goes_on_where_it_stopped(app, at, staff, monkeypatch):
    real, calls = importer.take, iter(range(1000))

    def take_until_the_power_fails(*args: Any, **kwargs: Any) -> Case:
        if next(calls) == 56:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    monkeypatch.setattr(importer, "take", take_until_the_power_fails)
    with pytest.raises(KeyboardInterrupt):
        importer.run(SAMPLE, OWN, SYSTEM, NINE, dry_run=False)
    assert count() == importer.BATCH
    monkeypatch.undo()
    rest = importer.run(SAMPLE, OWN, SYSTEM, NINE, dry_run=False)
    assert (rest.already, rest.added, count()) == (importer.BATCH, 60 - importer.BATCH, 60)
    assert db.session.scalar(select(func.count(func.distinct(Case.source)))) == 60


def test_a_row_the_store_refuses_does_not_take_its_neighbours_down(app, at, staff, tmp_path, monkeypatch):
    real = importer.take

    def refuse_the_second(actor: Actor, now: Any, request: Any, *, key: str) -> Case:
        if "第二" in request.description:
            real(actor, now, request, key=key)
            raise Invalid("received_ahead")
        return real(actor, now, request, key=key)

    monkeypatch.setattr(importer, "take", refuse_the_second)
    path = lines_file(tmp_path, "第一行的描述内容", "第二行的描述内容", "第三行的描述内容")
    report = importer.run(path, plain(), SYSTEM, NINE, dry_run=False)
    assert (report.added, [(r.line, r.code) for r in report.refused]) == (2, [(3, "received_ahead")])
    assert sorted(db.session.scalars(select(Case.description))) == ["第一行的描述内容", "第三行的描述内容"]


def test_a_mended_file_brings_in_only_what_is_new(app, at, staff, tmp_path):
    importer.run(
        lines_file(tmp_path, "宽带频繁掉线", "有\0字节的行", "发票抬头有误"),
        plain(),
        SYSTEM,
        NINE,
        dry_run=False,
    )
    mended = lines_file(tmp_path, "宽带频繁掉线", "有两个字节的行", "发票抬头有误")
    report = importer.run(mended, plain(), SYSTEM, NINE, dry_run=False)
    assert (report.added, report.already, count()) == (1, 2, 3)


def test_only_those_who_may_import(app, at, staff):
    with pytest.raises(Forbidden):
        importer.run(SAMPLE, OWN, staff["agent"], NINE)


def test_the_command_tries_first_and_lists_refused_rows(app, at, staff, tmp_path):
    path = lines_file(
        tmp_path, "宽带从昨晚开始频繁掉线", '"引号没有闭合', "=一格,两格", "退款十二天没有到账", name="in.csv"
    )
    words = [str(path), "--map", "text=description", "--channel", "app", "--customer-prefix", "外卖客户"]
    tried = CliRunner().invoke(import_cases, words)
    assert tried.exit_code == 0, tried.output
    assert count() == 0
    listed = (tmp_path / "in.refused.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [x.split(",")[0:2] for x in listed[1:]] == [["3", "quote_open"], ["4", "row_columns"]]
    done = CliRunner().invoke(import_cases, [*words, "--yes", "--as", "supervisor"])
    assert done.exit_code == 0, done.output
    assert count() == 2


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--map", "body=description", "--channel", "app"], "body"),
        (["--map", "text=description", "--channel", "pigeon"], "pigeon"),
        (["--map", "description", "--channel", "app"], "description"),
        (["--map", "text=description", "--channel", "app", "--encoding", "klingon"], "klingon"),
    ],
)
def test_a_file_of_no_use_is_refused_with_one_line(app, at, staff, tmp_path, words, part):
    path = lines_file(tmp_path, "宽带从昨晚开始频繁掉线")
    result = CliRunner().invoke(import_cases, [str(path), *words, "--yes"])
    assert result.exit_code == 1
    assert part in result.output
    assert len(result.output.strip().splitlines()) == 1
    assert count() == 0


def test_a_file_that_is_not_there_is_refused_with_one_line(app, tmp_path):
    result = CliRunner().invoke(
        import_cases, [str(tmp_path / "no.csv"), "--map", "text=description", "--channel", "app"]
    )
    assert (result.exit_code, len(result.output.strip().splitlines())) == (1, 1)
