"""Tokens as PostgreSQL keeps them: arrays of numbers. Pure."""

import zlib
from array import array
from collections.abc import Iterable


def numbers(tokens: Iterable[str]) -> list[int]:
    """The tokens as signed 32-bit numbers, in no order; two tokens may share one."""
    found = array("i")
    found.frombytes(array("I", map(zlib.crc32, map(str.encode, tokens))).tobytes())
    return found.tolist()


def literal(found: list[int]) -> str:
    """An array as PostgreSQL reads it; the driver would look at each number by itself, which takes longer."""
    return "{" + ",".join(map(str, found)) + "}"
