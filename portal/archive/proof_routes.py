"""URLs of the proof: the page with the last verifications, and asking for one."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from portal.archive import proofs
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.web import is_htmx

bp = Blueprint("proof", __name__, url_prefix="/archive/proof")


@bp.get("")
def index() -> Any:
    """What the last verifications found, how far the one under way is (as a part while it runs), one seal."""
    number = request.args.get("seal", 0, type=int)
    facts = proofs.page(current_actor(), number if 0 <= number < 1 << 62 else 0)
    return render_template("archive/_proof.html" if is_htmx() else "archive/proof.html", **facts)


@bp.post("/run")
def run() -> Any:
    """Asks for a verification; asking twice makes one."""
    actor, now = current_actor(), clock.now()
    with transaction():
        proofs.ask(actor, now)
    return redirect(url_for("proof.index"), 303)
