"""Packages of records with their proofs: who has to agree, and what may be asked for. Pure."""

from typing import Any

from portal.kernel.errors import Invalid, Refused

ALONE = 100  # [H] records that somebody may take out without a second person's word
MOST = 5_000  # [H] records of one package
KEPT_DAYS = 7  # [H] for so long a finished package can be fetched


HOLDS = ("cases", "orders", "both")


def holds(said: str) -> str:
    """What a package holds, as the form says it; closed cases where it says nothing that is known."""
    return said if said in HOLDS else HOLDS[0]


def asked(count: int, purpose: str, *, more: bool = False) -> str:
    """The state in which a package begins: made at once, or waiting for a second person. Raises Invalid.

    `more`: there are more records than were counted.
    """
    if len(purpose.split()) == 0 or len(purpose.strip()) < 4:
        raise Invalid("package_purpose", field="purpose")
    if not count and not more:
        raise Invalid("package_empty", field="q")
    if count > MOST or more:
        raise Invalid("package_more" if more else "package_many", field="q", most=f"{MOST:,}", count=f"{count:,}")
    return "making" if count <= ALONE else "waiting"


def decided(package: Any, by: int, agreed: bool, words: str) -> str:
    """The state after a second person's word. Raises Refused for one's own package and for one that is decided."""
    if package.person_id == by:
        raise Refused("package_own")
    if package.state != "waiting":
        raise Refused("package_decided")
    if not agreed and not words.strip():
        raise Invalid("package_reason", field="words")
    return "making" if agreed else "refused"
