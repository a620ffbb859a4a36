"""Section 2 of the quarterly report: group customers on file, their contracts, the services they hold (RE2)."""

from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from portal.corporate.models import GroupFile, Service
from portal.kernel.db import db
from portal.kernel.i18n import local, term
from portal.kernel.instants import moment
from portal.reports.rules import Span

Rows = list[tuple[str, list[Any]]]
STATES = ("in_use", "opening", "suspended")


def on_file(found: Span) -> tuple[str, list[str], Rows]:
    """Files by what holds for them at the end of the quarter, or when counting stopped: caption, columns, rows."""
    first, last = (local(at).date().isoformat() for at in (found.start, found.until - 1))
    files = db.session.execute(
        select(GroupFile.opened_at, GroupFile.contract_from, GroupFile.contract_until)
        .where(GroupFile.opened_at < moment(found.until))
    ).all()  # fmt: skip
    ahead = (local(found.until - 1) + timedelta(days=90)).date().isoformat()
    counts = {
        "files": len(files),
        "files_new": sum(opened >= moment(found.start) for opened, _, _ in files),
        "contracts": sum(begun <= last <= until for _, begun, until in files if until),
        "contracts_ended": sum(first <= until <= last for _, _, until in files),
        "contracts_ending": sum(last < until <= ahead for _, _, until in files),
    }
    rows: Rows = [(term(f"report.group.{code}"), [n]) for code, n in counts.items()]
    columns = [term("report.col.group"), term("report.col.customers")]
    return term("report.table.group"), columns, rows if files else []


def services(found: Span) -> tuple[str, list[str], Rows]:
    """By kind of service, how many stand in which state as this is counted, and how many began in the quarter."""
    first, last = (local(at).date().isoformat() for at in (found.start, found.until - 1))
    counts: dict[str, Counter[str]] = {}
    query = select(Service.kind, Service.state, Service.since).where(Service.since <= last)
    for kind, state, since in db.session.execute(query.order_by(Service.kind)):
        counts.setdefault(kind, Counter())[state] += 1
        counts[kind]["begun"] += since >= first
    rows: Rows = [
        (term(f"service_kind.{kind}"), [*(one[state] for state in STATES), one["begun"]])
        for kind, one in counts.items()
        if any(one[state] for state in STATES)
    ]
    heads = [term("report.col.service"), *(term(f"service_state.{state}") for state in STATES)]
    return term("report.table.services"), [*heads, term("report.col.begun")], rows
