"""Deeds on a file or a project: one form each, asked for and sent through the same two functions."""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import Any, NamedTuple

from flask import Response, make_response, redirect, render_template, request, url_for

from portal.attachments.taking import Taken, take
from portal.corporate.apply import Owner
from portal.corporate.models import Project
from portal.directory.queries import customer
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Busy, Invalid, Missing, Refused, Stale
from portal.kernel.i18n import sentence

Act = Callable[[Actor, datetime, Any, Any, Taken | None], Any]
KEPT = (403, 404, 503)  # refusals that are pages of their own


class Deed(NamedTuple):
    """One thing that can be done; `of` names the list of items it needs one of, `at` where the page is shown again."""

    form: type[Any]
    act: Act
    at: str
    icon: str = "pencil"
    of: str = ""


class Room(NamedTuple):
    """Where deeds are done: what can be done, how the owner is found and locked, the endpoint of its page."""

    deeds: dict[str, Deed]
    find: Callable[[Actor, int], Owner]
    lock: Callable[[Actor, int], Owner]
    endpoint: str
    template: str


def item_of(owner: Owner, deed: Deed, n: str) -> Any:
    """What the deed is about: an item by its number, or what the address said. Raises Missing."""
    if deed.of in ("", "orders"):
        if deed.of and n not in owner.orders:  # type: ignore[union-attr]
            raise Missing("not_found")
        return n
    number = int(n) if n.isascii() and n.isdigit() and len(n) < 9 else 0
    found = next((one for one in getattr(owner, deed.of) if one.n == number), None)
    if found is None:
        raise Missing("not_found")
    return found


def ask(room: Room, owner_id: int, name: str) -> Response:
    """The form of one deed."""
    actor, deed = current_actor(), room.deeds.get(name)
    owner = room.find(actor, owner_id)
    allow(actor, owner.EDIT, owner)
    if deed is None:
        raise Missing("not_found")
    item = item_of(owner, deed, request.args.get("n", ""))
    form = deed.form()
    form.prepare(owner, item)
    return form_page(room, owner, name, form, item)


def do(room: Room, owner_id: int, name: str) -> Any:
    """Does one thing. What was typed comes back on every refusal; a second post of one form is refused as stale."""
    actor, now, deed = current_actor(), clock.now(), room.deeds.get(name)
    owner = room.find(actor, owner_id)
    allow(actor, owner.EDIT, owner)
    if deed is None:
        raise Missing("not_found")
    item = item_of(owner, deed, request.form.get("n", "")[:40])
    form = deed.form()
    form.prepare(owner, item)
    if not form.validate_on_submit():
        return form_page(room, owner, name, form, item, 422)
    try:
        taken = received() if "file" in form else None
        with transaction():
            owner = room.lock(actor, owner_id)
            if (form.seen.data or "").isdigit() and int(form.seen.data) != owner.version:
                raise Stale("changed_meanwhile")
            deed.act(actor, now, owner, form, taken)
    except (Missing, Busy, Refused) as refused:
        if refused.status in KEPT:
            raise
        owner = room.find(actor, owner_id)
        at_field(form, refused)
        if isinstance(refused, Stale):
            form.seen.data, form.seen.raw_data = str(owner.version), None
        return form_page(room, owner, name, form, item, refused.status)
    at = f"due-{item.n}" if deed.of == "dues" else deed.at
    return redirect(url_for(room.endpoint, owner_id=owner_id, _anchor=at), 303)


def received() -> Taken | None:
    """The file of this request, in its place; None where none was chosen. Raises Invalid, Busy."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return None
    with closing(upload):
        return take(upload.stream, upload.filename)


def at_field(form: Any, refused: Refused) -> None:
    """Says what is wrong where it is wrong."""
    where = refused.facts.get("field")
    where = "file" if where == "files" else where
    if isinstance(refused, Invalid) and where in ("person_id", "n") and where not in form:
        where = next((name for name in ("manager_id", "leader_id", "owner_id") if name in form), None)
    if where and where in form:
        form[where].errors = [*form[where].errors, sentence(refused)]
    else:
        form.form_errors.append(sentence(refused))


def form_page(room: Room, owner: Owner, name: str, form: Any, item: Any, status: int = 200) -> Response:
    """The form with what is wrong with it."""
    title = owner.name if isinstance(owner, Project) else customer(owner.customer_id).name
    page = render_template(
        room.template, owner=owner, name=name, form=form, item=item, room=owner.HOME, title=title
    )  # fmt: skip
    return make_response(page, status)
