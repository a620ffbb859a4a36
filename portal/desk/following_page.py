"""Following a case from its page."""

from typing import Any

from flask import redirect, url_for

from portal.cases import queries
from portal.collaboration import following
from portal.desk.case_page import cases_bp
from portal.identity import session
from portal.kernel import clock
from portal.kernel.db import transaction


@cases_bp.post("/<no>/follow")
def follow(no: str) -> Any:
    """Puts the case on one's own list."""
    actor, now = session.current_actor(), clock.now()
    with transaction():
        following.follow(actor, now, queries.case_by_no(actor, no))
    return redirect(url_for("cases.page", no=no), 303)


@cases_bp.post("/<no>/unfollow")
def unfollow(no: str) -> Any:
    """Takes it from one's own list."""
    actor = session.current_actor()
    with transaction():
        following.unfollow(actor, queries.case_by_no(actor, no))
    return redirect(url_for("cases.page", no=no), 303)
