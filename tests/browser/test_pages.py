"""Every page on the demonstration's data: accessible in both themes, never scrolling sideways."""

import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from portal.cases.models import Case
from portal.clocks import policy_actions as policies
from portal.demo import build as demo
from portal.demo.accounts import PASSWORD
from portal.identity import queries as people
from portal.incidents.models import Incident
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.proposals import actions as proposals
from portal.reports.paper_models import Paper
from portal.workflows import flow_actions as flows
from tests import stores
from tests.browser.conftest import SCREENS, cookie_of
from tests.browser.crawl import Walk

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AS_OF = datetime.fromisoformat("2026-11-22T09:00+08:00")
SUPERVISOR = (
    "/desk", "/intake/new", "/queues", "/queues/all", "/queues/mine", "/queues/judging", "/notices", "/archive",
    "/archive?q=%E5%AE%BD%E5%B8%A6", "/incidents", "/incidents/report", "/reports", "/reports/quarterly/2026Q3",
    "/reports/time", "/reports/time?quarter=2026Q3&level=P2", "/reports/pauses?quarter=2026Q3",
    "/reports/cases?figure=held&quarter=2026Q3",
    "/incidents/drills", "/incidents/drills/1", "/backup", "/backup/blocks/1", "/backup/enter", "/backup/entries/1",
    "/backup/phones", "/offline/",
    "/admin/proposals", "/admin/proposals/1", "/session/me", "/styles", "/styles?rows=500", "/nowhere",
)  # fmt: skip
OTHERS = {
    "wugang": ("/archive/access",),
    "fengtao": (
        "/people",
        "/people/new",
        "/people/limin",
        "/admin/delivery",
        "/admin/delivery/robots/1",
        "/notices/mine",
        "/admin/policy",
        "/admin/policy/1",
        "/admin/policy/1/try?from=2026-08-01",
        "/admin/calendars",
        "/admin/calendars/new",
        "/admin/calendars/cn-business/import",
        "/admin/calendars/cn-business?month=2026-10&day=2026-10-10",
    ),
    "guolei": ("/reports/quarterly/2026Q4",),
}
FURTHER = (
    "/roster", "/roster/new", "/imports", "/voicemails", "/voicemails/hotlines", "/dispatch", "/calls", "/plans",
    "/flows", "/orders", "/orders/new", "/orders/ledger", "/orders/board", "/orders/timeliness", "/corporate",
    "/corporate/new", "/projects", "/projects/new", "/promises", "/knowledge/article", "/knowledge/article/new",
    "/knowledge/asked", "/knowledge/wording", "/announcements", "/announcements/new", "/customers", "/customers/pairs",
    "/handover", "/admin/lists", "/admin/lists/words", "/corporate/import", "/orders/import", "/summaries/daily",
    "/summaries/grooming", "/tasks", "/tasks/new", "/absences", "/absences/new", "/archive/orders", "/archive/packages",
    "/archive/saved", "/archive/proof", "/archive/soundness", "/archive/audit", "/reports/own", "/reports/papers",
    "/reports/figures", "/reports/figures/calls", "/reports/boards/today", "/reports/boards/department",
    "/reports/trends", "/reports/late", "/reports/calendar", "/queues/following", "/incidents/drills/new", "/status",
)  # fmt: skip
BEGIN = {  # from where links are followed: all the above, then what others see and the supervisor does not
    "zhoujianguo": (*SUPERVISOR, *FURTHER, "/admin/proposals/2", "/cases/CS2611-0005/dispute"),
    "fengtao": (*OTHERS["fengtao"], "/desk", "/reports/calendar", "/admin/policy/2", "/flows/presales/2", "/units"),
    "wugang": ("/desk", "/archive/access", "/archive/audit", "/archive/soundness"),
    "liuyang": ("/handover",),
    "zhaozhiyuan": ("/incidents",),
    "guolei": (),  # begins at the report that waits for its text
}
DESK: Any = {
    "locale": "en-US", "viewport": {"width": 1366, "height": 768}, "reduced_motion": "reduce",
    "timezone_id": "Asia/Shanghai",
}  # fmt: skip
FAULTS = {"resultTypes": ["violations"]}  # what holds is not described: that takes longer than looking
CONTRAST = FAULTS | {"runOnly": ["color-contrast"]}
WIDTHS = (360, 1366, 1920, 3840)


class Site(NamedTuple):
    """The demonstration as it is served: its application, its address, the addresses of some cases and incidents."""

    app: Flask
    base: str
    paths: list[str]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, filled_sqlite: Path) -> Iterator[Site]:
    """The demonstration with a tenth of its cases, and a draft of each thing that is edited in drafts."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "portal.db").write_bytes(filled_sqlite.read_bytes())
    app = stores.build(folder, WTF_CSRF_ENABLED=True)
    with app.app_context():
        demo.run(1, AS_OF, cases=80)
        drafts()
        found = {case.state: case.no for case in db.session.query(Case)}
        paths = [f"/cases/{no}" for no in found.values()]
        paths += [f"/cases/{found['registered']}/do/judge", f"/cases/{found['in_work']}/do/result"]
        paths += [f"/archive/{found['closed']}"]
        for incident in db.session.query(Incident):
            paths += [f"/incidents/{incident.no}", f"/incidents/{incident.no}/wall", f"/incidents/{incident.no}/at"]
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with app.app_context():
        yield Site(app, f"http://127.0.0.1:{server.port}", paths)
    server.shutdown()
    thread.join(timeout=5)
    stores.close(app)


def drafts() -> None:
    """Opens a draft of the policy, of the rules of proposals and of a flow."""
    admin, supervisor, now = people.actor_by_login("fengtao"), people.actor_by_login("zhoujianguo"), clock.now()
    with transaction():
        policies.open_draft(admin, now, "每年复核一次")
        proposals.open_draft(supervisor, now, "每年复核一次")
        flows.open_draft(admin, now, "presales")


def enter(page: Page, base: str, login: str) -> None:
    """Signs in with a click on a demo account's login and password."""
    page.goto(base + "/session/sign-in")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click("main button.btn-primary")
    page.wait_for_url(lambda url: "sign-in" not in url)


def walk(paths: list[str]) -> list[tuple[str, list[str]]]:
    """Who opens which addresses."""
    return [("zhoujianguo", [*SUPERVISOR, *paths])] + [(who, list(pages)) for who, pages in OTHERS.items()]


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_no_page_has_a_violation_or_scrolls_sideways(chromium: Browser, site: Site, locale: str) -> None:
    """Each in both themes and at every width; pictures of the dark theme and of the phone are kept in one language."""
    axe, complaints = Axe(), []
    context = chromium.new_context(**DESK | {"locale": locale})
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
    found = looked_at(axe, page, site.base, "/session/sign-in", WIDTHS, locale)
    for login, pages in walk(site.paths):
        enter(page, site.base, login)
        for path in pages:
            found += looked_at(axe, page, site.base, path, WIDTHS, locale)
        context.clear_cookies()
    context.close()
    assert found + complaints == []


def test_further_pages_have_no_violation(chromium: Browser, site: Site) -> None:
    """Each once in the light theme, then its contrasts in the dark one; none scrolls sideways on a phone."""
    context = chromium.new_context(**DESK)
    page, axe = context.new_page(), Axe()
    enter(page, site.base, "zhoujianguo")
    found = [line for path in FURTHER for line in looked_at(axe, page, site.base, path)]
    context.close()
    assert found == []


def test_whatever_a_link_leads_to_has_no_violation(chromium: Browser, site: Site) -> None:
    """The first page of each kind that links lead to and the walks above leave out; no kind stays unseen."""
    walk = Walk(site.app, [*SUPERVISOR, *FURTHER, *(path for pages in OTHERS.values() for path in pages), *site.paths])
    cookies = {who: cookie_of(site.app, who) for who in BEGIN}
    with site.app.app_context():
        waiting = db.session.query(Paper).filter_by(state="waiting").one()
    for who, begin in (BEGIN | {"guolei": (f"/reports/papers/{waiting.id}",)}).items():
        browser = site.app.test_client()
        browser.set_cookie("portal", cookies[who])
        walk.by(who, browser, (*begin, *site.paths) if who in ("zhoujianguo", "wugang") else begin)
    axe, found = Axe(), []
    for who in BEGIN:
        context = chromium.new_context(**DESK)
        context.add_cookies([{"name": "portal", "value": cookies[who], "url": site.base}])
        page = context.new_page()
        for path in [path for opened_by, path in walk.pages if opened_by == who]:
            found += looked_at(axe, page, site.base, path)
        context.close()
    assert (walk.missed(), found) == ([], [])


def looked_at(
    axe: Axe, page: Page, base: str, path: str, widths: tuple[int, ...] = WIDTHS[:1], pictures: str = ""
) -> list[str]:
    """What axe-core finds in the light theme, which contrasts fail in the dark one, and at which widths it scrolls."""
    page.emulate_media(color_scheme="light")
    page.goto(base + path)
    page.wait_for_load_state("networkidle") if "archive" in path else None
    found = violations(axe, page, path)
    shot(page, f"{pictures}-light", path) if pictures else None
    alike = "rows=" in path or ("/do/" in path and not pictures)  # rows and forms of deeds are made of few elements
    if not alike:
        page.emulate_media(color_scheme="dark")
        dark = axe.run(page, options=CONTRAST).response["violations"]
        found += [f"{path}: dark {v['id']} at {v['nodes'][0]['target']}" for v in dark]
        shot(page, f"{pictures}-dark", path) if pictures == "en-US" else None
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800 if width == WIDTHS[0] else 200})
        found += [f"{path}: wide at {width}"] * page.evaluate(
            "document.documentElement.scrollWidth > window.innerWidth"
        )
        shot(page, f"{pictures}-phone", path) if pictures == "zh-CN" and width == WIDTHS[0] else None
    page.set_viewport_size(DESK["viewport"])
    return found


def violations(axe: Axe, page: Page, path: str) -> list[str]:
    """What axe-core finds on the page, with the place."""
    answer = axe.run(page, options=FAULTS).response
    return [f"{path}: {v['id']} at {v['nodes'][0]['target']}" for v in answer["violations"]]


def shot(page: Page, group: str, path: str) -> None:
    """Keeps a picture."""
    folder = SCREENS / "pages" / group
    folder.mkdir(parents=True, exist_ok=True)
    name = path.strip("/").replace("/", "_").replace("?", "-").replace("%", "")
    page.screenshot(path=folder / f"{name}.png")


def test_a_queue_shows_eighteen_rows_on_a_common_screen(chromium: Browser, site: Site) -> None:
    context = chromium.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})
    page = context.new_page()
    enter(page, site.base, "zhoujianguo")
    page.goto(site.base + "/queues/all")
    seen = page.evaluate(
        """() => {
            const bar = document.querySelector('.statusbar').getBoundingClientRect().top;
            const rows = [...document.querySelectorAll('[data-row]')];
            return rows.filter(r => r.getBoundingClientRect().bottom <= bar).length;
        }"""
    )
    context.close()
    assert seen >= 18
