"""URLs of files: put down beside a form while one types, taken away, looked at."""

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, url_for

from portal.attachments import actions, queries
from portal.attachments.receiving import receive, sent
from portal.cases import queries as cases
from portal.identity.policy import allow, may
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction

bp = Blueprint("files", __name__)
BLUEPRINTS = (bp,)
REQUEST = "request"  # the form on which requests are taken down


@bp.post("/files")
def put_down() -> Any:
    """Files for the request that is being taken down."""
    actor, now = current_actor(), clock.now()
    allow(actor, "case.log")
    return listed(REQUEST, receive(actor, now, REQUEST))


@bp.post("/cases/<no>/files")
def put_down_for(no: str) -> Any:
    """Files for a case; they are the case's once its form is sent."""
    actor, now = current_actor(), clock.now()
    case = cases.case_by_no(actor, no)
    allow(actor, "case.attach", case)
    return listed(queries.form_of(case), receive(actor, now, queries.form_of(case)))


@bp.post("/files/<int:file_id>/away")
def take_away(file_id: int) -> Any:
    """Takes one file away that waits beside a form."""
    actor = current_actor()
    with transaction():
        form = actions.take_away(actor, file_id)
    return listed(form)


def listed(form: str, wrong: tuple[str, ...] = ()) -> Response:
    """What waits beside the form now, and what was wrong with the files just sent."""
    waiting = queries.waiting(current_actor(), form)
    page = render_template("attachments/_waiting.html", waiting=waiting, wrong=wrong)
    return make_response(page, 422 if wrong else 200)


@bp.get("/files/<int:file_id>")
def waiting(file_id: int) -> Any:
    """A file that waits beside a form, for whoever put it there alone."""
    return sent(queries.one_waiting(current_actor(), file_id))


@bp.get("/cases/<no>/files/<int:file_id>")
def of_case(no: str, file_id: int) -> Any:
    """A file of a case, for whoever may see the case; of a closed one through the archive, which notes it."""
    actor = current_actor()
    case = cases.case_by_no(actor, no)
    if case.state == "closed":
        return redirect(url_for("archive.file", no=case.no, file_id=file_id))
    if not may(actor, "customer.contact", case):  # a picture cannot be masked: it opens for a purpose
        return redirect(url_for("reveal.ask_file", no=case.no, file_id=file_id))
    return sent(queries.one_of(case, file_id))
