"""URLs of the auditor's desk: samples with their sheets, findings with their answers."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, url_for

from portal.archive import audit_actions as audit
from portal.archive import audit_rules as rules
from portal.archive import audits, proofs, verdicts
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow, may
from portal.identity.queries import unit_name
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Refused
from portal.kernel.i18n import local, parse_local, sentence

bp = Blueprint("audit", __name__, url_prefix="/archive/audit")
YEARS = 2


@bp.get("")
def index() -> Any:
    """Where an auditor's day begins: the last verification, samples, findings, and what to ask about."""
    return _index(current_actor(), clock.now())


def _index(actor: Actor, now: datetime, wrong: str = "", status: int = 200) -> Any:
    whole = may(actor, "audit.view")
    if not whole:
        allow(actor, "audit.answer")
    today = local(now).date()
    typed = request.form or {
        "seed": uuid4().hex[:8], "size": str(rules.SIZE), "until": today.isoformat(),
        "since": (today - timedelta(days=365 * YEARS)).isoformat(),
    }  # fmt: skip
    page = render_template(
        "archive/audit.html", samples=audits.samples(actor) if whole else [], findings=audits.findings(actor),
        names=people.names(), units=_units(), typed=typed, wrong=wrong, whole=whole,
        checked=proofs.last(actor) if may(actor, "archive.verify") else None,
    )  # fmt: skip
    return page, status


@bp.post("/samples")
def draw() -> Any:
    """Draws a sample by a seed."""
    actor, now, said = current_actor(), clock.now(), request.form
    allow(actor, "audit.sample")
    try:
        since, until = _midnight("since"), _midnight("until") + timedelta(days=1)
        with transaction():
            made = audit.draw(
                actor, now, seed=said.get("seed", ""), size=said.get("size", ""), since=since, until=until
            ).id
    except Invalid as refused:
        return _index(actor, now, sentence(refused), refused.status)
    return redirect(url_for(".sample", sample_id=made), 303)


def _midnight(name: str) -> datetime:
    given = request.form.get(name, "").strip()
    try:
        return parse_local(f"{date.fromisoformat(given).isoformat()}T00:00")
    except ValueError as error:
        raise Invalid("day_unreadable", field=name, day=given[:20]) from error


@bp.get("/samples/<int:sample_id>")
def sample(sample_id: int) -> Any:
    """A sample: its records, each with its sheet; `open` opens one."""
    return _sample(current_actor(), sample_id, request.args.get("open", 0, type=int))


def _sample(actor: Actor, sample_id: int, place: int, wrong: str = "", status: int = 200) -> Any:
    found, items, rows = audits.sample(actor, sample_id)
    chosen = next((item for item in items if item.place == place), None)
    row = rows.get(chosen.no) if chosen else None
    page = render_template(
        "archive/sample.html", sample=found, items=items, rows=rows, chosen=chosen, checks=rules.CHECKS,
        marks=rules.MARKS, names=people.names(), wrong=wrong, typed=request.form, units=_units(),
        verdicts=verdicts.compared(row.case_id) if row else [],
    )  # fmt: skip
    return page, status


@bp.post("/samples/<int:sample_id>/<int:place>")
def tick(sample_id: int, place: int) -> Any:
    """Fills in one sheet and opens the next."""
    actor, now = current_actor(), clock.now()
    try:
        with transaction():
            audit.tick(
                actor, now, sample_id, place, ticks=request.form.to_dict(), words=request.form.get("words", "")[:2000]
            )
    except Invalid as refused:
        return _sample(actor, sample_id, place, sentence(refused), refused.status)
    return redirect(url_for(".sample", sample_id=sample_id, open=place + 1), 303)


@bp.post("/findings")
def write() -> Any:
    """Writes a finding for a department."""
    actor, now, said = current_actor(), clock.now(), request.form
    allow(actor, "audit.write")
    try:
        with transaction():
            made = audit.write(
                actor, now, text=said.get("text", "")[:4000], unit_id=said.get("unit_id", 0, type=int),
                no=said.get("no", "")[:20], sample_id=said.get("sample_id", type=int),
            ).id  # fmt: skip
    except Invalid as refused:
        return _index(actor, now, sentence(refused), refused.status)
    return redirect(url_for(".finding", finding_id=made), 303)


@bp.get("/findings/<int:finding_id>")
def finding(finding_id: int) -> Any:
    """A finding with its answer."""
    return _finding(current_actor(), finding_id)


def _finding(actor: Actor, finding_id: int, wrong: str = "", status: int = 200) -> Any:
    found = audits.finding(actor, finding_id)
    page = render_template(
        "archive/finding.html", f=found, names=people.names(), units=_units(), wrong=wrong, typed=request.form
    )
    return page, status


@bp.post("/findings/<int:finding_id>/<what>")
def decide(finding_id: int, what: str) -> Any:
    """The department answers (`answer`), or the auditor closes it (`close`)."""
    actor, now = current_actor(), clock.now()
    try:
        with transaction():
            if what == "answer":
                audit.answer(actor, now, finding_id, text=request.form.get("answer", "")[:4000])
            else:
                audit.close(actor, now, finding_id)
    except (Invalid, Refused) as refused:
        if refused.status not in (409, 422):
            raise
        return _finding(actor, finding_id, sentence(refused), refused.status)
    return redirect(url_for(".finding", finding_id=finding_id), 303)


def _units() -> dict[int, str]:
    return {unit.id: unit_name(unit) for unit in people.departments()}
