"""The company's accounts at the portal's door: what is set, what it lacks, and that a given password ends there."""

from datetime import datetime
from importlib.util import find_spec

from flask import current_app

from portal.identity import actions, queries
from portal.identity.models import Person
from portal.kernel.company import Directory, Provider
from portal.kernel.db import transaction


def provider() -> Provider | None:
    """The identity provider whose button the sign-in page shows; demonstrations have none."""
    found: Provider | None = current_app.config["PORTAL"].provider
    return found if found and queries.fact("demo") != "1" else None


def directory() -> Directory | None:
    """The directory that is asked for passwords; demonstrations have none."""
    found: Directory | None = current_app.config["PORTAL"].directory
    return found if found and queries.fact("demo") != "1" else None


def keeps_password_of(person: Person) -> str:
    """Who keeps this person's password: `directory`, `company` where the portal knows none; empty: the portal."""
    if directory() is not None and not queries.holds(person.id, "admin"):
        return "directory"
    return "company" if person.password_hash == actions.NO_PASSWORD and provider() is not None else ""


def lacking() -> str:
    """What is set but cannot work here, as a sentence for whoever runs the portal; empty when all is there."""
    if current_app.config["PORTAL"].provider and find_spec("joserfc") is None:
        return "OIDC_ISSUER is set, but joserfc is not installed: install the portal with its extra oidc (portal[oidc])"
    return ""


def given_password_ends(person: Person, now: datetime) -> None:
    """Whoever came by the company needs no password that somebody else chose: it ends. An administrator's stays, to be
    replaced by one of their own, for the day on which the company's service is away."""
    if person.provisional and not queries.holds(person.id, "admin"):
        with transaction():
            actions.drop_password(now, queries.person(person.id))
