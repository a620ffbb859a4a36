"""What somebody typed into a deed's form and has not sent: kept by a room above, which registers here."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from portal.identity.actor import Actor
from portal.incidents.models import Incident


class Keeper(NamedTuple):
    """Fills a form with what its author left and says when that was; forgets it once it is sent."""

    left: Callable[[Actor, Incident, str, Any], datetime | None]
    forget: Callable[[Actor, Incident, str], None]


_keepers: list[Keeper] = []


def by(keeper: Keeper) -> None:
    """Lets a room keep what is typed."""
    if keeper not in _keepers:
        _keepers.append(keeper)


def left(actor: Actor, incident: Incident, name: str, form: Any) -> datetime | None:
    """When the author left what the form is now filled with; None where there is nothing."""
    return next((at for keeper in _keepers if (at := keeper.left(actor, incident, name, form))), None)


def forget(actor: Actor, incident: Incident, name: str) -> None:
    """It was sent."""
    for keeper in _keepers:
        keeper.forget(actor, incident, name)
