"""IN11 by the page: a file is mapped, tried, brought in by the worker; killed, it goes on and adds nothing twice."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.cases.models import Case
from portal.intake.import_job import Importing
from portal.intake.models import ImportRun
from portal.jobs.prune import prune
from portal.kernel.db import db
from portal.kernel.i18n import term
from tests.builders import NINE
from tests.intake.test_sheets import workbook

HEAD = "内容,客户,要求\n"
ROW = "第{}号：宽带昨晚起频繁掉线，重启光猫无效,客户{},上门修好\n"
MAPPED = {
    "column-description": "内容", "column-customer_name": "客户", "column-demand": "要求", "channel": "app",
    "default-happened": "见内容", "default-received_at": "2026-11-20 09:00", "source": "旧系统",
}  # fmt: skip


def sheet(rows: int, *more: str) -> bytes:
    return (HEAD + "".join(ROW.format(n, n) for n in range(rows)) + "".join(more)).encode("gb18030")


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Case)) or 0


def newest() -> ImportRun:
    db.session.rollback()
    return db.session.scalars(select(ImportRun).order_by(ImportRun.id.desc())).first()


def work(now) -> None:
    worker = Importing()
    while worker.step(now, seconds=5):
        pass


@pytest.fixture
def admin(app, at, staff, signed_in):
    return signed_in(staff["admin"])


def upload(client, content: bytes, name: str = "旧系统.csv"):
    return client.post("/imports", data={"file": (io.BytesIO(content), name)})


def test_a_file_is_mapped_tried_and_brought_in_once(admin, at, engine):
    place = upload(admin, sheet(60, "只有一格\n", "=cmd,客户,\n", ",客户,无内容\n")).location
    page = admin.get(place).text
    assert "第19号" in page
    assert "第20号" not in page
    refused = admin.post(place + "/map", data=MAPPED | {"column-description": ""})
    assert refused.status_code == 422
    assert 'value="旧系统"' in refused.text
    mapped = MAPPED | {"default-request_type": term("type.complaint")}
    assert admin.post(place + "/map", data=mapped).status_code == 303
    assert admin.post(place + "/run").status_code == 409  # not tried yet
    work(NINE)
    assert count() == 0
    run = newest()
    assert (run.state, run.trial, run.rows, run.added, run.refused) == ("done", True, 63, 61, 2)
    listed = admin.get(place + "/refused.csv")
    assert listed.data.startswith(b"\xef\xbb\xbf")
    assert "62," in listed.text
    assert admin.post(place + "/run").status_code == 303
    work(NINE)
    run = newest()
    assert (run.state, run.trial, run.added, run.refused, count()) == ("done", False, 61, 2, 61)
    assert run.last_no in admin.get(place).text
    assert db.session.scalars(select(Case.request_type).distinct()).all() == ["complaint"]
    again = upload(admin, sheet(62), "别名.csv").location
    assert 'value="内容" selected' in admin.get(again).text  # read as the last time
    prune(NINE + timedelta(days=60))
    admin.post(again + "/map", data=MAPPED)
    work(NINE)
    admin.post(again + "/run")
    work(NINE)
    assert (newest().added, newest().already, count()) == (2, 60, 63)


def test_a_worker_killed_in_the_middle_is_followed_by_another_and_nothing_comes_twice(admin, at, engine):
    place = upload(admin, sheet(130)).location
    admin.post(place + "/map", data=MAPPED)
    work(NINE)
    admin.post(place + "/run")
    killed = Importing()
    killed.step(NINE, seconds=0.0)
    next(killed.rest)  # one batch, then the process is gone
    assert (newest().state, newest().rows, count()) == ("running", 50, 50)
    del killed
    work(NINE)
    assert count() == 50  # the first may still be alive
    work(at(minutes=2))
    assert (newest().state, newest().rows, newest().added, count()) == ("done", 130, 130, 130)


def test_a_spreadsheet_goes_the_same_way_from_the_sheet_that_is_chosen(admin, at):
    rows = [[f"第{n}号：宽带昨晚起频繁掉线，重启光猫无效", 13800130000 + n, "上门修好"] for n in range(3)]
    raw = workbook(说明=[["先看第二张表"]], 数据=[["内容", "客户", "要求"], *rows, ["", 1, ""]])
    place = upload(admin, raw, "旧系统.xlsx").location
    page = admin.get(place).text
    assert "先看第二张表" in page
    assert '<option value="数据">' in page
    assert admin.post(place + "/sheet", data={"sheet": "没有"}).status_code == 422
    assert admin.post(place + "/sheet", data={"sheet": "数据"}).status_code == 303
    assert "138****0002" in admin.get(place).text  # RO10: no customer data
    mapped = {name: value for name, value in MAPPED.items() if value != "客户"} | {"column-contact": "客户"}
    assert admin.post(place + "/map", data=mapped).status_code == 303
    work(NINE)
    admin.post(place + "/run")
    work(NINE)
    assert (newest().added, newest().refused, newest().options["sheet"]) == (3, 1, "数据")
    assert db.session.scalar(select(Case.contact).limit(1)) == "13800130000"
    assert "\r\n5," in admin.get(place + "/refused.csv").text  # the row's number in the spreadsheet


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"PK\x03\x04rest", "表.xlsx"), (b"\x89PNG\0\0", "a.csv"), (b"", "空.csv"), (b"a,a\n1,2\n", "两列.csv")],
)
def test_what_is_no_table_is_refused_at_the_field(admin, content, name):
    answer = upload(admin, content, name)
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert newest() is None


def test_only_who_may_import_sees_the_page(app, at, staff, signed_in):
    for who, status in {"agent": 403, "handler": 403, "auditor": 403, "supervisor": 200, "admin": 200}.items():
        assert signed_in(staff[who]).get("/imports").status_code == status
    assert signed_in(staff["supervisor"]).get("/imports/99").status_code == 404
