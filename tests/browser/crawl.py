"""Which pages the portal has, found as people find them: by the links of the pages they can open."""

import html
import re
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule

LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)')
FILE = re.compile(r"\.[a-z]+$|/files/|/documents/|/recording$|\.<kind>$|/yaml$|^/static/")
CHECK = re.compile(r"/(changes|here|fresh|rows|facets|elsewhere|complete|mentionable)$|^/healthz|^/api/|^/orders/new/")
APART = {  # what no link of the demonstration leads to
    "desk.front", "desk.clock", "desk.counts", "shell.alarms", "identity.token",  # no pages
    "identity.company_out", "identity.company_back", "identity.company_leave", "identity.setup",  # outside
    "identity.ask_code", "identity.own_password", "identity.sign_in", "screens.wall", "screens.enter",
    "imports.one", "group_imports.one", "order_imports.one", "retention.batch",  # the demonstration has none
}  # fmt: skip
Kind = tuple[str, str]  # an endpoint, and of the forms of deeds which one


class Walk:
    """Pages found by links: the first address of each kind that was not known, and who opened it."""

    def __init__(self, app: Flask, known: Iterable[str]) -> None:
        self.app = app
        self.pages: list[tuple[str, str]] = []
        self.met = {self.kind_of(path) for path in known} - {None}
        self._asked: set[tuple[Kind, str]] = set()

    def by(self, who: str, browser: FlaskClient, begin: Iterable[str]) -> None:
        """Opens these pages and whatever of a new kind they lead to."""
        waiting = list(begin)
        for path in waiting:  # it grows
            answer = browser.get(path)
            kind = self.kind_of(path)
            if answer.status_code == 302 and kind:  # without script it is a place on another page
                self.met.add(kind)
            if answer.status_code != 200 or answer.mimetype != "text/html" or kind is None:
                continue
            if kind not in self.met and "<html" in answer.text:
                self.pages.append((who, path))
            self.met.add(kind)
            for link in LINK.findall(answer.text):
                found = urljoin(path, html.unescape(link))
                new = self.kind_of(found)
                if new is None or new in self.met or (new, who) in self._asked or FILE.search(urlsplit(found).path):
                    continue
                self._asked.add((new, who))
                waiting.append(found)

    def kind_of(self, address: str) -> Kind | None:
        """What tells the pages of the portal from each other; None where nothing stands."""
        try:
            rule, values = self.app.url_map.bind("localhost").match(urlsplit(address).path, return_rule=True)
        except (HTTPException, RequestRedirect):
            return None
        deed = values.get("name", values.get("deed", "")) if "/do/" in rule.rule else ""
        return rule.endpoint, str(deed)

    def missed(self) -> list[str]:
        """The addresses of pages that were neither known nor found."""
        met = {endpoint for endpoint, _deed in self.met} | APART
        return sorted(r.rule for r in self.app.url_map.iter_rules() if r.endpoint not in met and _is_page(r))


def _is_page(rule: Rule) -> bool:
    return "GET" in (rule.methods or ()) and not FILE.search(rule.rule) and not CHECK.search(rule.rule)
