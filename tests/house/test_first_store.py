"""A store made by the first program is brought up to today's schema with all it holds."""

import lzma
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.identity.queries import actor_by_login
from portal.jobs.prepare import make_ready
from portal.jobs.selfcheck import check_some
from portal.journal import stream
from portal.kernel import schema
from portal.kernel.db import db
from tests import stores
from tests.builders import NINE

STORE = Path(__file__).parents[1] / "data" / "first_store.db.xz"  # four made-up cases, left at migration 0001
HELD = "SELECT no, state, level, title, description, customer_name, contact, result FROM cases ORDER BY id"
TOLD = "SELECT stream, n, kind, hash FROM journal ORDER BY id"


@pytest.fixture
def app(tmp_path):
    """An application on that store, not brought up yet."""
    (tmp_path / "portal.db").write_bytes(lzma.decompress(STORE.read_bytes()))
    app = stores.build(tmp_path)
    with app.app_context():
        yield app
    stores.close(app)


def everything(question: str) -> list[tuple[object, ...]]:
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(question))]


def test_nothing_is_lost_on_the_way_up(app):
    assert schema.found() == "0001"
    cases, entries = everything(HELD), everything(TOLD)
    make_ready()
    schema.check()
    assert everything(HELD) == cases
    assert everything(TOLD)[: len(entries)] == entries
    streams = [name for (name,) in everything("SELECT DISTINCT stream FROM journal")]
    assert stream.faults(streams) == []


def test_its_cases_are_worked_on_and_its_archive_is_searched(app, at, signed_in):
    make_ready()
    at(NINE + timedelta(hours=2))
    browser = signed_in(actor_by_login("supervisor"))
    for no, state in everything("SELECT no, state FROM cases"):
        place = f"/archive/{no}" if state == "closed" else f"/cases/{no}"
        assert browser.get(place).status_code == 200, no
    assert "CS2611-0003" in browser.get("/archive?q=光猫").text
    assert browser.post("/cases/CS2611-0004/do/note", data={"note-text": "升级后继续处理"}).status_code == 303
    assert "升级后继续处理" in browser.get("/cases/CS2611-0004").text


def test_the_nightly_check_finds_nothing_wrong_in_it(app):
    make_ready()
    found, _last = check_some(NINE + timedelta(hours=2), 0)
    assert found.cases == 4
    assert found.differences == []
