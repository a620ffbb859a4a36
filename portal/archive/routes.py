"""URLs of the archive: searching, counting, reading a record, and the log of who did."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from portal import shell
from portal.archive import access, counts, elsewhere, proof_routes, proofs, queries, record
from portal.archive.forms import Asked, asked
from portal.archive.listing import listed
from portal.attachments import queries as files
from portal.attachments.receiving import begins, sent
from portal.cases import queries as cases
from portal.cases.rules import CHANNELS, LEVELS, OUTCOMES
from portal.identity import actions as persons
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.people_forms import unit_name
from portal.identity.policy import allow, may
from portal.identity.session import current_actor
from portal.kernel import clock, feed
from portal.kernel.errors import Missing
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import local, locale, term
from portal.kernel.web import is_htmx

bp = Blueprint("archive", __name__, url_prefix="/archive")
BLUEPRINTS = (bp, proof_routes.bp)
CODES = {"level": "level.", "channel": "channel.", "outcome": "outcome."}


@bp.get("")
def search() -> Any:
    """The search page, newest records first; an exact number leads to its record or its open case."""
    actor, now = current_actor(), clock.now()
    allow(actor, "archive.search")
    wanted = asked(request.args)
    place = _place(actor, wanted.number) if wanted.number else None
    if place:
        return redirect(place, 303)
    access.note(actor, now, "search", query=wanted.said())
    found = wanted.search(actor)
    page = queries.page(found, wanted.after)
    counted = counts.counts(found) if "counts" in request.args else None
    template = "archive/_results.html" if is_htmx() else "archive/search.html"
    return render_template(
        template, asked=wanted, hits=listed(actor, page.hits, found.terms), older=page.older, terms=found.terms,
        counts=counted, facets=_facets(wanted, counted), chips=_chips(wanted), spans=_spans(wanted, now),
        checked=proofs.last(actor) if may(actor, "archive.access") and not is_htmx() else None,
    )  # fmt: skip


def _spans(wanted: Asked, now: datetime) -> list[tuple[str, str]]:
    """The usual stretches of time up to today, as words and the address of the same search within them."""
    today = local(now).date()
    usual = ((_("Last 12 months"), 365), (_("Last 2 years"), 730))
    begun = [(words, (today - timedelta(days=n)).isoformat()) for words, n in usual]
    until = today.isoformat()
    return [(words, url_for(".search", **wanted.query(**{"from": since, "to": until}))) for words, since in begun]


@bp.get("/facets")
def facets() -> Any:
    """How many hits there are in all and of each kind: asked for by the page once the hits stand."""
    actor, now = current_actor(), clock.now()
    allow(actor, "archive.search")
    wanted = asked(request.args)
    if not is_htmx():
        return redirect(url_for("archive.search", counts=1, **wanted.query()), 303)
    access.note_once(actor, now, "count", query=wanted.said())
    counted = counts.counts(wanted.search(actor))
    return render_template("archive/_facets.html", asked=wanted, counts=counted, facets=_facets(wanted, counted))


@bp.get("/elsewhere")
def others() -> Any:
    """Open cases, customers, incidents and articles that fit (DK4); asked for once the archive's hits stand."""
    actor, now = current_actor(), clock.now()
    allow(actor, "archive.search")
    wanted = asked(request.args)
    if not is_htmx():
        return redirect(url_for("archive.search", **wanted.query()), 303)
    access.note_once(actor, now, "search", query=wanted.said())
    return render_template("archive/_elsewhere.html", asked=wanted, found=elsewhere.found(actor, wanted.q, now))


@bp.get("/access", endpoint="access")
def looks() -> Any:
    """Who searched for what and opened which record; for auditors and the security officer."""
    actor = current_actor()
    arguments = request.args
    no, before = arguments.get("no", "")[:20], arguments.get("before", 0, type=int)
    person = arguments.get("person", 0, type=int)
    entries = access.looks(actor, no=no, person=person, before=before)
    return render_template(
        "archive/access.html", entries=entries, no=no, person=person, people=sorted(people.names().items()),
        older=entries[-1].id if len(entries) == access.SHOWN else 0, queues=_queues(),
    )  # fmt: skip


@bp.get("/<no>", endpoint="record")
def open_record(no: str) -> Any:
    """A closed case, read-only and whole; opening it is written down first."""
    actor, now = current_actor(), clock.now()
    allow(actor, "archive.view")
    queries.record_by_no(actor, no)
    access.note(actor, now, "open", no=no.strip().upper(), query=request.args.get("q", ""))
    row = queries.record_by_no(actor, no)
    seen = access.looks(actor, no=row.no, size=6) if may(actor, "archive.access") else []
    return render_template("archive/record.html", r=record.read(actor, row), seen=seen, when=record.when)


@bp.get("/<no>/files/<int:file_id>")
def file(no: str, file_id: int) -> Any:
    """A file of a closed case; its opening is written down first."""
    actor, now = current_actor(), clock.now()
    allow(actor, "archive.view")
    row = files.one_of(cases.case_by_no(actor, queries.record_by_no(actor, no).no), file_id)
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


def _facets(wanted: Asked, counted: counts.Counts | None) -> list[dict[str, Any]]:
    """The filters as the side shows them: counted ones without the values that have no hit, chosen ones always."""
    units = _departments()
    known = {"level": LEVELS, "department": tuple(units), "channel": CHANNELS, "outcome": OUTCOMES}
    found = []
    for name, values in known.items():
        chosen = wanted.chosen.get(name, [])
        numbers = counted.values[name] if counted else {}
        options = [
            (value, _word(name, value, units), numbers.get(value, 0), value in chosen)
            for value in dict.fromkeys((*values, *numbers, *chosen))
            if counted is None or value in numbers or value in chosen
        ]
        if options:
            found.append({"name": name, "options": options})
    return found


def _queues() -> dict[str, str]:
    """The names of queues by the code under which a printing is written down."""
    named = {"all": _("All departments"), "mine": _("My cases"), "judging": _("To be judged")}
    return named | {"following": _("Following")} | {unit.code: unit_name(unit) for unit in people.departments()}


def _departments() -> dict[str, str]:
    """The names of departments by id as a search spells it, read again when people or units change."""
    version = feed.version(persons.TOPIC)
    found: dict[str, str] = shell.kept(
        f"archive.departments.{locale()}",
        version,
        lambda: {str(unit.id): unit_name(unit) for unit in people.departments()},
    )
    return found


def _word(name: str, value: str, units: dict[str, str]) -> str:
    if name == "department":
        return units.get(value, value)
    return f"{value} {term('level.' + value)}" if name == "level" else term(CODES[name] + value)


def _chips(wanted: Asked) -> list[tuple[str, str]]:
    """What narrows the search, each with the address that lets it go."""
    units = _departments()
    chips = [
        (
            f"{term('facet.' + name)}: {_word(name, value, units)}",
            url_for("archive.search", **wanted.without(name, value)),
        )
        for name, values in wanted.chosen.items()
        for value in values
    ]
    if wanted.start or wanted.end:
        days = f"{wanted.start or '…'} – {wanted.end or '…'}"
        chips.append((days, url_for("archive.search", **wanted.query(**{"from": "", "to": ""}))))
    return chips
