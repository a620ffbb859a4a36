"""Builds the application. The only module that knows every room."""

import importlib
from collections.abc import Callable, MutableMapping
from typing import Any

from flask import Flask
from flask.templating import Environment
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import frame, shell
from portal.identity import session
from portal.kernel import feed, heap, i18n, web
from portal.kernel.config import ROOT, Settings, from_environment
from portal.kernel.db import db, give_back, tune
from portal.kernel.pool import Pool

ROOMS = (
    "kernel", "identity", "clocks", "notices", "directory", "knowledge", "roster", "cases", "proposals", "attachments",
    "intake", "collaboration", "satisfaction", "incidents", "workflows", "backup", "corporate", "desk", "archive",
    "reports", "api", "jobs", "demo",
)  # fmt: skip
OPEN_TO_ALL = frozenset(
    ("static", "identity.sign_in", "identity.enter", "identity.relogin", "identity.token", "identity.setup",
     "identity.ask_code", "identity.give_code",
     "identity.found", "identity.locale_", "identity.theme", "identity.demo", "health.web", "health.worker",
     "identity.company_out", "identity.company_back", "identity.company_leave",
     "screens.enter", "screens.wall", "screens.changes",
     "api.take_request", "api.take_voicemail", "api.take_calls", "api.figures")  # these ask for a token instead
)  # fmt: skip
FIRST = frozenset(("identity.own_password", "identity.choose_password", "identity.sign_out"))
SECOND = FIRST | {"identity.own_app", "identity.keep_app"}
# a thread holds up to two connections at once, and waiting for the second must never block: threads are the bound
POOL = {"poolclass": Pool, "pool_size": 16, "max_overflow": -1}
migrate = Migrate()


class Templates(Environment):
    """Jinja with one plain table of globals: layering it for every template makes each import and include dear."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The environment's own table, unless a template is loaded with names of its own (none is)."""
        return super().make_globals(d) if d else self.globals


class Portal(Flask):
    """Flask without coroutines: asking of each of a request's dozen hooks whether it is one costs more than they do."""

    jinja_environment = Templates

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """All views and hooks here are plain functions."""
        return func


def create_app(settings: Settings | None = None, **config: Any) -> Flask:
    """The whole portal as one WSGI application; `config` overrides Flask's settings (tests)."""
    heap.share()
    chosen = settings or from_environment()
    app = Portal(
        "portal",
        root_path=str(ROOT / "portal"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.config.from_mapping(
        SECRET_KEY=chosen.secret_key,
        SQLALCHEMY_DATABASE_URI=chosen.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=POOL,
        SESSION_COOKIE_SECURE=chosen.secure,
        SESSION_COOKIE_NAME="__Host-portal" if chosen.secure else "portal",
        MAX_CONTENT_LENGTH=16 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        PORTAL=chosen,
    )
    app.config.from_mapping(**config)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    open_store(app)
    i18n.init_app(app)
    guard = CSRFProtect(app)
    for part in (web, session, feed, shell, frame):
        part.init_app(app)
    app.before_request(require_sign_in)
    furnish(app)
    guard.exempt(app.blueprints["api"])  # it knows no session: tokens alone open it
    if chosen.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=chosen.proxies, x_proto=chosen.proxies, x_host=chosen.proxies)  # type: ignore[method-assign]
    return app


def open_store(app: Flask) -> None:
    """Binds the store and prepares its engine before the first connection."""
    app.config["PORTAL"].data.mkdir(parents=True, exist_ok=True)
    db.init_app(app)
    app.teardown_appcontext(give_back)
    migrate.init_app(app, db, directory=str(ROOT / "portal" / "migrations"), transactional_ddl=True)
    with app.app_context():
        tune(db.engine)


def furnish(app: Flask) -> None:
    """Brings in each room's tables, words, wiring and URLs, as far as the room has them."""
    for room in ROOMS:
        for part in ("models", "words", "wiring", "routes"):
            module = _part(room, part)
            if module is None:
                continue
            if part == "words":
                i18n.register(module.TERMS, module.REFUSALS)
            elif part == "wiring":
                module.wire(app)
            elif part == "routes":
                for blueprint in module.BLUEPRINTS:
                    app.register_blueprint(blueprint)


def _part(room: str, part: str) -> Any:
    """A room's piece of furniture, or None where the room has none."""
    name = f"portal.{room}.{part}"
    if not (ROOT / "portal" / room / f"{part}.py").exists():
        return None
    return importlib.import_module(name)


def require_sign_in() -> Any:
    """Nobody gets in without signing in and a password of their own, but to the few doors named above."""
    if web.endpoint() in OPEN_TO_ALL:
        return None
    here = session.present()
    if here is None:
        return session.unauthorized()
    if here.actor.provisional:
        return session.own_password_first() if web.endpoint() not in FIRST else None
    return session.own_app_first() if here.actor.factor == "owed" and web.endpoint() not in SECOND else None
