"""Changing the edited lists: request types and customer classes."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.directory.events import ListItemSet
from portal.directory.list_rules import set_item, set_words
from portal.directory.models import ListItem
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db

STREAM = "lists"


def set_entry(actor: Actor, now: datetime, name: str, code: str, **typed: Any) -> None:
    """Adds an entry or changes what one asks for; who did it and how it then reads is kept."""
    allow(actor, "list.edit")
    _keep(actor, now, set_item(name, code, **typed))


def set_word_list(actor: Actor, now: datetime, code: str, text: str, here: Sequence[str]) -> None:
    """Changes the words that carry no content (IN3), one a line, from `here`, those in force; unchanged: no entry."""
    allow(actor, "list.edit")
    event = set_words(code, text)
    if event.data["words"] != list(here):
        _keep(actor, now, event)


def _keep(actor: Actor, now: datetime, event: ListItemSet) -> None:
    name, code = event.list, event.code
    row = db.session.scalar(select(ListItem).where(ListItem.list == name, ListItem.code == code))
    if row is None:
        row = ListItem(list=name, code=code)
        db.session.add(row)
    row.zh, row.en, row.active, row.data = event.zh, event.en, event.active, event.data
    db.session.flush()
    stream.append(STREAM, "ListItemSet", asdict(event), by_id=actor.id, at=now)
    feed.touch("lists", row.id)
