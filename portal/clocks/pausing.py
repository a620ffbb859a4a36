"""How long a pause may last (SL4): the policy's cap for waiting on a customer."""

from datetime import datetime
from typing import Any

from portal.clocks.keeper import NEVER, Keeper
from portal.clocks.rules import decide
from portal.kernel.instants import epoch

CAPPED = ("customer", "customer_later")


def longest_pause(case: Any, begun: datetime) -> int:
    """Last second (epoch) of a pause of this case that begins now; NEVER where the policy has no cap."""
    keeper = Keeper(case, begun)
    cap = decide(keeper.book.policy, keeper.book.calendars, "pause", keeper.facts(), epoch(begun))
    return cap.due if cap else NEVER
