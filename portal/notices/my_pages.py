"""My notices: what a person is sent besides the portal, and what the person's screens are told of what is new."""

from typing import Any

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.notices import actions, letters, many, tell
from portal.notices.forms import ChoiceForm
from portal.notices.outside import wishes_of
from portal.notices.rules import GROUPS, Wishes

bp = Blueprint("my_notices", __name__, url_prefix="/notices")
MOST = 5  # so many are announced one by one; of more only their number


@bp.get("/mine")
def mine() -> Any:
    """What one is sent, to be changed."""
    actor, form = current_actor(), ChoiceForm()
    allow(actor, "notice.read")
    form.show(_wishes(actor))
    return _page(form)


@bp.post("/mine")
def choose() -> Any:
    """Keeps the choice; a refusal stands at its field."""
    actor, form = current_actor(), ChoiceForm()
    allow(actor, "notice.read")
    form.offer()
    if not form.validate_on_submit():
        return _page(form, 422)
    with transaction():
        actions.choose(
            actor, mail=form.mail.data or "", ways_of=form.ways_of(), quiet=bool(form.quiet.data),
            daily_at=form.minutes(),
        )  # fmt: skip
    flash(_("Your choice holds for everything told from now on."), "ok")
    return redirect(url_for("my_notices.mine"), 303)


@bp.get("/fresh")
def fresh() -> Any:
    """Unread notices after a number (`after`), as the desktop may show them: no customer data, and by which way.

    An act on many cases that may still be counting is `held`, with all after it, so that one pop-up says how many.
    """
    actor, after, now = current_actor(), request.args.get("after", ""), clock.now()
    allow(actor, "notice.read")
    news = tell.unread_after(actor.id, int(after) if after.isdigit() else 0, MOST + 1)
    held = min((one.id for one in news if many.goes_on(one, now)), default=0)
    news = [one for one in news if not held or one.id < held]
    wishes = _wishes(actor)
    return jsonify(
        items=[
            {
                "id": one.id, "text": letters.line(one.kind, one.facts),
                "url": letters.link("", one.subject, one.facts),
                "ways": sorted(wishes.ways(one.kind, one.facts) & {"desktop", "sound"}),
            }
            for one in news
        ],
        most=MOST, held=held,
    )  # fmt: skip


def _wishes(actor: Actor) -> Wishes:
    return wishes_of([actor.id])[actor.id].wishes


def _page(form: ChoiceForm, status: int = 200) -> Any:
    form.offer()
    smtp = current_app.config["PORTAL"].smtp
    return render_template("notices/mine.html", form=form, groups=GROUPS, mails=smtp is not None), status
