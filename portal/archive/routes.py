"""URLs of the archive: searching, counting, reading a record, and the log of who did."""

from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for

from portal.archive import (
    access,
    access_routes,
    audit_routes,
    counts,
    elsewhere,
    keeping_routes,
    number_routes,
    proof_routes,
    proofs,
    queries,
    record,
    reveal_routes,
    search_view,
    version_routes,
)
from portal.archive.forms import Asked, asked
from portal.archive.listing import listed
from portal.archive.query_reading_rules import LONGEST
from portal.archive.query_rules import completions
from portal.archive.vocabulary import words
from portal.attachments import queries as files
from portal.attachments.receiving import begins, sent
from portal.cases import queries as cases
from portal.identity.actor import Actor
from portal.identity.policy import allow, may
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.errors import Missing
from portal.kernel.i18n import term
from portal.kernel.web import is_htmx

bp = Blueprint("archive", __name__, url_prefix="/archive")
BLUEPRINTS = (bp, proof_routes.bp, reveal_routes.bp, number_routes.bp, keeping_routes.bp, access_routes.bp,
              audit_routes.bp, version_routes.bp)  # fmt: skip


@bp.get("")
def search() -> Any:
    """The search page, newest records first; an exact number leads to its record or its open case.

    What the boxes send is put into the query first; a query that cannot be understood is said so, and nothing is found.
    """
    actor, now = current_actor(), clock.now()
    allow(actor, "archive.search")
    wanted = asked(request.args)
    place = _place(actor, wanted.number) if wanted.number else None
    if place:
        return redirect(place, 303)
    if wanted.query.faults:
        return render_template("archive/search.html", **_frame(wanted, actor, now)), 422
    if wanted.apart:
        return redirect(wanted.at(), 303)
    access.note(actor, now, "search", query=wanted.noted())
    found = wanted.search(actor)
    page = queries.page(found, wanted.after, relevant=wanted.relevant)
    counted = counts.counts(found) if "counts" in request.args else None
    template = "archive/_results.html" if is_htmx() else "archive/search.html"
    facts = _frame(wanted, actor, now) | {
        "hits": listed(actor, page.hits, wanted.marked), "older": page.older, "counts": counted,
        "options": search_view.options(wanted, counted),
    }  # fmt: skip
    return render_template(template, **facts)


def _frame(wanted: Asked, actor: Actor, now: datetime) -> dict[str, Any]:
    """What the page shows around the hits."""
    wrong = bool(wanted.query.faults)
    return {
        "asked": wanted, "hits": [], "older": "", "counts": None, "options": "",
        "chips": [] if wrong else search_view.chips(wanted), "spans": [] if wrong else search_view.spans(wanted, now),
        "help": search_view.help_of(wanted.words),
        "checked": proofs.last(actor) if may(actor, "archive.access") and not is_htmx() else None,
    }  # fmt: skip


@bp.get("/complete")
def complete() -> Any:
    """What the last piece of a query may become; asked for while somebody types."""
    allow(current_actor(), "archive.search")
    found = completions(request.args.get("q", "")[:LONGEST], words())
    shown = [{"line": one.line, "shown": one.shown, "what": term(f"facet.{one.key}")} for one in found]
    return jsonify(offered=shown)


@bp.get("/facets")
def facets() -> Any:
    """How many hits there are in all and of each kind: asked for by the page once the hits stand."""
    actor, now = current_actor(), clock.now()
    allow(actor, "archive.search")
    wanted = asked(request.args)
    found = wanted.search(actor)
    if not is_htmx():
        return redirect(wanted.at(counts=1), 303)
    access.note_once(actor, now, "count", query=wanted.noted())
    counted = counts.counts(found)
    shown = search_view.options(wanted, counted)
    return render_template("archive/_facets.html", asked=wanted, counts=counted, options=shown)


@bp.get("/elsewhere")
def others() -> Any:
    """Open cases, customers, incidents and articles that fit (DK4); asked for once the archive's hits stand."""
    actor, now = current_actor(), clock.now()
    allow(actor, "archive.search")
    wanted = asked(request.args)
    if not is_htmx():
        return redirect(wanted.at(), 303)
    access.note_once(actor, now, "search", query=wanted.noted())
    found = elsewhere.found(actor, wanted.query, wanted.said, now)
    return render_template("archive/_elsewhere.html", asked=wanted, found=found)


@bp.get("/<no>", endpoint="record")
def open_record(no: str) -> Any:
    """A closed case, read-only and whole; opening it is written down first."""
    actor, now = current_actor(), clock.now()
    allow(actor, "archive.view")
    queries.record_by_no(actor, no)
    access.note(actor, now, "open", no=no.strip().upper(), query=request.args.get("q", ""))
    row = queries.record_by_no(actor, no)
    seen = access.looks(actor, access.Asked(no=row.no), size=6) if may(actor, "archive.access") else []
    return render_template("archive/record.html", r=record.read(actor, row), seen=seen, when=record.when)


@bp.get("/<no>/files/<int:file_id>")
def file(no: str, file_id: int) -> Any:
    """A file of a closed case; its opening is written down first."""
    actor, now = current_actor(), clock.now()
    allow(actor, "archive.view")
    case = cases.case_by_no(actor, queries.record_by_no(actor, no).no)
    row = files.one_of(case, file_id)
    if not may(actor, "customer.contact", case):
        return redirect(url_for("reveal.ask_file", no=case.no, file_id=file_id), 303)
    if begins():
        access.note(actor, now, "file", no=no.strip().upper(), query=row.name)
    return sent(row)


def _place(actor: Actor, no: str) -> str | None:
    """Where an exact number leads: the record, else the open case, else nowhere."""
    try:
        return url_for("archive.record", no=queries.record_by_no(actor, no).no)
    except Missing:
        pass
    try:
        return f"/cases/{cases.case_by_no(actor, no).no}"
    except Missing:
        return None
