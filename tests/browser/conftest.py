"""A running portal and a real Chromium; a full run leaves pictures in build/screens."""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from portal.identity import queries as people
from portal.identity import session as sessions
from portal.kernel import clock
from portal.kernel.config import ROOT
from portal.kernel.db import transaction
from tests import builders, laws, stores
from tests.services import chromium_path, need

logging.getLogger("werkzeug").setLevel(logging.ERROR)
SCREENS = ROOT / "build" / "screens"
BOTH = ["zh-CN", pytest.param("en-US", marks=pytest.mark.slow)]  # the fast run speaks one language
HARMLESS = ("422", "409", "403", "404")  # the browser logs refused answers; the page has to show them


@dataclass
class Window:
    """One person's browser window: its page, what its console complained of, where its pictures go."""

    page: Page
    base: str
    folder: Path
    pictures: bool = True
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Opens an address of the portal."""
        self.page.goto(self.base + path)

    def shot(self, name: str) -> None:
        """Keeps a picture of the whole page; the fast run takes none, for a picture costs as much as the page."""
        if not self.pictures:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_load_state()  # without its style sheets a page has another size
        self.page.screenshot(path=self.folder / f"{name}.png", full_page=True)

    def fits(self) -> bool:
        """Whether the page, once its style sheets are there, needs no sideways scrolling."""
        self.page.wait_for_load_state()
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the run."""
    need("browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def served(tmp_path: Path, filled_sqlite: Path) -> Iterator[tuple[Flask, str]]:
    """A portal with CSRF protection on, served on a free port of this machine."""
    (tmp_path / "portal.db").write_bytes(filled_sqlite.read_bytes())
    app = stores.build(tmp_path, WTF_CSRF_ENABLED=True)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with app.app_context():
        yield app, f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join(timeout=5)
    stores.close(app)


@pytest.fixture
def crew(served: tuple[Flask, str]) -> dict[str, str]:
    """Logins by role of the people the main path needs."""
    with transaction():
        for role, unit, name, everywhere in (
            ("agent", "service", "李敏", False),
            ("supervisor", "service", "周建国", True),
            ("handler", "tech", "陈浩", False),
            ("head", "tech", "刘洋", False),
            ("commander", "hq", "赵志远", True),
            ("watch", "hq", "丁强", True),
            ("responder", "service", "马晓东", True),
            ("analyst", "service", "郭磊", True),
            ("auditor", "hq", "吴刚", True),
            ("admin", "hq", "冯涛", True),
            ("quality", "service", "何静", True),
        ):
            builders.make_person(role=role, unit=unit, name=name, login=role, everywhere=everywhere)
    return {"password": builders.PASSWORD}


@pytest.fixture
def window(
    chromium: Browser, served: tuple[Flask, str], crew: dict[str, str], request: pytest.FixtureRequest
) -> Iterator[Callable[..., Window]]:
    """`window("agent", locale="en-US")` is a browser window in which that person has signed in.

    With `form` through the sign-in page, which leads to the front page; else the window is still blank.
    """
    contexts: list[BrowserContext] = []
    windows: list[Window] = []

    def opened(
        login: str,
        locale: str = "zh-CN",
        width: int = 1366,
        height: int = 768,
        theme: str = "light",
        form: bool = False,
    ) -> Window:
        context = chromium.new_context(
            locale=locale, viewport={"width": width, "height": height}, color_scheme=theme, timezone_id="Asia/Shanghai"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        folder = SCREENS / f"{request.node.originalname}-{locale}"
        made = Window(page, served[1], folder, not laws.fast(request.config.option.markexpr))
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        page.on("console", lambda line: _heard(made, line.type, line.text))
        if form:
            fill_in(made, login, crew["password"])
        else:
            context.add_cookies([{"name": "portal", "value": cookie_of(served[0], login), "url": served[1]}])
        windows.append(made)
        return made

    yield opened
    complaints = [line for made in windows for line in made.complaints]
    for context in contexts:
        context.close()
    assert complaints == []


def fill_in(w: Window, login: str, password: str) -> None:
    """Signs in as people do."""
    w.go("/session/sign-in")
    w.page.fill("#login", login)
    w.page.fill("#password", password)
    w.page.click("main button[type=submit].btn-primary")
    w.page.wait_for_url(lambda url: "sign-in" not in url)


def cookie_of(app: Flask, login: str) -> str:
    """The cookie of a browser in which this person has just signed in."""
    with transaction():
        token = sessions.sign_in(people.actor_by_login(login).id, clock.now())
    sealing = sessions.Envelopes().get_signing_serializer(app)
    assert sealing is not None
    return str(sealing.dumps({"_user_id": token, "_fresh": True, "_permanent": True}))


def _heard(made: Window, kind: str, text: str) -> None:
    """Keeps what a page complains of; a look for changes that a busy machine answered late is asked again anyway."""
    late = "htmx:error: timeout" in text and "div#feed" in text
    if kind == "error" and not late and not any(f"status of {code}" in text for code in HARMLESS):
        made.complaints.append(text)
