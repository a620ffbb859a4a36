"""Whose password it is: the portal's own, or the company directory's where one is set."""

import string
from datetime import datetime

from flask import current_app, request

from portal.identity import actions, queries
from portal.identity.company import directory, given_password_ends
from portal.identity.ldap_wire import Link, Trouble
from portal.identity.models import Person
from portal.identity.passwords import matches
from portal.kernel.company import Directory
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden

PLAIN = frozenset(string.ascii_letters + string.digits + "._@-")


def proves(person: Person | None, login: str, password: str, now: datetime) -> bool:
    """Whether this password opens the account `login`, whose person may be unknown.

    With a directory set it decides, and the portal's own password opens administrators' accounts alone, for the day on
    which the directory is away. Unknown logins are asked about as well, so that they take as long.
    Raises Forbidden when the directory cannot be asked.
    """
    own, asked = matches(person.password_hash if person else None, password), directory()
    if asked is None:
        return own and person is not None and person.active
    administers = person is not None and person.active and queries.holds(person.id, "admin")
    if own and administers:
        return True
    try:
        good = knows(asked, login, password)
    except Trouble as trouble:
        current_app.logger.warning("directory %s: %s", asked.host, trouble)
        if administers:  # their own password was tried and was wrong; others' tries while it is away lock nobody out
            with transaction():
                actions.note_failure(login, request.remote_addr or "", now)
        raise Forbidden("directory_away") from trouble
    if not good or person is None or not person.active:
        return False
    given_password_ends(person, now)
    return True


def knows(asked: Directory, login: str, password: str) -> bool:
    """Whether the directory takes this login with this password. Raises Trouble."""
    if not login or not password:
        return False
    with Link(asked) as link:
        return link.bind(_name(link, asked, login), password)


def escaped(login: str) -> str:
    """A login as one value inside a DN (RFC 4514): everything but plain letters, digits and ._@- by its bytes."""
    return "".join(c if c in PLAIN else "".join(f"\\{byte:02x}" for byte in c.encode()) for c in login)


def _name(link: Link, asked: Directory, login: str) -> str:
    """The name (DN) by which the directory knows this login; empty for none or several. Raises Trouble."""
    if asked.user_dn:
        return asked.user_dn.replace("{login}", escaped(login))
    if asked.bind_dn and not link.bind(asked.bind_dn, asked.bind_password):
        raise Trouble("LDAP_BIND_DN and its password are refused")
    found = link.entries(asked.base, asked.attribute, login)
    return found[0] if len(found) == 1 else ""
