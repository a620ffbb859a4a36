"""URLs of customer files: search, the file with its deeds, and pairs of files of one customer."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import select

from portal.corporate.queries import group_file
from portal.desk import customer_forms as forms
from portal.desk.customer_view import view
from portal.directory import actions, pair_actions, pairs, queries
from portal.directory.listing import listed
from portal.directory.models import Customer
from portal.identity.actor import Actor
from portal.identity.policy import allow, may
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid, Missing, Refused, Stale
from portal.kernel.i18n import sentence

bp = Blueprint("customers", __name__, url_prefix="/customers")


class FileDeed(NamedTuple):
    """One thing that can be done to a file; `fits` says when it makes sense."""

    verb: str
    form: type[Any]
    act: Callable[[Actor, datetime, Customer, Any], Any]
    fits: Callable[[Customer], bool] = lambda file: not file.merged_into
    icon: str = "pencil"


def _named(action: Callable[..., Any], *names: str) -> Callable[[Actor, datetime, Customer, Any], Any]:
    def act(actor: Actor, now: datetime, file: Customer, form: Any) -> Any:
        return action(actor, now, file, **{n: getattr(form[n], "instant", None) or form[n].data or "" for n in names})

    return act


def _decide(actor: Actor, now: datetime, file: Customer, form: Any) -> None:
    approved = form.decision.data == "approve"
    actions.decide_mark(actor, now, file, approved=approved, words=form.words.data or "")


def _pair(actor: Actor, now: datetime, file: Customer, form: Any) -> None:
    code = (form.other.data or "").strip().upper().removeprefix("KH")
    if not (code.isascii() and code.isdigit() and len(code) < 12) or not db.session.get(Customer, int(code)):
        raise Invalid("no_such_file", field="other")
    other = queries.file_to_change(actor, int(code))
    pair_actions.propose(actor, now, file, other, reason=form.reason.data or "")


DEEDS: dict[str, FileDeed] = {
    "change": FileDeed("customer.edit", forms.ChangeForm, _named(actions.change, "name", "prefers", "prefers_time")),
    "contact": FileDeed(
        "customer.edit", forms.ContactForm, _named(actions.add_contact, "kind", "value", "note"), icon="plus"
    ),
    "drop": FileDeed("customer.edit", forms.DropForm, _named(actions.drop_contact, "contact_id", "reason"), icon="x"),
    "note": FileDeed("customer.edit", forms.NoteForm, _named(actions.write_note, "text"), icon="journal-text"),
    "class": FileDeed("customer.class", forms.ClassForm, _named(actions.set_class, "category", "reason"), icon="star"),
    "pair": FileDeed("customer.merge", forms.PairForm, _pair, icon="link"),
    "part": FileDeed(
        "customer.merge", forms.ReasonForm, _named(pair_actions.part, "reason"), lambda f: bool(f.merged_into),
        "transfer",
    ),
    "mark": FileDeed(
        "customer.edit", forms.MarkForm, _named(actions.propose_mark, "reason", "until"),
        lambda f: not f.merged_into and not f.nuisance, "flag",
    ),
    "decide": FileDeed(
        "customer.approve", forms.DecideForm, _decide,
        lambda f: bool(f.nuisance) and f.nuisance["state"] == "proposed", "check",  # type: ignore[index]
    ),
    "lift": FileDeed(
        "customer.approve", forms.ReasonForm, _named(actions.lift_mark, "reason"),
        lambda f: bool(f.nuisance) and f.nuisance["state"] == "marked", "x",  # type: ignore[index]
    ),
}  # fmt: skip


@bp.get("")
def index() -> Any:
    """Customers by name, number or fragment, newest first; marks and pairs that wait for somebody."""
    actor = current_actor()
    allow(actor, "customer.view")
    text, before = request.args.get("q", "")[:120], request.args.get("before", 0, type=int)
    found = queries.search(actor, text, before=before)
    asked = select(Customer).where(Customer.nuisance.is_not(None)).order_by(Customer.id.desc()).limit(200)
    waiting = [f for f in db.session.scalars(asked) if (f.nuisance or {})["state"] == "proposed"]
    return render_template(
        "desk/customers.html", found=listed(actor, found, clock.now()), q=text, before=before,
        older=found[-1].id if len(found) == queries.PAGE else 0,
        waiting=waiting if may(actor, "customer.approve") else [],
    )  # fmt: skip


@bp.get("/pairs", endpoint="pairs")
def pair_list() -> Any:
    """Pairs that wait for a second person, and pairs the system takes for likely."""
    actor = current_actor()
    allow(actor, "customer.merge")
    return pair_page(actor)


def pair_page(actor: Actor, refused: str = "", status: int = 200) -> Response:
    """The list of pairs, with the sentence of a refusal above it."""
    page = render_template(
        "desk/customer_pairs.html", waiting=pairs.waiting(actor), likely=pairs.likely(actor), refused=refused
    )
    return make_response(page, status)


@bp.post("/pairs/<int:pair_id>/<what>")
def decide_pair(pair_id: int, what: str) -> Any:
    """A second person merges the pair (`merge`) or says that they are two (`refuse`)."""
    actor, now = current_actor(), clock.now()
    allow(actor, "customer.merge")
    try:
        with transaction():
            pair = pairs.pair_by_id(pair_id)
            for customer_id in (pair.low_id, pair.high_id):
                queries.file(actor, customer_id)
            if what == "merge":
                pair_actions.merge(actor, now, pair)
            elif what == "refuse":
                pair_actions.refuse(actor, now, pair, reason=request.form.get("reason", ""))
            else:
                raise Missing("not_found")
            main_id = pair.main_id
    except Missing:
        raise
    except Refused as refused:
        return pair_page(actor, sentence(refused), refused.status)
    return redirect(url_for(".page", customer_id=main_id) if what == "merge" else url_for(".pairs"), 303)


@bp.get("/<int:customer_id>", endpoint="page")
def file_page(customer_id: int) -> Any:
    """One customer's file; a merged one says which file it leads to."""
    actor, now = current_actor(), clock.now()
    allow(actor, "customer.view")
    file, known = queries.file(actor, customer_id)
    before = request.args.get("before", 0, type=int)
    found = view(file, now, known=known, before=before)
    deeds = [name for name, deed in DEEDS.items() if deed.fits(file) and may(actor, deed.verb)]
    group = group_file(file.id)
    return render_template(
        "desk/customer.html", v=found, deeds=deeds, DEEDS=DEEDS, before=before, is_group=group is not None,
        group=group if group is not None and may(actor, "corporate.view", group) else None,
    )  # fmt: skip


def _deed(name: str) -> FileDeed:
    if name not in DEEDS:
        raise Missing("not_found")
    return DEEDS[name]


def form_page(file: Customer, name: str, form: Any, status: int = 200) -> Response:
    """The form of one deed, with what is wrong with it."""
    return make_response(render_template("desk/customer_form.html", file=file, name=name, form=form), status)


@bp.get("/<int:customer_id>/do/<name>", endpoint="ask")
def ask(customer_id: int, name: str) -> Any:
    """The form of one deed on a file."""
    actor, deed = current_actor(), _deed(name)
    allow(actor, deed.verb)
    file, _known = queries.file(actor, customer_id)
    form = deed.form()
    form.prepare(file)
    if name == "pair" and request.args.get("other", ""):
        form.other.data = request.args["other"][:20]
    return form_page(file, name, form)


@bp.post("/<int:customer_id>/do/<name>", endpoint="do")
def do(customer_id: int, name: str) -> Any:
    """Does one thing to a file. What was typed comes back on every refusal."""
    actor, now, deed = current_actor(), clock.now(), _deed(name)
    allow(actor, deed.verb)
    file, _known = queries.file(actor, customer_id)
    form = deed.form()
    form.prepare(file)
    if not form.validate_on_submit():
        return form_page(file, name, form, 422)
    try:
        with transaction():
            file = queries.file_to_change(actor, customer_id)
            if (form.seen.data or "").isdigit() and int(form.seen.data) != file.version:
                raise Stale("changed_meanwhile")
            deed.act(actor, now, file, form)
    except (Missing, Refused) as refused:
        if refused.status in (403, 404, 503):
            raise
        return refused_form(customer_id, actor, name, form, refused)
    return redirect(url_for(".page", customer_id=customer_id, done=name), 303)


def refused_form(customer_id: int, actor: Actor, name: str, form: Any, refused: Refused) -> Response:
    """The form again; after a conflict it may be sent once more, knowing what the file now says."""
    file, _known = queries.file(actor, customer_id)
    where = refused.facts.get("field")
    if where and where in form:
        form[where].errors = [*form[where].errors, sentence(refused)]
    else:
        form.form_errors.append(sentence(refused))
    if isinstance(refused, Stale):
        form.seen.data, form.seen.raw_data = str(file.version), None
    return form_page(file, name, form, refused.status)
