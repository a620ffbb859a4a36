"""EM4: the status page inside and its copy outside: both languages, no customer data, never in the way."""

import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.incidents import actions, news_actions, queries, status
from portal.jobs.status import StatusExport
from portal.kernel.db import transaction
from tests.builders import NINE, make_case
from tests.conftest import HTMX
from tests.incidents.builders import WHY, declared, ready, reported
from tests.stories.test_incident_news import published

HOUR = timedelta(hours=1)
ZH, EN = "热线正在抢修，请用应用联系我们", "Our hotline is being repaired, please use the app"


@pytest.fixture
def folder(app, tmp_path):
    made = tmp_path / "public"
    made.mkdir()
    app.config["PORTAL"] = replace(app.config["PORTAL"], status_dir=made)
    return made


def test_everybody_reads_what_customers_were_told_and_nothing_else(app, at, staff, signed_in):
    with transaction():
        incident = declared(staff, title="王芳家的热线不通", scope="王芳 13812345678")
        published(staff, incident, text=ZH, text_en=EN, recovery=NINE + HOUR)
        drill = reported(staff["watch"], exercise=True)
        roles = {"commander": staff["commander"].id}
        actions.declare(staff["watch"], NINE, drill, kind="hotline", grade="major", roles=roles)
        published(staff, drill, text="演练公告", text_en="A drill")
    for role in ("agent", "analyst", "admin", "dispatcher"):
        page = signed_in(staff[role]).get("/status").text
        assert ZH in page
        assert "2026-11-24 10:00" in page
        for secret in ("王芳", "13812345678", incident.no):
            assert secret not in page.split('id="status"')[1].split("</main>")[0], secret
    browser = signed_in(staff["agent"])
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = browser.get("/status")
    assert EN in page.text
    assert "A drill" not in page.text
    same = browser.get("/status/changes", headers=HTMX | {"HX-PTag": page.headers["HX-PTag"]})
    assert same.status_code == 204
    with transaction():
        news_actions.withdraw(staff["commander"], NINE, queries.incident_by_id(incident.id), n=1, reason="误发")
    assert EN not in browser.get("/status/changes", headers=HTMX | {"HX-PTag": page.headers["HX-PTag"]}).text


def test_that_service_is_back_stands_for_a_day_and_drills_never(app, at, staff):
    with transaction():
        incident = ready(staff)
        actions.end(staff["commander"], NINE + HOUR, incident, statement="恢复", why=WHY)
    assert [one.now.restored for one in status.current(NINE + 2 * HOUR)] == [True]
    assert status.current(NINE + 25 * HOUR) == []


def test_the_copy_outside_follows_every_change_whole(app, at, staff, folder):
    export = StatusExport()
    with transaction():
        incident = declared(staff)
        published(staff, incident, text=ZH, text_en=EN)
        case = make_case(staff["agent"])
    assert export.step(NINE) == 4
    assert export.step(NINE) == 0
    index, english = ((folder / name).read_text(encoding="utf-8") for name in ("index.html", "en.html"))
    assert ZH in index
    assert EN in english
    assert "英文" not in english
    assert "<script" not in index + english
    assert incident.no not in index
    assert case.contact not in index
    assert json.loads((folder / "status.json").read_text(encoding="utf-8"))[0]["text"] == {"zh": ZH, "en": EN}
    assert "--c-text" in (folder / "status.css").read_text(encoding="utf-8")
    with transaction():
        published(staff, queries.incident_by_id(incident.id), text="已恢复", restored=True, next_news=None)
    assert export.step(NINE + timedelta(seconds=2)) == 3
    assert "已恢复" in (folder / "index.html").read_text(encoding="utf-8")
    (folder / "en.html").unlink()
    assert export.step(NINE + timedelta(minutes=2)) == 1  # what was taken away comes back
    assert sorted(p.name for p in folder.iterdir()) == ["en.html", "index.html", "status.css", "status.json"]


def test_a_folder_that_cannot_be_written_blocks_nothing_is_named_and_tried_again(app, at, staff, folder, signed_in):
    folder.rmdir()
    folder.write_text("a file stands in the place of the folder")
    export = StatusExport()
    with transaction():
        incident = declared(staff)
        published(staff, incident, text=ZH)
    assert export.step(NINE) == 0
    for url in ("/status", f"/incidents/{incident.no}", f"/incidents/{incident.no}/do/publish"):
        assert "ENOTDIR" in signed_in(staff["commander"]).get(url).text, url
    assert export.step(NINE + timedelta(seconds=5)) == 0
    os.remove(folder)
    folder.mkdir()
    assert export.step(NINE + timedelta(seconds=20)) == 4
    assert "ENOTDIR" not in signed_in(staff["commander"]).get("/status").text
