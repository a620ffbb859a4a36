"""URLs of the proof: the page with the last verifications, and asking for one."""

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for

from portal.archive import proofs
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.journal.seals import TOPIC
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.feed import feed, version
from portal.kernel.i18n import locale
from portal.kernel.web import is_htmx

bp = Blueprint("proof", __name__, url_prefix="/archive/proof")


@bp.get("")
def index() -> Any:
    """What the last verifications found, how far the one under way is (as a part while it runs), one seal."""
    template = "archive/_proof.html" if is_htmx() else "archive/proof.html"
    return render_template(template, tag=_tag(), **_facts())


@bp.get("/changes")
def changes() -> Any:
    """Has something been sealed or verified meanwhile? 204 from memory, or the verifications and the seal anew."""
    allow(current_actor(), "archive.verify")
    here = _tag()
    answer = make_response("", 204)
    if request.headers.get("HX-PTag") != here:
        answer = make_response(render_template("archive/_proof_changes.html", **_facts()))
    answer.headers["HX-PTag"] = here
    return answer


def _facts() -> dict[str, Any]:
    number = request.args.get("seal", 0, type=int)
    return proofs.page(current_actor(), number if 0 <= number < 1 << 62 else 0)


def _tag() -> str:
    """What a screen has seen."""
    return f"{feed.epoch}.{version(TOPIC)}.{locale()}"


@bp.post("/run")
def run() -> Any:
    """Asks for a verification; asking twice makes one."""
    actor, now = current_actor(), clock.now()
    with transaction():
        proofs.ask(actor, now)
    return redirect(url_for("proof.index"), 303)
