"""URLs of kept searches, of what was put on record, and of files made of hits."""

from typing import Any
from urllib.parse import quote

from flask import Response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from portal.archive import access, exporting, queries, record, record_print, saved
from portal.archive.forms import asked
from portal.archive.routes import bp
from portal.identity.policy import allow, may
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Missing
from portal.kernel.i18n import day
from portal.kernel.i18n import gettext as _
from portal.kernel.sheets import pieces


@bp.get("/saved")
def kept() -> Any:
    """This person's searches, and what they have put on record: hits at an instant, files taken out."""
    actor = current_actor()
    rows = [(row, asked(MultiDict({"q": row.query})).q) for row in saved.of(actor)]  # in the reader's language
    return render_template(
        "archive/saved.html", rows=rows, hits=[_parted(look) for look in saved.recorded(actor)],
        files=[_parted(look, 3) for look in saved.recorded(actor, what=("export",))],
    )  # fmt: skip


def _parted(look: access.Look, parts: int = 1) -> tuple[Any, ...]:
    """An entry with the figures its text begins with apart: (when, figure, ..., query)."""
    found = look.query.split(" ", parts)
    return (look.at, *found, *[""] * (parts + 1 - len(found)))


@bp.post("/saved")
def keep() -> Any:
    """Keeps a search under a name."""
    actor, now = current_actor(), clock.now()
    wanted = asked(request.form)
    with transaction():
        saved.keep(actor, now, wanted, request.form.get("name", ""))
    return redirect(url_for("archive.kept"), 303)


@bp.post("/saved/<int:saved_id>/drop")
def drop(saved_id: int) -> Any:
    """Lets a kept search go."""
    actor = current_actor()
    with transaction():
        saved.let_go(actor, saved_id)
    return redirect(url_for("archive.kept"), 303)


@bp.post("/saved/hits")
def record_hits() -> Any:
    """Puts on record how many a search finds now."""
    saved.record_hits(current_actor(), clock.now(), asked(request.form))
    return redirect(url_for("archive.kept"), 303)


@bp.get("/export.<kind>")
def export(kind: str) -> Response:
    """All hits as a file; what was taken out stands in the access log before the first byte leaves."""
    actor, now = current_actor(), clock.now()
    allow(actor, "archive.export")
    if kind not in exporting.KINDS:
        raise Missing("not_found")
    wanted = asked(request.args)
    made = exporting.export(actor, wanted, kind)
    try:
        access.note(actor, now, "export", query=f"{made.rows} {kind} {made.sha256} {wanted.noted()}")
    except BaseException:
        made.file.close()
        raise
    answer = Response(pieces(made.file), mimetype=exporting.KINDS[kind], direct_passthrough=True)
    name = _("closed-cases-%(day)s-%(n)s", day=day(now), n=made.rows)
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"cases.{kind}\"; filename*=UTF-8''{quote(name)}.{kind}"
    )
    answer.headers["Content-Length"] = str(made.size)
    answer.headers["X-Rows"], answer.headers["X-SHA256"] = str(made.rows), made.sha256
    return answer


@bp.get("/<no>/record.pdf")
def paper(no: str) -> Response:
    """A record on paper, as this person may read it; the printing is written down first."""
    actor, now = current_actor(), clock.now()
    allow(actor, "archive.view")
    row = queries.record_by_no(actor, no)
    access.note(actor, now, "print", no=row.no, query="record")
    row = queries.record_by_no(actor, no)
    seen = "" if may(actor, "customer.contact", row) else _("Names, telephone and other numbers are masked.")
    body = record_print.pdf_of(record.read(actor, row), actor, now, seen)
    answer = Response(body, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{row.no}.pdf"'
    return answer
