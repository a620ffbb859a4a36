"""Which ways a notice goes besides the portal, when it is tried again, what may leave the house. Pure."""

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

SHIPPED = tomllib.loads((Path(__file__).parent / "data" / "choices.toml").read_text(encoding="utf-8"))
GROUPS: tuple[str, ...] = tuple(SHIPPED["groups"])
WAYS = ("desktop", "sound", "mail", "daily", "robot")
GROUP_OF = {kind: group for group, kinds in SHIPPED["kinds"].items() for kind in kinds}
FIRST_LEVEL = "P1"
BACK_OFF = (60, 300, 900, 3600)  # seconds until the 2nd to 5th try; a row that failed five times is parked
LEASE = 60  # F-31: seconds after which a row whose sender died is taken up again
A_MINUTE = {"wecom": 20, "dingtalk": 20, "feishu": 100}  # messages a minute that the services take from one robot
# no customer data
MAY_LEAVE = ("no", "level", "clock", "due", "count", "since", "until", "exercise", "test", "many", "paper")


class Wishes(NamedTuple):
    """What one person wants: an address for mail, ways by group, quiet hours, the digest's minute of the day."""

    mail: str = ""
    groups: Mapping[str, Any] = SHIPPED["groups"]
    quiet: bool = bool(SHIPPED["quiet"])
    daily_at: int = int(SHIPPED["daily_at"])

    def ways(self, kind: str, facts: Mapping[str, Any]) -> frozenset[str]:
        """The ways on which a notice of this kind goes to the person."""
        group = group_of(kind, facts)
        return frozenset(self.groups.get(group, SHIPPED["groups"][group]))

    def waits(self, kind: str, facts: Mapping[str, Any]) -> bool:
        """Whether the notice waits in quiet hours: what is urgent never does."""
        return self.quiet and group_of(kind, facts) != "urgent"


def group_of(kind: str, facts: Mapping[str, Any]) -> str:
    """The group a notice belongs to: whatever is told of a P1 is urgent."""
    return "urgent" if facts.get("level") == FIRST_LEVEL else GROUP_OF.get(kind, "other")


def without_customer_data(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a notice that may leave the portal: number, level, limit, due instant, counts."""
    return {name: facts[name] for name in MAY_LEAVE if name in facts}


def stays_inside(facts: Mapping[str, Any]) -> bool:
    """An exercise is never told outside the portal (F-41)."""
    return bool(facts.get("exercise"))


def pause_after(failures: int) -> int | None:
    """Seconds until the next try after so many failures; None when the row is parked."""
    return BACK_OFF[failures - 1] if failures <= len(BACK_OFF) else None


def next_daily(here: datetime, daily_at: int) -> datetime:
    """The next instant of the digest after a local instant; `daily_at` in minutes after midnight."""
    today = here.replace(hour=daily_at // 60, minute=daily_at % 60, second=0, microsecond=0)
    return today if today > here else today + timedelta(days=1)


def quiet_now(here: datetime, begin: int, end: int) -> bool:
    """Whether a local instant lies in quiet hours (seconds after midnight, which may run over midnight)."""
    second = here.hour * 3600 + here.minute * 60 + here.second
    return begin <= second < end if begin <= end else second >= begin or second < end
