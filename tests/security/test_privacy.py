"""SE1, AR6: no byte of any answer holds a customer's number or name that the reader's work does not need."""

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import HTMX
from tests.house.walk import SLOW, ways

PHONE, IDENTITY, PLASTIC, NAME, CALLER = "13912345678", "330106199003070006", "6222021234567890128", "欧阳雪", "司马青"
TYPED = f" 电话{PHONE} 身份证{IDENTITY} 卡{PLASTIC}"
CHINESE = re.compile("[\u4e00-\u9fff]")
# what people write about customers; staff, units, rules and standard texts hold nobody's data
TABLES = (
    "cases", "archived", "archived_text", "attachment", "customer", "customer_contact", "draft", "group_contact",
    "group_file",
    "corporate_due", "support_project", "incident", "task", "work_order", "order_step", "order_sheet", "outbox",
    "journal_body", "handover", "announcement", "voicemail",
)  # fmt: skip
NAMES = (
    "UPDATE cases SET customer_name = :name, caller = :caller, contact = :phone, title = :name || title",
    "UPDATE archived SET customer_name = :name, contact = :phone, title = :name || title",
    "UPDATE customer SET name = :name, phone = :phone WHERE category = 'person'",
    "UPDATE customer_contact SET value = :name WHERE kind = 'name'",
    "UPDATE customer_contact SET value = :phone, folded = :phone WHERE kind = 'phone'",
)
READERS = (("auditor", {}), ("quality", HTMX), ("commander", {}), ("management", HTMX))


def grown(value: Any) -> Any:
    """The value with the numbers behind each Chinese text in it."""
    if isinstance(value, str):
        return value + TYPED if CHINESE.search(value) else value
    if isinstance(value, list):
        return [grown(one) for one in value]
    return {k: grown(v) for k, v in value.items()} if isinstance(value, dict) else value


def fill(path: Path) -> int:
    """Writes numbers and names into every text about customers, past all guards; returns how many cells."""
    changed = 0
    with sqlite3.connect(path) as store:
        store.create_function("grown_text", 1, grown, deterministic=True)
        store.create_function(
            "grown_json", 1, lambda text: text and json.dumps(grown(json.loads(text))), deterministic=True
        )
        for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            store.execute(f'DROP TRIGGER "{name}"')
        for statement in NAMES:
            store.execute(statement, {"name": NAME, "caller": CALLER, "phone": PHONE})
        there = {row[0] for row in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in sorted(there & set(TABLES)):
            for _, column, kind, *_ in store.execute(f'PRAGMA table_info("{table}")').fetchall():
                if not kind.startswith(("VARCHAR", "TEXT", "JSON")) or column in ("customer_name", "name", "caller"):
                    continue
                change = f'grown_{"json" if kind == "JSON" else "text"}("{column}")'
                done = store.execute(f'UPDATE "{table}" SET "{column}" = {change} WHERE "{column}" <> {change}')
                changed += max(done.rowcount, 0)
    return changed


@pytest.fixture
def filled(app, at, world):
    """A store in which every text about a customer holds numbers and names."""
    assert fill(Path(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))) > 40
    return world


def test_no_answer_holds_a_byte_that_its_reader_may_not_see(app, filled, staff, signed_in):
    browsers = {role: signed_in(staff[role]) for role, _ in READERS}
    told, masks = [], 0
    for rule, _, url in ways(app, filled, frozenset(("GET",)), thin=True):
        if rule.endpoint in SLOW or rule.endpoint == "static":
            continue
        for role, headers in READERS:
            answer = browsers[role].get(url, headers=headers)
            said = answer.get_data() + repr(answer.headers).encode()
            told += [
                (role, url, secret) for secret in (PHONE, IDENTITY, PLASTIC, NAME, CALLER) if secret.encode() in said
            ]
            masks += said.count(b"139****5678")
    assert told == []
    assert masks > 100, "the pages have to hold masked numbers, or the test sees nothing"


def test_who_works_with_numbers_sees_them_but_nobody_sees_identity_cards_unasked(app, filled, staff, signed_in):
    page = signed_in(staff["supervisor"]).get(f"/cases/{filled.tech}").get_data(as_text=True)
    assert PHONE in page
    assert NAME in page
    assert IDENTITY not in page
    assert PLASTIC not in page
    record = signed_in(staff["supervisor"]).get(f"/archive/{filled.closed}").get_data(as_text=True)
    assert PHONE in record
    assert IDENTITY not in record
