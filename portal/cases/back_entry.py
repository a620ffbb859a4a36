"""How a case says that it was taken down outside the portal and entered afterwards (补录, EM5). Pure.

Its clocks count from when it was heard; it has no clock of entry, for it is never entered late.
"""

PREFIX = "backup:"


def source_of(serial: str) -> str:
    """The source of such a case, from the number of its sheet."""
    return f"{PREFIX}{serial}"[:80]


def is_back_entry(source: str) -> bool:
    """Whether a case with this source was entered afterwards."""
    return source.startswith(PREFIX)
