"""Stores, applications and browsers' clients for the tests; clocks are moved, never waited for."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings

from portal.identity import queries as people
from portal.identity import session as sessions
from portal.identity.actor import Actor
from portal.kernel import clock
from portal.kernel.db import transaction
from tests import builders, laws, stores
from tests.builders import NINE
from tests.services import need, temporary_postgres
from tests.stores import build, close

HTMX = {"HX-Request": "true"}
builders.PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(builders.PASSWORD)


def pytest_configure(config: pytest.Config) -> None:
    """Chooses how often laws are tried, before the first test is read."""
    settings.load_profile("fast" if laws.fast(config.option.markexpr) else "full")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of what works alike on both engines the fast run tries one."""
    for item in items:
        if item.get_closest_marker("alike") and item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.slow)


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


def settle_staff() -> None:
    """Opens the staff's accounts in a transaction of their own."""
    with transaction():
        make_staff()


def find_staff() -> dict[str, Actor]:
    """The staff of a store that was settled before, by login."""
    return {person.login: people.actor_of(person) for person, _ in people.people()}


@pytest.fixture(scope="session")
def filled_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite store with reference data, made once and copied for each test."""
    return stores.filled_file(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def staffed_sqlite(tmp_path_factory: pytest.TempPathFactory, filled_sqlite: Path) -> Path:
    """The same with one person of each role."""
    return stores.further(tmp_path_factory.mktemp("staffed"), filled_sqlite, settle_staff)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A throw-away PostgreSQL for this run."""
    need("postgres")
    with temporary_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_templates(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> stores.Templates:
    """The filled databases on it, copied for each test."""
    return stores.Templates(postgres_server, tmp_path_factory.mktemp("postgres"))


@pytest.fixture
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The portal on a fresh store: SQLite, or PostgreSQL where a test asks for `engine`."""
    engine = request.getfixturevalue("engine") if "engine" in request.fixturenames else "sqlite"
    staffed = "staff" in request.fixturenames
    if engine == "postgres":
        templates = request.getfixturevalue("postgres_templates")
        with templates.copy("staffed", settle_staff) if staffed else templates.copy("filled") as url:
            yield from opened(build(tmp_path, url))
        return
    shutil.copy(request.getfixturevalue("staffed_sqlite" if staffed else "filled_sqlite"), tmp_path / "portal.db")
    yield from opened(build(tmp_path))


def opened(made: Flask) -> Iterator[Flask]:
    """The application in its context, closed afterwards."""
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
    """One person of each role, in the store from the beginning."""
    return find_staff()


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
