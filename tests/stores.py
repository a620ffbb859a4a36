"""Applications and filled stores for the tests: made once in a run, then copied, emptied and used again."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

import sqlalchemy as sa
from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from portal import shell
from portal.clocks import book
from portal.desk import wiring as desk
from portal.factory import create_app
from portal.identity import session as sessions
from portal.incidents import plans
from portal.kernel.config import Settings
from portal.kernel.db import db, transaction, tune
from portal.kernel.feed import feed
from portal.kernel.schema import bring_up
from portal.proposals import book as proposals
from portal.workflows import versions as flows
from tests import builders
from tests.refill import Pool
from tests.services import empty_database

Key = tuple[tuple[str, Any], ...]  # the kind of store and Flask's settings
_parked: dict[Key, list[Flask]] = {}
_lent: dict[Flask, tuple[Key, dict[str, Any]]] = {}


class Browser(FlaskClient):
    """A browser whose requests begin with an empty `g`, though the test stands in an application context."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Sends a request."""
        for name in list(g) if has_app_context() else ():
            g.pop(name)
        return super().open(*args, **kwargs)


class Compiled(BytecodeCache):
    """Templates that one application of this run has compiled serve the next ones."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Hands out the code of a template that has not changed."""
        checksum, code = self.known.get(bucket.key, ("", None))
        if code is not None and checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps the code."""
        assert bucket.code is not None
        self.known[bucket.key] = (bucket.checksum, bucket.code)


COMPILED = Compiled()


def build(data: Path, url: str | None = None, *, owner_url: str = "", **config: Any) -> Flask:
    """An application on the store in `data`; one that was closed before is opened again on it, as cold as a new one.

    Making one takes fifty times as long: each of its hundred addresses is compiled.
    """
    store = url or f"sqlite:///{data / 'portal.db'}"
    settings = Settings(data=data, database_url=store, secret_key="test", owner_url=owner_url)
    wanted = {"TESTING": True, "WTF_CSRF_ENABLED": False} | config
    key = (("engine", store.split(":")[0]), *sorted(wanted.items()))
    if _parked.get(key):
        made = _reopen(_parked[key].pop(), settings)
    else:
        made = create_app(settings, **wanted)
        made.jinja_env.bytecode_cache = COMPILED
        _give_engine(made, store)
        _lent[made] = (key, dict(made.config))
    made.test_client_class = Browser
    return made


def _reopen(app: Flask, settings: Settings) -> Flask:
    """Leads a closed application to another store, its settings as they were when it was made."""
    app.config.clear()
    app.config.update(_lent[app][1], SQLALCHEMY_DATABASE_URI=settings.database_url, PORTAL=settings)
    settings.data.mkdir(parents=True, exist_ok=True)
    app.session_interface = sessions.Envelopes()
    desk.begin_anew(app)  # a memory without what the store before held
    with app.app_context():
        db.engine.url = sa.make_url(settings.database_url)
        db.engine.dispose()  # a last request after the closing may have left a way to the store before
    return app


def _give_engine(app: Flask, url: str) -> None:
    """An engine that connects to wherever its address points, so that it may move and keep the SQL it has compiled."""
    with app.app_context():
        engines: Any = db.engines
        dialect = db.engine.dialect

        def connect() -> Any:
            words, options = dialect.create_connect_args(engine.url)
            return dialect.connect(*words, **options)

        engine = engines[None] = sa.create_engine(url, creator=connect, **app.config["SQLALCHEMY_ENGINE_OPTIONS"])
        tune(engine)


def fill(app: Flask) -> None:
    """Schema and reference data of a fresh installation."""
    with app.app_context():
        bring_up()
        with transaction():
            builders.reference_data()


def close(app: Flask) -> None:
    """Lets go of the store and of everything kept in memory about it; the application may be used again."""
    feed.stop()
    sessions.forget_all()
    book.forget()
    proposals.forget()
    flows.forget()
    plans.forget()
    shell._cache.clear()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    if app in _lent and app not in (waiting := _parked.setdefault(_lent[app][0], [])):
        waiting.append(app)


def filled_file(folder: Path, *steps: Callable[[], Any]) -> Path:
    """A migrated SQLite store with reference data in `folder`, and what the steps put in; to be copied."""
    app = build(folder)
    fill(app)
    _take(app, steps)
    return folder / "portal.db"


def further(folder: Path, template: Path, *steps: Callable[[], Any]) -> Path:
    """A copy of a filled SQLite store in `folder` into which the steps have put more; to be copied."""
    shutil.copy(template, folder / "portal.db")
    _take(build(folder), steps)
    return folder / "portal.db"


def _take(app: Flask, steps: tuple[Callable[[], Any], ...]) -> None:
    with app.app_context():
        for step in steps:
            step()
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    close(app)


class Templates:
    """The filled databases of a PostgreSQL server, each made when first asked for; copies of it are used again."""

    def __init__(self, server: str, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.made: dict[str, Pool] = {}

    @contextmanager
    def copy(self, name: str, *steps: Callable[[], Any]) -> Iterator[str]:
        """A database like the template of this name; yields its SQLAlchemy address."""
        if name not in self.made:
            pool = Pool(self.server, f"template_{name}")
            with empty_database(self.server, name=pool.template, keep=True) as url:
                app = build(self.folder, url)
                fill(app)
                _take(app, steps)
                pool.settle(url)
            self.made[name] = pool
        with self.made[name].lend() as url:
            yield url
