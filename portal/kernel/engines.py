"""What the two engines spell differently in SQL of our own."""

from portal.kernel.db import db


def sqlite() -> bool:
    """Whether the store is SQLite, where one writes at a time."""
    return db.engine.dialect.name == "sqlite"


def holds(column: str) -> str:
    """The condition that a yes-or-no column says yes, as the partial indexes of each engine spell it."""
    return f"{column} = 1" if sqlite() else column


def passing_over(table: str = "") -> str:
    """The end of a question that locks its rows and leaves out what another process holds; `table` if there are more.

    Empty on SQLite, where the one who writes holds everything.
    """
    return "" if sqlite() else f" FOR UPDATE{f' OF {table}' if table else ''} SKIP LOCKED"
