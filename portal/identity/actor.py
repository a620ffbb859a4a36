"""Who is acting: an immutable picture of a person, cheap to keep and to ask."""

from dataclasses import dataclass

ROLES = (
    "agent",
    "supervisor",
    "handler",
    "head",
    "quality",
    "analyst",
    "commander",
    "watch",
    "responder",
    "auditor",
    "security",
    "admin",
    "dispatcher",
    "management",
)


@dataclass(frozen=True)
class Actor:
    """A person with the roles held now: each (role, unit id), unit None meaning all units."""

    id: int
    login: str
    name: str
    locale: str | None
    roles: frozenset[tuple[str, int | None]]
    unit_id: int | None = None
    unit_name: str = ""
    theme: str = "auto"
    keys: bool = True
    look: str = ""  # of queues: a density and the columns left out, as classes
    provisional: bool = False
    second: bool = False  # an app with codes is known
    factor: str = ""  # what this session lacks of a second factor: see second_rules.standing

    @property
    def unit_ids(self) -> frozenset[int]:
        """The units in which this person holds any role, and the home unit."""
        held = {unit for _, unit in self.roles if unit is not None}
        return frozenset(held | ({self.unit_id} if self.unit_id else set()))

    def has(self, *roles: str) -> bool:
        """Whether one of these roles is held anywhere."""
        return any(role in roles for role, _ in self.roles)


SYSTEM = Actor(id=0, login="system", name="系统", locale=None, roles=frozenset({("system", None)}))
