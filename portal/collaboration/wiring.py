"""What working together answers to rooms below: what somebody who leaves still holds."""

from flask import Flask

from portal.collaboration.leaving_actions import WORK
from portal.identity import leaving


def wire(app: Flask) -> None:
    """Hooks the room in."""
    leaving.hook(WORK)
