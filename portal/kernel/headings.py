"""What the columns of a foreign table most likely mean, by the names that such columns commonly have. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence

BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
SIGNS = re.compile(r"[\s_\-*:：.。/、]+")


def plain(name: str) -> str:
    """A column's name without what varies: `联系电话（必填）` and `联系 电话：` are both 联系电话."""
    return SIGNS.sub("", BRACKETS.sub("", name)).casefold()


def matched(names: Sequence[str], table: Mapping[str, Iterable[str]]) -> dict[int, str]:
    """Place of a column -> field, each at most once; a field's names are tried in their order, the most usual first."""
    places = {plain(name): place for place, name in reversed(list(enumerate(names))) if plain(name)}
    found: dict[int, str] = {}
    for field, said in table.items():
        here = [places[plain(one)] for one in (field, *said) if plain(one) in places]
        free = next((place for place in here if place not in found), None)
        if free is not None:
            found[free] = field
    return found
