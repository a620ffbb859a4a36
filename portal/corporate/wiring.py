"""What group customers give to others: the contents their dossiers need, and how large their forms may be."""

from flask import Flask

from portal.attachments import holding
from portal.attachments.wiring import BESIDE
from portal.corporate import leaving_actions, queries
from portal.directory.queries import concerns
from portal.identity import leaving

FORMS = ("corporate.do", "projects.do")
KEEPERS = "SELECT unit_id, manager_unit FROM group_file WHERE customer_id IN ({})"


def wire(app: Flask) -> None:
    """Registers both, and whom a customer's file concerns because they keep the group file; a post carries one file."""
    holding.also(queries.contents)
    concerns(KEEPERS)
    leaving.hook(leaving_actions.WORK)
    most = (app.config["PORTAL"].file_mb + BESIDE) * 1024 * 1024
    app.config["LARGE_POSTS"] = app.config.get("LARGE_POSTS", {}) | dict.fromkeys(FORMS, most)
