"""URLs of the proof: the page with the last verifications, and asking for one."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for

from portal.archive import proofs
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.web import is_htmx

bp = Blueprint("proof", __name__, url_prefix="/archive/proof")


@bp.get("")
def index() -> Any:
    """What the last verifications found, and how far the one under way is (as a part while it runs)."""
    facts = proofs.page(current_actor())
    return render_template("archive/_proof.html" if is_htmx() else "archive/proof.html", **facts)


@bp.post("/run")
def run() -> Any:
    """Asks for a verification; asking twice makes one."""
    actor, now = current_actor(), clock.now()
    with transaction():
        proofs.ask(actor, now)
    return redirect(url_for("proof.index"), 303)
