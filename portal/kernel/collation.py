"""The order in which names stand in lists: Latin letters from A to Z, then Chinese names by their pinyin.

GB 2312 lists its 3,755 common characters by pinyin, so their GB 18030 codes sort as a Chinese reader looks names up,
in both languages of the portal. Rarer characters stand in it by radical: surnames among them, and those read
otherwise as a surname, borrow a common character that is read alike.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

One = TypeVar("One")

READ_ALIKE = str.maketrans(
    "闫覃佟邬臧缪郜鄢邸郅荀芮冼岑蔺栾亓仝佘谌晁晏瞿翟单解仇", "严秦同乌脏庙告烟底至旬瑞显参吝乱其同舌陈巢燕渠摘善谢求"
)


def name_key(name: str) -> tuple[bytes, str]:
    """By what a name is sorted; names that read alike stand in a fixed order."""
    said = name.strip().casefold()
    return (said[:1].translate(READ_ALIKE) + said[1:]).encode("gb18030", "replace"), name


def by_name(found: Iterable[One], name: Callable[[One], str]) -> list[One]:
    """These, in the order of their names."""
    return sorted(found, key=lambda one: name_key(name(one)))
