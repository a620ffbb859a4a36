"""What the directory gives to everybody: words of entries added to a list, numbers that a tap calls, the net."""

from flask import Flask

from portal.directory import lists, net
from portal.directory.rules import dial
from portal.kernel import i18n


def wire(app: Flask) -> None:
    """Lets codes of added entries be put into words, templates make numbers that can be called, and no number slip."""
    i18n.further(lists.word)
    app.jinja_env.globals["dial"] = dial
    app.after_request(net.cover)
