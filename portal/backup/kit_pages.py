"""URLs of paper and kit: numbered sheets as PDF, emergency telephones, the kit as it would be written now."""

from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from portal.backup import actions, kit, queries, sheets_print
from portal.backup.forms import PhoneForm
from portal.cases import looks
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid
from portal.kernel.i18n import local, sentence


def attach(bp: Blueprint) -> None:
    """Adds these addresses to the room's."""
    bp.add_url_rule("/blocks/<int:number>.pdf", "sheets", sheets, methods=["GET"])
    bp.add_url_rule("/phones", "phones", phones, methods=["GET"])
    bp.add_url_rule("/phones", "set_phone", set_phone, methods=["POST"])
    bp.add_url_rule("/kit.pdf", "kit", kit_now, methods=["GET"])


def folder() -> str:
    """Where the kit is written, as the settings name it; empty for nowhere."""
    where = current_app.config["PORTAL"].kit
    return str(where) if where else ""


def _sent(body: bytes, name: str) -> Response:
    answer = Response(body, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def sheets(number: int) -> Response:
    """The blank sheets of a block, two on a page."""
    actor, now = current_actor(), clock.now()
    allow(actor, "backup.paper", queries.block(number))
    looks.note_print(actor, now, what=f"sheets of block {number}")
    block = queries.block(number)
    return _sent(sheets_print.pdf_of(block, queries.sheets(block.id), now), f"{block.first}-{block.last[-4:]}")


def phones_page(status: int = 200, error: str = "", wrong: int = 0) -> Any:
    """Everybody with the emergency number."""
    return render_template("backup/phones.html", rows=queries.people_with_phones(), error=error, wrong=wrong), status


def phones() -> Any:
    """Emergency numbers, for the kit and the call-out sheet."""
    allow(current_actor(), "backup.kit")
    return phones_page()


def set_phone() -> Any:
    """Keeps somebody's emergency number, or takes it out."""
    actor, now, form = current_actor(), clock.now(), PhoneForm()
    allow(actor, "backup.kit")
    number = int(form.person.data) if (form.person.data or "").isdecimal() and len(form.person.data) < 10 else 0
    if not form.validate_on_submit() or not number:
        return phones_page(422, "", number)
    try:
        with transaction():
            actions.set_phone(actor, now, person_id=number, phone=form.phone.data or "")
    except Invalid as refused:
        return phones_page(422, sentence(refused), number)
    flash(_("The number is kept; it stands in the next kit."), "ok")
    return redirect(url_for("backup.phones") + f"#p{number}", 303)


def kit_now() -> Response:
    """The kit as it would be written now."""
    actor, now = current_actor(), clock.now()
    allow(actor, "backup.kit")
    looks.note_print(actor, now, what="emergency kit")
    return _sent(kit.pdf(now), kit.name_of(f"{local(now):%Y-%m-%d}"))
