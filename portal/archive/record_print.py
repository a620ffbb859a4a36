"""One record of the archive on paper: what the page says, in the same words and for the same eyes."""

from datetime import datetime
from typing import Any

from flask import current_app

from portal.archive.record import Record, when
from portal.clocks.models import Clock
from portal.identity.actor import Actor
from portal.kernel import paper
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import instant, listed, locale, span, term

Facts = list[tuple[str, str]]


def pdf_of(found: Record, actor: Actor, now: datetime, note: str = "") -> bytes:
    """The record as a PDF; `note` says what is masked. Raises Refused where the libraries for it lack."""
    made = _("Printed %(at)s by %(name)s; this printing is kept in the access log.", at=instant(now), name=actor.name)
    return paper.laid_out(page_of(found, f"{made} {note}".strip()), "sheet.css")


def page_of(found: Record, made: str) -> str:
    """The record as a page for printing."""
    row = found.row
    return current_app.jinja_env.get_template("print/record.html").render(
        lang="en" if locale() == "en" else "zh-Hans", row=row, made=made, title=found.case.title,
        parts=[(heading, [(name, said) for name, said in facts if said]) for heading, facts in _parts(found)],
        clocks=[_clock(one) for one in found.clocks], history=found.history, state=_state(found),
        files=[(one.name, one.sha256, term(f"file_state.{found.sums[one.sha256]}")) for one in found.files],
    )  # fmt: skip


def _state(found: Record) -> str:
    """Whether it still holds."""
    if not found.faults:
        return _("Verified, unaltered.")
    wrong = listed(term(f"archive_fault.{fault.what}") for fault in found.faults)
    return f"{_('This record no longer holds.')} {wrong}"


def _parts(found: Record) -> list[tuple[str, Facts]]:
    row, case = found.row, found.case
    return [
        (_("Filed as"), [
            (_("Archived"), instant(row.archived_at)), (_("Department"), found.department),
            (_("Channel"), term(f"channel.{row.channel}")), (_("Type"), term(f"type.{row.request_type}")),
            (_("Cycle"), str(row.cycle)),
        ]),
        (_("Customer"), [
            (_("Name"), found.customer), (_("Contact"), found.contact), (_("Order number"), case.order_no),
            (_("Product model"), case.product),
        ]),
        (_("Request and result"), [
            (_("Problem description"), case.description), (_("Customer's demand"), case.demand),
            (_("Happened"), case.happened), (_("Received"), instant(case.received_at)),
            (_("Result"), case.result), (_("Cause"), case.cause), (_("Confirmation"), _confirmed(found.confirmed)),
            (_("Rating"), f"{row.rating} / 5" if row.rating else _("no rating given")),
            (_("Outcome"), term(f"outcome.{row.outcome}")),
        ]),
    ]  # fmt: skip


def _confirmed(line: Any) -> str:
    if line is None:
        return ""
    return (
        f"{instant(when(line))} · {term('verdict.' + line.facts['verdict'])} · {term('means.' + line.facts['means'])}"
    )


def _clock(one: Clock) -> tuple[str, str, str]:
    """A clock, its due instant, its verdict."""
    verdict = term(f"clock_state.{one.outcome}")
    if one.outcome == "missed" and one.stopped_at and one.effective_due:
        verdict += f" +{span(one.stopped_at - one.effective_due)}"
    return term(f"clock.{one.kind}"), instant(one.effective_due), verdict
