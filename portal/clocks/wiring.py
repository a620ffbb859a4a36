"""What the clocks give to every template: the names of calendars."""

from flask import Flask

from portal.clocks import book


def wire(app: Flask) -> None:
    """Lets templates call a calendar by its name."""
    app.jinja_env.globals["calendar_name"] = book.calendar_name
