"""What one deed of the board is: its form, right, when it is offered, and the action behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.identity.actor import Actor
from portal.incidents import forms
from portal.incidents.models import Incident

Run = Callable[[Actor, datetime, Incident, Any], Any]
Prepare = Callable[[Actor, datetime, Incident, Any], None]


@dataclass(frozen=True)
class Deed:
    """One button of the board. `careful` deeds compare the version the person saw.

    `send` names the button that does it, where that is not the title; `note` says in a line what it does; what was
    done is `incident.done.<name>` among the terms.
    """

    form: type[forms.Deed]
    title: Any
    verb: str
    run: Run
    prepare: Prepare | None = None
    states: tuple[str, ...] = ("active",)
    careful: bool = False
    send: Any = ""
    note: Any = ""
