"""Telling people what happened to a case they follow."""

from collections.abc import Iterable
from datetime import datetime

from portal.cases.models import Case
from portal.collaboration import rules
from portal.identity import queries as people
from portal.notices.tell import tell


def tell_of(who: Iterable[int], kind: str, case: Case, now: datetime, said: str = "") -> None:
    """One notice a person and version of the case, with what was said; of a restricted case its number alone."""
    facts = {"no": case.no, "title": case.title, "level": case.level_now} | (
        {"said": said} if said and not case.restricted else {}
    )
    tell(who, kind, subject=case.stream, key=f"{kind}:{case.id}:{case.version}", facts=facts, now=now)


def tell_ping_pong(case: Case, now: datetime) -> None:
    """The third hand-over of one case goes to the supervisors."""
    if rules.ping_pong(case):
        tell_of(people.holders("supervisor"), "ping_pong", case, now)
