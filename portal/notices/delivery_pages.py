"""The administrator's pages of sending: what waits, what was given up and why, mail and robots with a test."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.identity.queries import unit_names
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.config import Settings
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid
from portal.kernel.i18n import sentence, speaking
from portal.notices import actions, failures, letters, queries, ways
from portal.notices.forms import RobotForm
from portal.notices.models import Robot
from portal.notices.outside import wishes_of
from portal.notices.ways import NotSent

bp = Blueprint("delivery", __name__, url_prefix="/admin/delivery")
TEST = {"no": "TEST-0000"}


@bp.get("")
def index() -> str:
    """How sending stands: mail, robots, rows that wait, rows that were given up."""
    actor, now = current_actor(), clock.now()
    allow(actor, "delivery.manage")
    return render_template(
        "notices/delivery.html", standing=queries.standing(), waiting=queries.waiting(now), parked=queries.parked(),
        robots=queries.robots(), units=unit_names(), names=people.names(), smtp=_settings().smtp, url=_settings().url,
        own=_own_address(actor), in_words=failures.in_words, raw=failures.raw,
    )  # fmt: skip


@bp.get("/robots/new")
def new_robot() -> Any:
    """The empty form of a robot."""
    allow(current_actor(), "delivery.manage")
    return _page(RobotForm(), None)


@bp.post("/robots")
def add_robot() -> Any:
    """Sets a robot up; a refusal stands at its field and keeps what was typed."""
    allow(current_actor(), "delivery.manage")
    return _set(None)


@bp.get("/robots/<int:robot_id>")
def one_robot(robot_id: int) -> Any:
    """A robot's form; its address is not shown again, as it holds the key."""
    allow(current_actor(), "delivery.manage")
    robot = queries.robot(robot_id)
    form = RobotForm(unit=str(robot.unit_id or ""), kind=robot.kind, locale=robot.locale)
    return _page(form, robot)


@bp.post("/robots/<int:robot_id>")
def change_robot(robot_id: int) -> Any:
    """Changes a robot."""
    allow(current_actor(), "delivery.manage")
    return _set(robot_id)


@bp.post("/robots/<int:robot_id>/remove")
def remove_robot(robot_id: int) -> Any:
    """Takes a robot away."""
    actor = current_actor()
    with transaction():
        actions.remove_robot(actor, clock.now(), queries.robot(robot_id))
    flash(_("The robot is removed."), "ok")
    return redirect(url_for("delivery.index"), 303)


@bp.post("/robots/<int:robot_id>/test")
def test_robot(robot_id: int) -> Any:
    """Sends a test through a robot and shows what came of it."""
    allow(current_actor(), "delivery.manage")
    robot = queries.robot(robot_id)
    kind, address, secret, now = robot.kind, robot.address, robot.secret, clock.now()
    with speaking(robot.locale):
        text = letters.robot("test", TEST, f"{_settings().url}/notices", "N0")
    return _tried(lambda: ways.post_robot(kind, address, text, _settings().robot_hosts, at=now, secret=secret))


@bp.post("/mail/test")
def test_mail() -> Any:
    """Sends a test to one's own address and shows what came of it."""
    actor, now = current_actor(), clock.now()
    allow(actor, "delivery.manage")
    smtp, to = _settings().smtp, _own_address(actor)
    if smtp is None or not to:
        raise Invalid("no_mail_to_test")
    subject, text = letters.mail("test", TEST, f"{_settings().url}/notices", "N0")
    here = letters.host(_settings().url)
    made = ways.letter(smtp, to, f"<test.{int(now.timestamp())}.{actor.id}@{here}>", now, subject, text)
    return _tried(lambda: ways.post_mail(smtp, made, here))


@bp.post("/again")
def send_again() -> Any:
    """Sends one given-up row (`row`), or all of them, again."""
    actor, row = current_actor(), request.form.get("row", "")
    with transaction():
        moved = actions.send_again(actor, clock.now(), int(row) if row.isdigit() else None)
    flash(_("%(n)s notices are sent again within a few seconds.", n=moved), "ok" if moved else "info")
    return redirect(url_for("delivery.index"), 303)


def _tried(send: Any) -> Any:
    """Tries to send, outside any transaction, and says what came of it."""
    db.session.rollback()
    try:
        send()
    except NotSent as error:
        why = error.__cause__
        said = sentence(why) if isinstance(why, Invalid) else failures.in_words(str(error))
        flash(_("The test was not taken: %(said)s", said=said), "late")
    else:
        flash(_("The test was taken by the receiver."), "ok")
    return redirect(url_for("delivery.index"), 303)


def _set(robot_id: int | None) -> Any:
    actor, form = current_actor(), RobotForm()
    form.offer(people.units())
    if not form.validate_on_submit():
        return _page(form, queries.robot(robot_id) if robot_id else None, 422)
    try:
        with transaction():
            robot = queries.robot(robot_id) if robot_id else Robot()
            actions.set_robot(
                actor, clock.now(), robot, unit_id=int(form.unit.data) if form.unit.data else None,
                kind=form.kind.data, address=(form.address.data or "").strip(), locale=form.locale.data,
                secret=(form.secret.data or "").strip(), unsigned=bool(form.unsigned.data),
            )  # fmt: skip
    except Invalid as refused:
        db.session.expire_all()
        form[refused.facts.get("field", "address")].errors = [sentence(refused)]
        return _page(form, queries.robot(robot_id) if robot_id else None, 422)
    flash(_("The robot is set up. Send a test to see whether it speaks."), "ok")
    return redirect(url_for("delivery.index"), 303)


def _page(form: RobotForm, robot: Robot | None, status: int = 200) -> Any:
    form.offer(people.units())
    return render_template("notices/robot.html", form=form, robot=robot), status


def _settings() -> Settings:
    found: Settings = current_app.config["PORTAL"]
    return found


def _own_address(actor: Actor) -> str:
    return wishes_of([actor.id])[actor.id].wishes.mail
