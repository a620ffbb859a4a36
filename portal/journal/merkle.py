"""Merkle trees as RFC 6962 draws them: SHA-256, leaves under 0x00, nodes under 0x01. Pure."""

import hashlib
from collections.abc import Iterable, Sequence

EMPTY = hashlib.sha256(b"").digest()  # the root of no leaf


def leaf(value: bytes) -> bytes:
    """The hash of one leaf."""
    return hashlib.sha256(b"\x00" + value).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that takes one leaf after another and keeps only the roots of its complete subtrees: log2(n) of them."""

    def __init__(self) -> None:
        self.count = 0
        self._complete: list[bytes] = []  # of falling size, one for each bit that is set in count

    def add(self, value: bytes) -> None:
        """Appends a leaf."""
        found, number = leaf(value), self.count
        while number & 1:
            found, number = node(self._complete.pop(), found), number >> 1
        self._complete.append(found)
        self.count += 1

    def root(self) -> bytes:
        """The root over all leaves taken so far (32 bytes); the tree can go on growing."""
        if not self._complete:
            return EMPTY
        found = self._complete[-1]
        for left in reversed(self._complete[:-1]):
            found = node(left, found)
        return found


class Whole:
    """A tree with all its nodes, so that many leaves can be proven: 64 bytes a leaf."""

    def __init__(self, values: Iterable[bytes]) -> None:
        level = [leaf(value) for value in values]
        self.levels = [level]
        while len(level) > 1:
            pairs = range(0, len(level) - 1, 2)
            level = [node(level[n], level[n + 1]) for n in pairs] + level[len(level) & ~1 :]
            self.levels.append(level)

    def path(self, index: int) -> list[bytes]:
        """The audit path of a leaf, as `proof` gives it. Raises IndexError for no such leaf."""
        if not 0 <= index < len(self.levels[0]):
            raise IndexError(index)
        found = []
        for level in self.levels:
            if index ^ 1 < len(level):
                found.append(level[index ^ 1])
            index >>= 1
        return found


def root(values: Iterable[bytes]) -> bytes:
    """The root over these leaves, in order."""
    tree = Tree()
    for value in values:
        tree.add(value)
    return tree.root()


def proof(values: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of a leaf, nearest sibling first (RFC 6962, 2.1.1). Raises IndexError for no such leaf."""
    if not 0 <= index < len(values):
        raise IndexError(index)
    if len(values) == 1:
        return []
    cut = 1 << (len(values) - 1).bit_length() - 1
    if index < cut:
        return [*proof(values[:cut], index), root(values[cut:])]
    return [*proof(values[cut:], index - cut), root(values[:cut])]


def proven(value: bytes, index: int, count: int, path: Sequence[bytes], wanted: bytes) -> bool:
    """Whether an audit path leads from a leaf to the root of `count` leaves (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < count:
        return False
    number, last, found = index, count - 1, leaf(value)
    for step in path:
        if last == 0:
            return False
        if number & 1 or number == last:
            found = node(step, found)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found = node(found, step)
        number, last = number >> 1, last >> 1
    return last == 0 and found == wanted
