"""Receivers on loopback, and people who want mail."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from portal.identity.actor import Actor
from portal.kernel.config import Smtp
from portal.kernel.db import db, transaction
from portal.notices import connections
from portal.notices.models import Choice, Robot
from portal.notices.rules import SHIPPED
from tests.notices.receivers import Receiver, receiving


@pytest.fixture
def post(app: Flask) -> Iterator[Receiver]:
    """A mail server that the portal uses."""
    with receiving("mail") as receiver:
        set_mail(app, receiver.port)
        yield receiver


@pytest.fixture
def chat(app: Flask) -> Iterator[Receiver]:
    """A chat service on a host that the operator has named."""
    with receiving("chat") as receiver:
        hosts = (f"127.0.0.1:{receiver.port}",)
        app.config["PORTAL"] = replace(app.config["PORTAL"], robot_hosts=hosts, url="https://portal.example.com")
        yield receiver


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time-outs short enough for tests."""
    monkeypatch.setattr(connections, "TIME_OUT", 0.4)
    monkeypatch.setattr(connections, "AT_MOST", 2.0)


def set_mail(app: Flask, port: int) -> None:
    """Lets the portal send mail through a server on loopback."""
    smtp = Smtp("127.0.0.1", "portal@example.com", port, "none")
    app.config["PORTAL"] = replace(app.config["PORTAL"], smtp=smtp, url="https://portal.example.com")


@pytest.fixture
def wants(app: Flask) -> Callable[..., None]:
    """`wants(actor, mail="...", chased=["daily"])` keeps a choice."""

    def choose(actor: Actor, **changes: Any) -> None:
        ways_of = SHIPPED["groups"] | {k: v for k, v in changes.items() if k in SHIPPED["groups"]}
        with transaction():
            db.session.merge(
                Choice(
                    person_id=actor.id, mail=changes.get("mail", f"{actor.login}@example.com"), ways=ways_of,
                    quiet=changes.get("quiet", True), daily_at=changes.get("daily_at", 510),
                )
            )  # fmt: skip

    return choose


@pytest.fixture
def robot(app: Flask, chat: Receiver) -> Callable[..., int]:
    """`robot("wecom", unit_id)` sets a robot up and returns its id."""

    def add(kind: str = "wecom", unit_id: int | None = None, *, port: int = 0, locale: str = "zh_Hans_CN") -> int:
        made = Robot(unit_id=unit_id, kind=kind, locale=locale, address=f"http://127.0.0.1:{port or chat.port}/{kind}")
        with transaction():
            db.session.add(made)
        return made.id

    return add
