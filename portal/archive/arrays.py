"""Tokens as PostgreSQL keeps them: arrays of numbers. Pure."""

import zlib
from collections.abc import Iterable


def numbers(tokens: Iterable[str]) -> list[int]:
    """The tokens as signed 32-bit numbers."""
    crc = zlib.crc32
    return sorted({(crc(token.encode()) ^ 0x80000000) - 0x80000000 for token in tokens})


def literal(found: list[int]) -> str:
    """An array as PostgreSQL reads it; the driver would look at each number by itself, which takes longer."""
    return "{" + ",".join(map(str, found)) + "}"
