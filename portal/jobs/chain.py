"""Who is told at a step of the ladder; where nobody can be reached, the next in the chain (F-36)."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from portal.clocks.ladder import CHAIN
from portal.identity import queries as people
from portal.identity.absences import Deputy
from portal.kernel.db import write
from portal.notices.tell import instead

NEAR = ("supervisor", "head")  # held in the departments of the case; the others are asked wherever they are
ACTIVE = "SELECT id FROM person WHERE active AND id IN ({})"
log = logging.getLogger("portal.watch")


class Chain:
    """The people of one batch of cases, each role looked up once."""

    def __init__(self, deputies: Mapping[int, Deputy]) -> None:
        self._deputies = deputies
        self._asked: set[int] = set()
        self._here: set[int] = set()
        self._held: dict[tuple[str, frozenset[int]], list[int]] = {}

    def ask(self, owners: Iterable[int | None]) -> None:
        """Finds out which of these assignees can still be reached, before their cases are told of."""
        wanted = {owner for owner in owners if owner} - self._asked
        if wanted:
            self._asked |= wanted
            self._here |= {row[0] for row in write(ACTIVE.format(",".join(map(str, sorted(wanted)))), {})}

    def told(self, case: Any, roles: Iterable[str]) -> list[tuple[int, str, tuple[str, ...]]]:
        """Everybody who is reached as one of these roles for a case, with the role that reached them first.

        The deputy is reached for somebody who is away; the third fact names those it is for (DK3).
        """
        found: dict[int, str] = {}
        for role in roles:
            for person, name in self._reached(case, role).items():
                found.setdefault(person, name)
        if not found:
            log.warning("nobody can be told about %s", case.no)
        by_role = {self._deputies[who].person_id: role for who, role in found.items() if who in self._deputies} | found
        return [(who, by_role[who], absent) for who, absent in instead(found, self._deputies).items()]

    def _reached(self, case: Any, role: str) -> dict[int, str]:
        for name in CHAIN[CHAIN.index(role) :]:
            found = self._holding(case, name)
            if found:
                return dict.fromkeys(found, name)
        return {}

    def _holding(self, case: Any, role: str) -> list[int]:
        if role == "owner":
            if case.owner_id and case.owner_id not in self._here:
                log.warning("nobody reachable as the assignee of %s; passed on", case.no)
            return [case.owner_id] if case.owner_id in self._here else []
        units = frozenset((case.unit_id,)) if role == "head" else frozenset((case.unit_id, case.intake_unit_id))
        key = (role, units if role in NEAR else frozenset())
        if key not in self._held:
            self._held[key] = people.holders(role, units if role in NEAR else None)
            if not self._held[key]:
                log.warning("nobody reachable as %s for %s; passed on", role, case.no)
        return self._held[key]
