"""Looks at cases that are written down: the room of the access log listens, rooms that print say so (AR4)."""

from collections.abc import Callable
from datetime import datetime

from portal.identity.actor import Actor

Note = Callable[..., None]
_listeners: list[Note] = []


def listen(note: Note) -> None:
    """Lets the access log write looks down."""
    _listeners[:] = [note]


def note_print(actor: Actor, now: datetime, *, no: str = "", what: str = "") -> None:
    """Writes down that this person is about to print a case, or (no number) a list or a sheet that `what` names."""
    for note in _listeners:
        note(actor, now, "print", query=what, no=no)


def note_open(actor: Actor, now: datetime, *, what: str) -> None:
    """Writes down that this person is about to read a document of a customer, which `what` names."""
    for note in _listeners:
        note(actor, now, "open", query=what, no="")
