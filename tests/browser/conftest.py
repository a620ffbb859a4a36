"""A running portal and a real Chromium; each test leaves its pictures in build/screens."""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from portal.kernel.config import ROOT
from portal.kernel.db import transaction
from tests import builders, conftest
from tests.services import chromium_path, need

logging.getLogger("werkzeug").setLevel(logging.ERROR)
SCREENS = ROOT / "build" / "screens"
HARMLESS = ("422", "409", "403", "404")  # the browser logs refused answers; the page has to show them


@dataclass
class Window:
    """One person's browser window: its page, what its console complained of, where its pictures go."""

    page: Page
    base: str
    folder: Path
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Opens an address of the portal."""
        self.page.goto(self.base + path)

    def shot(self, name: str) -> None:
        """Keeps a picture of the whole page."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.folder / f"{name}.png", full_page=True)

    def fits(self) -> bool:
        """Whether the page needs no sideways scrolling."""
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
    app = conftest.build(tmp_path, WTF_CSRF_ENABLED=True)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with app.app_context():
        yield app, f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join(timeout=5)
    conftest.close(app)


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
    """`window("agent", locale="en-US")` is a browser window in which that person has signed in."""
    contexts: list[BrowserContext] = []
    windows: list[Window] = []

    def opened(login: str, locale: str = "zh-CN", width: int = 1366, height: int = 768, theme: str = "light") -> Window:
        context = chromium.new_context(
            locale=locale, viewport={"width": width, "height": height}, color_scheme=theme, timezone_id="Asia/Shanghai"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        made = Window(page, served[1], SCREENS / f"{request.node.originalname}-{locale}")
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        page.on("console", lambda line: _heard(made, line.type, line.text))
        made.go("/session/sign-in")
        page.fill("#login", login)
        page.fill("#password", crew["password"])
        page.click("main button[type=submit].btn-primary")
        page.wait_for_url(lambda url: "sign-in" not in url)
        windows.append(made)
        return made

    yield opened
    complaints = [line for made in windows for line in made.complaints]
    for context in contexts:
        context.close()
    assert complaints == []


def _heard(made: Window, kind: str, text: str) -> None:
    if kind == "error" and not any(f"status of {code}" in text for code in HARMLESS):
        made.complaints.append(text)
