"""What the doctor says of the folders outside the portal: the emergency kit and the status page."""

from dataclasses import replace
from datetime import timedelta

from flask import current_app

from portal.backup import kit
from portal.jobs import outside
from portal.jobs.doctor import examine
from portal.jobs.status import StatusExport
from tests.builders import NINE


def settings(**changes):
    current_app.config["PORTAL"] = replace(current_app.config["PORTAL"], **changes)


def test_the_doctor_looks_at_the_kit(app, at, staff, tmp_path):
    assert outside.kit_folder(NINE)[0] == "warn"
    folder = tmp_path / "outside" / "kit"
    settings(kit=folder)
    assert outside.kit_folder(NINE)[0] == "warn"  # to be made, none yet
    folder.mkdir(parents=True)
    (folder / f"{kit.name_of('2026-11-24')}.pdf").write_bytes(b"%PDF")
    assert "offline-en.html" in outside.kit_folder(NINE)[1]
    for name in kit.FORMS.values():
        (folder / name).write_text("form")
    assert outside.kit_folder(NINE)[0] == "ok"
    assert outside.kit_folder(NINE + timedelta(days=1))[0] == "ok"
    state, words = outside.kit_folder(NINE + timedelta(days=3))
    assert (state, "2026-11-24" in words) == ("fault", True)
    settings(kit=folder / f"{kit.name_of('2026-11-24')}.pdf")
    assert outside.kit_folder(NINE)[0] == "fault"


def test_the_doctor_looks_at_the_public_copy_of_the_status_page(app, engine, at, staff, tmp_path):
    folder = tmp_path / "public"
    settings(status_dir=folder)
    assert outside.status_folder(NINE)[0] == "fault"
    folder.mkdir()
    assert outside.status_folder(NINE)[0] == "warn"
    assert StatusExport().step(NINE) > 0
    assert outside.status_folder(NINE)[0] == "ok"
    (folder / "index.html").write_text("somebody else's")
    assert "index.html" in outside.status_folder(NINE)[1]
    assert {one.name for one in examine(NINE)} >= {"kit", "status page"}
