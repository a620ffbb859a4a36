"""What all doors into the portal share: where to go on, opening the session, whether a new password will do."""

from typing import Any
from urllib.parse import urlsplit

from portal.identity import session
from portal.identity.passwords import check_strength
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid
from portal.kernel.i18n import sentence


def safe_way(target: str | None) -> str:
    """Where to go on inside the portal; anything that leads elsewhere becomes the front page."""
    parts = urlsplit((target or "").replace("\\", "/"))
    inside = not parts.scheme and not parts.netloc and parts.path.startswith("/") and not parts.path.startswith("//")
    return (parts.path + (f"?{parts.query}" if parts.query else "")) if inside else "/"


def admitted(person_id: int, *, second: bool = False) -> None:
    """Opens the session and gives this browser its cookie; `second`: a code of the person's app was given too."""
    with transaction():
        token = session.sign_in(person_id, clock.now(), second=second)
    session.carry(token)


def strong(field: Any, login: str) -> bool:
    """Whether a new password is good enough; says why not at its field."""
    try:
        check_strength(field.data or "", login)
    except Invalid as refused:
        field.errors = [sentence(refused)]
        return False
    return True
