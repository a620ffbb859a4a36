"""URL of finding by a whole number: it is posted, so that it stands in no address, no history and no log."""

from typing import Any

from flask import Blueprint, render_template, request

from portal.archive import access, blind
from portal.archive.rules import masked_text
from portal.directory.rules import masked_name, masked_phone
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.errors import Invalid
from portal.kernel.i18n import sentence
from portal.kernel.masking import plain, short

bp = Blueprint("numbers", __name__, url_prefix="/archive/number")


@bp.get("")
def ask() -> Any:
    """The form."""
    allow(current_actor(), "customer.find")
    return render_template("archive/number.html", found=None, wrong="")


@bp.post("")
def find() -> Any:
    """Cases and customers with this number, masked whoever asks; the search is written down, the number is not."""
    actor, now = current_actor(), clock.now()
    typed = request.form.get("number", "")[:40]
    allow(actor, "customer.find")
    try:
        blind.check(typed)
    except Invalid as refused:
        return render_template("archive/number.html", found=None, wrong=sentence(refused)), 422
    access.note(actor, now, "number", query=short(plain(typed)))
    found = blind.find(actor, typed)
    places = [(f"/archive/{row.no}", row) for row in found.records] + [(f"/cases/{row.no}", row) for row in found.cases]
    lines = [(url, row.no, _title(row), masked_name(row.customer_name)) for url, row in places]
    lines += [(f"/customers/{row.id}", row.code, "", masked_name(row.name, row.category)) for row in found.files]
    return render_template("archive/number.html", found=lines, shown=masked_phone(plain(typed)), wrong="")


def _title(row: Any) -> str:
    """A title without the customer's data."""
    return masked_text(row.title, (row.customer_name,))
