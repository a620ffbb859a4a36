"""One thing that can be done to a case from its page: its right, its form, its states and the action it calls."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from portal.cases.models import Case
from portal.cases.rules import STATES
from portal.identity.actor import Actor

OPEN = frozenset(STATES) - {"closed", "void", "merged"}
WORKING = frozenset(("registered", "to_accept", "in_work", "waiting"))
Act = Callable[[Actor, datetime, Case, Any], None]
Fits = Callable[[Case], bool]


class Deed(NamedTuple):
    """One thing that can be done; `key` is its key on the keyboard, `fits` says when it makes sense."""

    verb: str
    form: type[Any]
    act: Act
    states: frozenset[str]
    key: str = ""
    icon: str = "pencil"
    fits: Fits = lambda case: True


def fields(action: Callable[..., None], *names: str) -> Act:
    """An action whose arguments are the form's fields of the same names; what a person is not asked is left out."""

    def act(actor: Actor, now: datetime, case: Case, form: Any) -> None:
        action(
            actor,
            now,
            case,
            **{name: getattr(form[name], "instant", None) or form[name].data or "" for name in names if name in form},
        )

    return act
