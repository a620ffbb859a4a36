"""URLs of the backup channel: overview, blocks of numbered sheets, entering afterwards, the second person's check."""

import secrets
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from portal.backup import actions, entry_pages, kit_pages, offline_pages, queries
from portal.backup.forms import BlockForm, CountForm, HandOutForm, SettleForm
from portal.backup.models import PaperBlock
from portal.identity import queries as people
from portal.identity.policy import allow, may
from portal.identity.queries import unit_names
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid
from portal.kernel.i18n import sentence

bp = Blueprint("backup", __name__, url_prefix="/backup")
BLUEPRINTS = (bp, offline_pages.bp)


@bp.get("")
def index() -> Any:
    """Everything of the backup channel: sheets by block, entries to be checked, the kit, the offline page."""
    actor = current_actor()
    allow(actor, "backup.view")
    return index_page(block_form())


def index_page(form: BlockForm, status: int = 200) -> Any:
    """The overview, with the form of a new block as it was typed."""
    actor = current_actor()
    return render_template(
        "backup/index.html", blocks=queries.blocks(actor), entries=queries.entries(), runs=queries.kit_runs(),
        kit=kit_pages.folder(), names=people.names(), units=unit_names(), form=form,
        prints=bool(form.unit.choices), enters=may(actor, "case.log"), hand_in=entry_pages.hand_in_form(),
    ), status  # fmt: skip


def block_form() -> BlockForm:
    """The form of a new block, with the departments for which this person keeps sheets."""
    form, actor = BlockForm(), current_actor()
    mine = [u for u in people.departments() if may(actor, "backup.paper", SimpleNamespace(unit_ids=frozenset((u.id,))))]
    names = unit_names()
    form.unit.choices = [(str(u.id), names[u.id]) for u in mine]
    if not form.is_submitted():
        form.key.data = secrets.token_hex(8)
    return form


@bp.post("/blocks")
def issue() -> Any:
    """Makes a block of numbered sheets; a second post of the same form makes no second block."""
    actor, now, form = current_actor(), clock.now(), block_form()
    allow(actor, "backup.paper")
    if not form.validate_on_submit():
        return index_page(form, 422)
    with transaction():
        block = actions.issue(
            actor, now, unit_id=int(form.unit.data), count=form.count.data, key=f"block:{form.key.data}"[:64]
        )
        number = block.id
    flash(_("The sheets have their numbers. Print them now, so that they are there when the portal is not."), "ok")
    return redirect(url_for(".block", number=number), 303)


def block_page(block: PaperBlock, status: int = 200, **forms: Any) -> Any:
    """A block with each of its sheets, and the forms as they were typed."""
    actor = current_actor()
    handing, counting, settling = HandOutForm(), CountForm(), SettleForm()
    handing.incident.choices = [("", _("Please choose")), *((str(i), words) for i, words in queries.running())]
    if not settling.is_submitted():
        settling.serial.data, settling.state.data = request.args.get("serial", ""), request.args.get("state", "")
    shown = {"handing": handing, "counting": counting, "settling": settling} | forms
    rows = queries.sheets(block.id)
    return render_template(
        "backup/block.html", block=block, rows=rows, unit=unit_names().get(block.unit_id, ""), names=people.names(),
        keeps=may(actor, "backup.paper", block), stock=sum(one.state == "stock" for one in rows),
        out=sum(one.state == "out" for one in rows), **shown,
    ), status  # fmt: skip


@bp.get("/blocks/<int:number>")
def block(number: int) -> Any:
    """One block: what became of each number."""
    allow(current_actor(), "backup.view")
    return block_page(queries.block(number))


def refused(block: PaperBlock, form: Any, name: str, error: Invalid) -> Any:
    """The block's page with a refusal at its field."""
    field = form[error.facts["field"]]
    field.errors = [*field.errors, sentence(error)]
    return block_page(block, 422, **{name: form})


@bp.post("/blocks/<int:number>/out")
def hand_out(number: int) -> Any:
    """The block is in use for an incident."""
    actor, now, form = current_actor(), clock.now(), HandOutForm()
    allow(actor, "backup.paper", queries.block(number))
    form.incident.choices = [(str(i), words) for i, words in queries.running()]
    if not form.validate_on_submit():
        return block_page(queries.block(number), 422, handing=form)
    with transaction():
        block = queries.block_to_change(number)
        n = actions.hand_out(actor, now, block, incident_id=int(form.incident.data))
    flash(_("Handed out: %(n)s sheets. Each number has to be accounted for before the incident ends.", n=n), "ok")
    return redirect(url_for(".block", number=number), 303)


@bp.post("/blocks/<int:number>/count")
def count(number: int) -> Any:
    """The block is counted: unused sheets back in stock, the rest missing."""
    actor, now, form = current_actor(), clock.now(), CountForm()
    allow(actor, "backup.paper", queries.block(number))
    if not form.validate_on_submit():
        return block_page(queries.block(number), 422, counting=form)
    try:
        with transaction():
            block = queries.block_to_change(number)
            back, lost = actions.count(actor, now, block, unused=form.unused.data or "")
    except Invalid as error:
        return refused(queries.block(number), form, "counting", error)
    flash(_("Counted: %(back)s back in stock, %(lost)s missing.", back=back, lost=lost), "warn" if lost else "ok")
    return redirect(url_for(".block", number=number), 303)


@bp.post("/blocks/<int:number>/settle")
def settle(number: int) -> Any:
    """Says what became of one number."""
    actor, now, form = current_actor(), clock.now(), SettleForm()
    allow(actor, "backup.paper", queries.block(number))
    if not form.validate_on_submit():
        return block_page(queries.block(number), 422, settling=form)
    try:
        with transaction():
            block = queries.block_to_change(number)
            actions.settle(
                actor, now, block, serial=form.serial.data, state=form.state.data, words=form.words.data or ""
            )
    except Invalid as error:
        return refused(queries.block(number), form, "settling", error)
    flash(_("It is written down what became of the sheet."), "ok")
    return redirect(url_for(".block", number=number), 303)


entry_pages.attach(bp)
kit_pages.attach(bp)
