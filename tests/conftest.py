"""Stores, applications and browsers' clients for the tests; clocks are moved, never waited for."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask, g, has_app_context
from flask.testing import FlaskClient

from portal.clocks import book
from portal.factory import create_app
from portal.identity import session as sessions
from portal.identity.actor import Actor
from portal.kernel import clock
from portal.kernel.config import Settings
from portal.kernel.db import db, transaction
from portal.kernel.feed import feed
from portal.kernel.schema import bring_up
from portal.proposals import book as proposals
from tests import builders
from tests.builders import NINE
from tests.services import empty_database, need, temporary_postgres

HTMX = {"HX-Request": "true"}
builders.PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(builders.PASSWORD)


class Browser(FlaskClient):
    """A browser whose requests begin with an empty `g`, though the test stands in an application context."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Sends a request."""
        for name in list(g) if has_app_context() else ():
            g.pop(name)
        return super().open(*args, **kwargs)


def build(data: Path, url: str | None = None, **config: Any) -> Flask:
    """An application on a store of its own."""
    settings = Settings(data=data, database_url=url or f"sqlite:///{data / 'portal.db'}", secret_key="test")
    made = create_app(settings, TESTING=True, **({"WTF_CSRF_ENABLED": False} | config))
    made.test_client_class = Browser
    return made


def fill(app: Flask) -> None:
    """Schema and reference data of a fresh installation."""
    with app.app_context():
        bring_up()
        with transaction():
            builders.reference_data()


def close(app: Flask) -> None:
    """Lets go of the store and of everything kept in memory about it."""
    feed.stop()
    sessions.forget_all()
    book.forget()
    proposals.forget()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def make_staff() -> dict[str, Actor]:
    """One person of each role. Call inside transaction()."""
    return {
        "agent": builders.make_person(role="agent", unit="service", name="李敏", login="agent"),
        "supervisor": builders.make_person(
            role="supervisor", unit="service", name="周建国", login="supervisor", everywhere=True
        ),
        "handler": builders.make_person(role="handler", unit="tech", name="陈浩", login="handler"),
        "business": builders.make_person(role="handler", unit="business", name="王丽娜", login="business"),
        "head": builders.make_person(role="head", unit="tech", name="刘洋", login="head"),
        "service_head": builders.make_person(role="head", unit="service", name="孙梅", login="service_head"),
        "quality": builders.make_person(role="quality", unit="service", name="何静", login="quality", everywhere=True),
        "analyst": builders.make_person(role="analyst", unit="service", name="郭磊", login="analyst", everywhere=True),
        "commander": builders.make_person(
            role="commander", unit="hq", name="赵志远", login="commander", everywhere=True
        ),
        "watch": builders.make_person(role="watch", unit="hq", name="丁强", login="watch", everywhere=True),
        "responder": builders.make_person(
            role="responder", unit="service", name="马晓东", login="responder", everywhere=True
        ),
        "auditor": builders.make_person(role="auditor", unit="hq", name="吴刚", login="auditor", everywhere=True),
        "security": builders.make_person(role="security", unit="hq", name="郑洁", login="security", everywhere=True),
        "admin": builders.make_person(role="admin", unit="hq", name="冯涛", login="admin", everywhere=True),
        "dispatcher": builders.make_person(role="dispatcher", unit="tech", name="许平", login="dispatcher"),
        "management": builders.make_person(
            role="management", unit="hq", name="韩总", login="management", everywhere=True
        ),
    }


@pytest.fixture(scope="session")
def filled_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite store with reference data, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    app = build(folder)
    fill(app)
    with app.app_context(), db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    close(app)
    return folder / "portal.db"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A throw-away PostgreSQL for this run."""
    need("postgres")
    with temporary_postgres() as url:
        yield url


@pytest.fixture
def app(request: pytest.FixtureRequest, tmp_path: Path, filled_sqlite: Path) -> Iterator[Flask]:
    """The portal on a fresh store: SQLite, or PostgreSQL where a test asks for `engine`."""
    engine = request.getfixturevalue("engine") if "engine" in request.fixturenames else "sqlite"
    if engine == "postgres":
        with empty_database(request.getfixturevalue("postgres_server")) as url:
            made = build(tmp_path, url)
            fill(made)
            with made.app_context():
                yield made
            close(made)
        return
    shutil.copy(filled_sqlite, tmp_path / "portal.db")
    made = build(tmp_path)
    with made.app_context():
        yield made
    close(made)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest) -> str:
    """Runs a test on both engines."""
    return str(request.param)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., datetime]:
    """`at(minutes=16)` puts the portal's clock 16 minutes past the morning on which tests begin, and returns it."""

    def travel(moment: datetime | None = None, **delta: int) -> datetime:
        now = (moment or NINE) + timedelta(**delta)
        monkeypatch.setattr(clock, "millis", lambda: int(now.timestamp() * 1000))
        return now

    travel()
    return travel


@pytest.fixture
def staff(app: Flask) -> dict[str, Actor]:
    """One person of each role that the main path needs."""
    with transaction():
        return make_staff()


@pytest.fixture
def signed_in(app: Flask) -> Callable[[Actor], FlaskClient]:
    """A browser in which this person is signed in."""

    def client(actor: Actor) -> FlaskClient:
        browser = app.test_client()
        now = clock.now()
        with transaction():
            token = sessions.sign_in(actor.id, now)
        with browser.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
        return browser

    return client


REAL_DATA = Path(os.environ.get("PORTAL_REAL_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
