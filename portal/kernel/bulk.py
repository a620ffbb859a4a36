"""How statements of our own spelling go to a driver: `:names` for PostgreSQL's, and many rows at once by COPY."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

MANY = 20  # rows from which on COPY is cheaper than one INSERT after another
_PLAIN = re.compile(r"INSERT INTO (\w+)\(([\w, ]+)\) VALUES\(((?:, )?:\w+)+\)")


@lru_cache(maxsize=500)
def spelled(statement: str) -> str:
    """A statement as PostgreSQL's driver takes it."""
    return re.sub(r"(?<![:\w]):([a-z_]\w*)", r"%(\1)s", statement)


@lru_cache(maxsize=100)
def as_copy(statement: str) -> tuple[str, tuple[str, ...]] | None:
    """A plain INSERT as COPY, with the names of its values in their order; None for any other statement."""
    found = _PLAIN.fullmatch(statement)
    if not found:
        return None
    return f"COPY {found[1]}({found[2]}) FROM STDIN", tuple(re.findall(r":(\w+)", statement))


def send_many(cursor: Any, statement: str, rows: Sequence[Mapping[str, Any]], *, sqlite: bool) -> None:
    """The same statement for each of the rows."""
    copied = None if sqlite or len(rows) < MANY else as_copy(statement)
    if copied:
        with cursor.copy(copied[0]) as copy:
            for row in rows:
                copy.write_row([row[name] for name in copied[1]])
    elif len(rows) == 1:  # PostgreSQL's driver makes several journeys of a list
        cursor.execute(statement if sqlite else spelled(statement), rows[0])
    else:
        cursor.executemany(statement if sqlite else spelled(statement), rows)
