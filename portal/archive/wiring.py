"""What the archive hooks into."""

from flask import Flask

from portal.archive import access, looking, order_pages, order_records, package_pages, saved_pages
from portal.archive.filing import file_case, refile
from portal.cases import looks
from portal.cases.record import follow
from portal.workflows.record import follow_end


def wire(app: Flask) -> None:
    """Files every case at the instant it is closed, every order at its end, and writes printings down."""
    follow("Closed", file_case)
    follow("Restricted", refile)
    follow("Unrestricted", refile)
    follow_end(order_records.keep)
    looks.listen(access.note)
    app.after_request(looking.look)


PAGES = (order_pages, saved_pages, package_pages)  # importing them hangs their URLs on the archive's blueprint
