"""What the directory gives to everybody: the words of entries that were added to a list."""

from flask import Flask

from portal.directory import lists
from portal.kernel import i18n


def wire(app: Flask) -> None:
    """Lets codes of added entries be put into words."""
    i18n.further(lists.word)
