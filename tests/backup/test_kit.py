"""EM5: the emergency kit is written outside the portal every day, old ones go, a failure is shown."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import current_app
from markupsafe import escape

from portal.backup import actions, kit, queries
from portal.identity import queries as people
from portal.incidents import news_rules, plan_actions, plan_drafts, plans
from portal.jobs.kit import Kit
from portal.kernel.db import db, transaction
from portal.kernel.i18n import speaking
from tests.builders import NINE
from tests.stories.test_incident_command import told

DAY = timedelta(days=1)


@pytest.fixture
def folder(app, tmp_path):
    where = tmp_path / "outside" / "kit"
    app.config["PORTAL"] = replace(app.config["PORTAL"], kit=where, kit_days=2)
    return where


def written(worker, now):
    begun = worker.step(now)
    if worker.writing:
        worker.writing.join(timeout=60)
    db.session.expire_all()
    return begun


@pytest.mark.slow
def test_the_kit_is_written_once_a_day_and_old_ones_go(app, at, staff, folder):
    with transaction():
        actions.issue(staff["supervisor"], NINE, unit_id=people.unit_id("service"), count=4)
        actions.set_phone(staff["supervisor"], NINE, person_id=staff["commander"].id, phone="138 0000 1111")
    worker = Kit()
    assert not written(worker, NINE - timedelta(hours=5))  # four in the morning
    for days in range(4):
        now = at(NINE + days * DAY)
        assert written(worker, now)
        assert not written(worker, now + timedelta(hours=2))
        assert not written(Kit(), now + timedelta(hours=2))  # another worker finds it done
    names = sorted(file.name for file in folder.iterdir())
    assert names == [
        "emergency-kit-2026-11-25.pdf", "emergency-kit-2026-11-26.pdf", "emergency-kit-2026-11-27.pdf",
        "offline-en.html", "offline-zh.html",
    ]  # fmt: skip
    assert (folder / names[0]).read_bytes().startswith(b"%PDF")
    assert [row.fault for row in queries.kit_runs()] == [""] * 4


def test_a_kit_that_cannot_be_written_is_shown_told_once_and_tried_again(app, engine, at, staff, folder, signed_in):
    folder.parent.mkdir()
    folder.write_text("a file stands where the folder should be")
    current_app.config["PORTAL"] = replace(current_app.config["PORTAL"], kit=folder)
    worker = Kit()
    assert written(worker, at())
    assert not written(worker, at(minutes=5))
    assert told("kit_failed") == {staff["admin"].id}
    assert "应急包未写出" in signed_in(staff["supervisor"]).get("/backup").text
    assert written(worker, at(minutes=62))
    assert [bool(row.fault) for row in queries.kit_runs()] == [True]


def test_without_a_folder_nothing_is_written(app, at, staff):
    assert not written(Kit(), at())


def test_the_form_in_the_kit_needs_nothing_else(app, at, staff):
    for language in kit.FORMS:
        page = kit.offline_file(language)
        assert not re.search(r'(src|href)="/', page)
        assert "default-src 'none'" in page
        assert "localStorage" in page
    assert "等待发送" in kit.offline_file("zh_Hans_CN")


def test_the_kit_says_for_each_class_whom_to_call_and_what_to_say(app, engine, at, staff):
    plan = plans.latest()
    with transaction():
        actions.set_phone(staff["supervisor"], NINE, person_id=staff["commander"].id, phone="138 0000 1111")
        watch = {"code": "watch", "zh": "应急值班", "en": "Watch", "number": "0571 5550 0199", "clause": "EM2"}
        draft = plan_actions.open_draft(staff["watch"], NINE)
        change = lambda data: plan_drafts.with_row(data, "phone", "all", "watch", watch)  # noqa: E731
        plan_actions.write(staff["watch"], NINE, draft.version, draft.revision, change)
        plan_actions.hand_in(staff["watch"], NINE, draft.version, "写入号码")
        plan_actions.approve(staff["commander"], NINE, draft.version)
    with speaking("zh_Hans_CN"):
        page = kit.page(at())
    assert page.count("0571 5550 0199") == page.count("热线平台厂商值班") == len(plan.classes) + 1
    parts = dict(zip(plan.classes, page.split('<section class="plan">')[1:], strict=True))
    assert list(parts) == list(plan.classes)
    for kind, part in parts.items():
        assert re.search(rf"1\. {staff['commander'].name} <b>138 0000 1111</b>", part)
        for text in plan.messages[kind]:
            for words in (text.facts["text_zh"], text.facts["text_en"]):
                assert all(str(escape(piece)) in part for piece, _place in news_rules.pieces(words))
        assert "预计恢复时间" in part
        assert "{" not in part
