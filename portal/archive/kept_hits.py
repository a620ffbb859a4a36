"""Hits of words, kept while the index of their quarter stays as it is: who narrows a search down counts them again.

What an index is like is told by a sign that changes with whatever is filed or taken out, in the same transaction
(`Store.signs`); where it gives none, nothing is kept.
"""

import threading
from collections.abc import Mapping, Sequence

from pyroaring import BitMap

from portal.archive import stores
from portal.archive.indexes import Match
from portal.kernel.db import in_transaction

MOST = 4_000_000  # places in all, each two to four bytes
FEW = 1_000  # what keeping one more costs beside its places, as places

Key = tuple[tuple[object, str], str, Match]  # the store, the quarter, the words
_kept: dict[Key, tuple[bytes, BitMap]] = {}  # the one asked for last stands last
_lock = threading.Lock()


def signs(quarters: Sequence[str]) -> dict[str, bytes]:
    """What the indexes of these quarters are like; nothing where that is not known or not committed yet."""
    return {} if in_transaction() else stores.store().signs(quarters)


def hits(quarters: Sequence[str], match: Match, signs: Mapping[str, bytes]) -> dict[str, BitMap]:
    """All places of each quarter that match; nobody may change them. `signs` were read before."""
    known = _known(quarters, match, signs)
    asked = [quarter for quarter in quarters if quarter not in known]
    found = dict(zip(asked, stores.store().hits(asked, match), strict=True)) if asked else {}
    _keep(found, match, signs)
    return {quarter: known[quarter] if quarter in known else found[quarter] for quarter in quarters}


def _known(quarters: Sequence[str], match: Match, signs: Mapping[str, bytes]) -> dict[str, BitMap]:
    known = {}
    with _lock:
        for quarter in quarters if signs else ():
            key = (stores.key(), quarter, match)
            sign, places = _kept.get(key, (b"", BitMap()))
            if sign and sign == signs.get(quarter):
                known[quarter] = places
                _kept[key] = _kept.pop(key)
    return known


def _keep(found: Mapping[str, BitMap], match: Match, signs: Mapping[str, bytes]) -> None:
    """Keeps these too, and lets go those that were not asked for the longest."""
    with _lock:
        for quarter, places in found.items() if signs else ():
            key = (stores.key(), quarter, match)
            _kept.pop(key, None)
            _kept[key] = signs[quarter], places
        held = sum(len(places) + FEW for _, places in _kept.values())
        for key in list(_kept):
            if held <= MOST:
                break
            held -= len(_kept.pop(key)[1]) + FEW


def forget() -> None:
    """Empties the memory."""
    with _lock:
        _kept.clear()
