"""What the directory gives to everybody: the words of entries added to a list, telephone numbers that a tap calls."""

from flask import Flask

from portal.directory import lists
from portal.directory.rules import dial
from portal.kernel import i18n


def wire(app: Flask) -> None:
    """Lets codes of added entries be put into words, and templates make numbers that can be called."""
    i18n.further(lists.word)
    app.jinja_env.globals["dial"] = dial
