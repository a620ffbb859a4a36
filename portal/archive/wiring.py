"""What the archive hooks into."""

from flask import Flask

from portal.archive.filing import file_case
from portal.cases.record import follow


def wire(app: Flask) -> None:
    """Files every case at the instant it is closed."""
    follow("Closed", file_case)
