"""URL of the part of a case page that is drawn when somebody comes to it: where the time went."""

from typing import Any

from flask import redirect

from portal.cases import queries
from portal.desk.case_file import File, time_of
from portal.desk.case_page import cases_bp
from portal.identity.session import current_actor
from portal.kernel.web import is_htmx


@cases_bp.get("/<no>/time")
def time_used(no: str) -> Any:
    """Where the time of the case went; without script the case's page with it in its place."""
    file = File(queries.head_by_no(current_actor(), no))
    return time_of(file) if is_htmx() else redirect(f"/cases/{file.head.no}?time=1#case-time")
