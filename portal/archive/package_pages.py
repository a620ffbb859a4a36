"""URLs of packages: asking, a second person's word, how far they are, fetching."""

from typing import Any
from uuid import uuid4

from flask import Response, redirect, render_template, request, url_for

from portal.archive import access, package_actions, package_rules, packages
from portal.archive.forms import asked
from portal.archive.routes import bp
from portal.identity import queries as people
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Missing
from portal.kernel.sheets import pieces
from portal.kernel.web import is_htmx


@bp.get("/packages", endpoint="packages")
def index() -> Any:
    """One's own packages and those that wait for a second word; with a query the form to ask for one."""
    actor, now = current_actor(), clock.now()
    allow(actor, "archive.export")
    wanted = asked(request.args)
    found, holds = None, package_rules.holds(request.args.get("holds", ""))
    if "q" in request.args and not wanted.query.faults:
        access.note_once(actor, now, "count", query=wanted.noted())
        found = package_actions.found(actor, wanted)
        holds = "orders" if found.orders and not found.cases else holds
    rows = packages.seen_by(actor)
    return render_template(
        "archive/_packages.html" if is_htmx() else "archive/packages.html", rows=rows, asked=wanted, found=found,
        names=people.names(), key=uuid4().hex, rules=package_rules, here=actor.id,
        under_way=any(row.state == "making" for row in rows), holds=holds,
    )  # fmt: skip


@bp.post("/packages")
def ask_package() -> Any:
    """Asks for the hits of a search as a package."""
    actor, now = current_actor(), clock.now()
    form = request.form
    key, holds = form.get("key", "")[:64] or uuid4().hex, form.get("holds", "")
    with transaction():
        package_actions.ask(actor, now, asked(form), form.get("purpose", ""), key, holds)
    return redirect(url_for("archive.packages"), 303)


@bp.post("/packages/<int:package_id>/decide")
def decide_package(package_id: int) -> Any:
    """Agrees to somebody else's package, or refuses it."""
    actor, now = current_actor(), clock.now()
    allow(actor, "archive.release")
    form = request.form
    with transaction():
        row = packages.one_of(actor, package_id)
        package_actions.decide(actor, now, row, agreed=form.get("agreed") == "1", words=form.get("words", ""))
    return redirect(url_for("archive.packages"), 303)


@bp.get("/packages/<int:package_id>.zip")
def fetch_package(package_id: int) -> Response:
    """The package itself, for whoever asked for it; its fetching is written down first."""
    actor, now = current_actor(), clock.now()
    allow(actor, "archive.export")
    row = packages.one_of(actor, package_id)
    file = packages.file_of(row.id)
    if row.person_id != actor.id or row.state != "ready" or not file.exists():
        raise Missing("not_found")
    size, name = row.size, f"records-{row.id}.zip"
    access.note(actor, now, "package", query=f"{row.id} {row.done} {row.sha256}")
    answer = Response(pieces(file.open("rb")), mimetype="application/zip", direct_passthrough=True)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Length"] = str(size)
    return answer
