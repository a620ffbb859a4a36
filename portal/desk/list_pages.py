"""URLs of the edited lists: request types with the facts each needs, customer classes."""

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from portal.desk.customer_forms import ItemForm, WordsForm
from portal.directory import list_actions, lists
from portal.directory.list_rules import LISTS, Item, written_fields
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.intake import vague_words
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Missing
from portal.kernel.i18n import sentence

bp = Blueprint("lists", __name__, url_prefix="/admin/lists")


@bp.get("")
def index() -> Any:
    """All entries of the lists."""
    allow(current_actor(), "list.edit")
    shown = {name: list(lists.items(name).values()) for name in LISTS}
    return render_template("desk/lists.html", lists=shown, words=vague_words.in_force())


@bp.get("/words")
def words() -> Any:
    """The words that carry no content: fillers and stock phrases, one a line."""
    allow(current_actor(), "list.edit")
    kept = vague_words.in_force()
    form = WordsForm(formdata=None, data={name: "\n".join(getattr(kept, name)) for name in kept._fields})
    return render_template("desk/list_words.html", form=form)


@bp.post("/words")
def keep_words() -> Any:
    """Keeps both lists, or none of them."""
    actor, now, form = current_actor(), clock.now(), WordsForm()
    allow(actor, "list.edit")
    try:
        with transaction():
            for name, here in vague_words.in_force()._asdict().items():
                list_actions.set_word_list(actor, now, name, form[name].data or "", here)
    except Invalid as refused:
        field = form[refused.facts["field"]]
        field.errors = [*field.errors, sentence(refused)]
        return make_response(render_template("desk/list_words.html", form=form), 422)
    return redirect(url_for(".index"), 303)


@bp.get("/<name>/entry")
def entry(name: str) -> Any:
    """The form of one entry (`code`), or of a new one."""
    allow(current_actor(), "list.edit")
    known, code = lists.items(name), request.args.get("code", "")[:20]
    if code and code not in known:
        raise Missing("not_found")
    one = known.get(code, Item(""))
    form = ItemForm(
        formdata=None,
        data={"code": one.code, "zh": one.zh, "en": one.en, "active": one.active, "fields": written_fields(one),
              "verify": list(one.verify), "least": one.least},
    )  # fmt: skip
    return entry_page(name, form, code, known)


def entry_page(name: str, form: ItemForm, code: str, known: dict[str, Item], status: int = 200) -> Response:
    """The form with what is wrong with it; the words of an entry that was always there are not asked for."""
    builtin = code in known and known[code].builtin
    if builtin:
        del form.zh, form.en
    if code:
        del form.code
    if name != "type":
        del form.fields, form.verify, form.least
    page = render_template("desk/list_entry.html", name=name, form=form, code=code)
    return make_response(page, status)


@bp.post("/<name>/entry")
def keep(name: str) -> Any:
    """Keeps an entry."""
    actor, now = current_actor(), clock.now()
    allow(actor, "list.edit")
    form, code, known = ItemForm(), request.args.get("code", "")[:20], lists.items(name)
    if code and code not in known:
        raise Missing("not_found")
    if not form.validate_on_submit():
        return entry_page(name, form, code, known, 422)
    wanted = code or (form.code.data or "").strip()
    try:
        with transaction():
            if not code and wanted in known:
                raise Invalid("list_code_known", field="code")
            list_actions.set_entry(
                actor, now, name, wanted, zh=form.zh.data or "", en=form.en.data or "", active=bool(form.active.data),
                fields=form.fields.data or "", verify=tuple(form.verify.data or ()), least=form.least.data or 0,
            )  # fmt: skip
    except Invalid as refused:
        field = form[refused.facts.get("field", "code")]
        field.errors = [*field.errors, sentence(refused)]
        return entry_page(name, form, code, known, 422)
    return redirect(url_for(".index"), 303)
