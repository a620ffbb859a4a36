"""Stored text is text (F-60): whatever people typed, no page makes an element, an attribute or an address of it."""

import json
import re
import sqlite3
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import HTMX
from tests.house.walk import SLOW, ways

MARK = "zq77"
TYPED = (
    f'</textarea></title><script>{MARK}()</script><img src=x onerror="{MARK}()">'
    f"\" autofocus onfocus='{MARK}()' hx-get=\"/{MARK}\" x=' {{{{7*7}}}}${{{MARK}}} "
    f"<svg/onload={MARK}()> javascript:{MARK}()"
)
CHINESE = re.compile("[\u4e00-\u9fff]")
# what carries codes or whole documents in which Chinese is a key, not something a person typed
NOT_TYPED = {
    "calendar_version",
    "calendar_draft",
    "policy_version",
    "proposal_version",
    "knowledge_version",
    "list_item",
}
# each role in one language is enough: escaping is the template's, not the translation's
LOOKERS = (("supervisor", "zh", {}), ("supervisor", "en", HTMX), ("auditor", "en", {}), ("admin", "zh", {}))


class Elements(HTMLParser):
    """Collects what of a page became an element or an attribute though a person typed it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.alive: list[str] = []
        self.inside = ""
        self.seen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element: none of the typed ones may be there, and no attribute that runs or loads may hold the mark."""
        self.inside = tag if tag in ("script", "style") else ""
        for name, value in attrs:
            active = name.startswith(("on", "hx-on", "x", "autofocus")) or (
                name.startswith("hx-") and name != "hx-vals"
            )
            if MARK in name or (MARK in (value or "") and (active or _leads(name, value or ""))):
                self.alive.append(f"<{tag} {name}={value}")

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag: str) -> None:
        """The end of a script is no longer inside it."""
        self.inside = ""

    def handle_data(self, data: str) -> None:
        """Text: harmless, except within a script or a style."""
        self.seen += data.count(MARK)
        if MARK in data and self.inside:
            self.alive.append(f"<{self.inside}> {data[:40]}")


def _leads(name: str, value: str) -> bool:
    """An address that would run or lead away: the mark may stand in a query or path part, percent-encoded."""
    if name not in ("href", "src", "action", "formaction", "srcdoc", "style"):
        return False
    return name in ("srcdoc", "style") or "<" in value or value.strip().lower().startswith("javascript:")


def tainted(value: Any) -> Any:
    """The value with the hostile text behind each Chinese text in it."""
    if isinstance(value, str):
        return value + TYPED if CHINESE.search(value) else value
    if isinstance(value, list):
        return [tainted(v) for v in value]
    return {k: tainted(v) for k, v in value.items()} if isinstance(value, dict) else value


def taint(path: Path) -> int:
    """Puts the hostile text behind every Chinese text of a store, past all guards; returns how many cells it met."""
    changed = 0
    with sqlite3.connect(path) as store:
        store.create_function("tainted_text", 1, tainted, deterministic=True)
        store.create_function("tainted_json", 1, _document, deterministic=True)
        for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            store.execute(f'DROP TRIGGER "{name}"')
        tables = store.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
        for (table,) in tables.fetchall():
            if table in NOT_TYPED or table.startswith(("sqlite_", "archive_index", "archived_text")):
                continue
            for _, column, kind, *_ in store.execute(f'PRAGMA table_info("{table}")').fetchall():
                if not kind.startswith(("VARCHAR", "TEXT", "JSON")):
                    continue
                change = f'tainted_{"json" if kind == "JSON" else "text"}("{column}")'
                done = store.execute(f'UPDATE "{table}" SET "{column}" = {change} WHERE "{column}" <> {change}')
                changed += max(done.rowcount, 0)
    return changed


def _document(text: str | None) -> str | None:
    return text and json.dumps(tainted(json.loads(text)))


@pytest.mark.parametrize(
    "before", ["<p>", '<p title="', "<a href='", "<textarea>", "<title>", '<div hx-get="', "<script>x='"]
)
def test_the_detector_sees_what_is_not_escaped(before):
    page = Elements()
    page.feed(before + "甲" + TYPED + "'>\">")
    assert page.alive


def test_no_typed_text_comes_alive_on_any_page(app, at, world, staff, signed_in):
    assert taint(Path(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))) > 100
    browsers = {role: signed_in(staff[role]) for role, _, _ in LOOKERS}
    alive, failed, seen = [], [], 0
    for rule, _, url in ways(app, world, frozenset(("GET",)), thin=True):
        if rule.endpoint in SLOW or rule.endpoint == "static":
            continue
        for role, language, headers in LOOKERS:
            answer = browsers[role].get(url, headers=headers | {"Accept-Language": language})
            if answer.status_code >= 500 and not rule.endpoint.startswith("health."):
                failed.append((role, url, answer.status_code))
            if answer.mimetype == "text/html":
                page = Elements()
                page.feed(answer.get_data(as_text=True))
                alive += [(role, url, what) for what in page.alive]
                seen += page.seen
    assert failed == []
    assert alive == []
    assert seen > 500, "the pages have to show what was typed, or the test sees nothing"
