"""URLs of a record's versions, each as it was closed, and of the daily check of the four properties."""

from typing import Any

from flask import Blueprint, render_template

from portal.archive import access, order_soundness, snapshots, soundness
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.workflows.opening import NOWHERE, doors

bp = Blueprint("versions", __name__, url_prefix="/archive")
DETAILED = 7  # days whose faults are listed


@bp.get("/<no>/versions/<int:cycle>")
def version(no: str, cycle: int) -> Any:
    """A version of a record from the document of its closing; opening it is written down first."""
    actor, now = current_actor(), clock.now()
    allow(actor, "archive.view")
    row = snapshots.version(actor, no, cycle).row
    access.note(actor, now, "open", no=row.no, query=f"version {cycle}")
    found = snapshots.version(actor, no, cycle)
    return render_template("archive/version.html", v=found, all=snapshots.versions(found.row.case_id))


@bp.get("/soundness")
def sound() -> Any:
    """What the daily checks found: how many records, which lack what."""
    actor = current_actor()
    allow(actor, "archive.verify")
    checks = soundness.checks()
    orders = [no for day in checks[:DETAILED] for no, *_rest in day.faults if order_soundness.is_order(no)]
    return render_template(
        "archive/soundness.html", checks=checks, detailed=checks[:DETAILED], properties=soundness.PROPERTIES,
        hour=soundness.FROM_HOUR, orders=dict.fromkeys(orders, NOWHERE) | doors(actor, orders),
    )  # fmt: skip
