"""The groups of a queue and how many cases stand in each."""

from portal import shell
from portal.desk import reading
from portal.desk.views import SEGMENTS, View
from portal.kernel import i18n

WORDS = (
    "All", "Late", "Soon", "Unclaimed", "Waiting for customer", "To be confirmed", "Stale", "To be completed", "Mine",
)  # fmt: skip
LOOKS = {"late": "late-text", "soon": "warn-text"}


def segments(view: View, counts: reading.Counts) -> list[tuple[str, str, str, str, bool]]:
    """The groups of the queue: address, word, figure (up to COUNTED), look, whether it is the one shown."""
    numbers, labels = counts._asdict(), dict(zip(SEGMENTS, i18n.words(*WORDS), strict=True))
    return [
        (address, labels[name], _figure(numbers.get(name)), (numbers.get(name) and LOOKS.get(name)) or "",
         name == view.segment)
        for name, address in view.segments.items()
        if name != "mine" or view.code != "mine"
    ]  # fmt: skip


def _figure(n: int | None) -> str:
    if n is None:
        return ""
    return str(n) if n < shell.COUNTED else f"{shell.COUNTED}+"
