"""An ended order in a package: record as JSON and PDF, documents, journals, and the document that was sealed."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from flask import current_app

from portal.archive import order_records, order_search
from portal.archive.bag import Bag
from portal.archive.forms import Asked
from portal.archive.inclusion import Proofs
from portal.archive.order_records import Opened
from portal.archive.order_shown import Shown, cover_of, shown
from portal.attachments.rules import ENDINGS
from portal.identity.actor import Actor
from portal.identity.policy import scope
from portal.identity.queries import unit_names
from portal.kernel import files as contents
from portal.kernel import paper, plain_tables
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import instant, locale, term
from portal.kernel.instants import epoch
from portal.workflows import ledger, ledger_view, queries
from portal.workflows.order_forms import called
from portal.workflows.order_view import length
from portal.workflows.sheet_print import knows

MANY = 200


class Packed(NamedTuple):
    """What became of one order: whether it is masked, and how many documents were left out."""

    masked: bool
    left_out: int


def found(actor: Actor, wanted: Asked) -> Iterator[int]:
    """The ended orders of a search that this person may take out, newest first."""
    return order_search.every(scope(actor, "order.export"), wanted)


def add(bag: Bag, proofs: Proofs, actor: Actor, order_id: int, now: datetime) -> Packed:
    """Puts one order into the bag as this person may read it."""
    kept = order_records.opened(actor, queries.order_by_id(order_id).no)
    said, known, no = shown(actor, kept, now), knows(actor, kept.order), kept.row.no
    cover = cover_of(actor, kept.order)
    documents = list(_documents(bag, kept, known))
    bag.add_json(f"data/orders/{no}.json", as_json(kept, said, documents, masked=not known))
    note = "" if known else _("Names, telephone and other numbers are masked.")
    bag.add(f"data/orders/{no}.pdf", pdf_of(kept, said, actor, now, note))
    for name, stream in ((no, f"order:{no}"), (f"{no}-record", f"record:{no}")):
        lines, proven = proofs.journal(stream, lambda text: known and cover(text) == text)
        bag.add(f"data/journal/{name}.jsonl", lines)
        bag.add_json(f"data/proof/inclusion/{name}.json", proven)
    if known and cover(kept.document.decode()) == kept.document.decode():
        bag.add(f"data/sealed/{no}.json", kept.document)
    return Packed(not known, sum(one["path"] is None for one in documents))


def _documents(bag: Bag, kept: Opened, known: bool) -> Iterator[dict[str, Any]]:
    """The order's documents under names of our own; where the reader is masked, their checksums alone."""
    for number, one in enumerate(kept.order.files, 1):
        content = contents.content(one.sha256) if known else None
        path = f"data/orders/{kept.row.no}/{number}.{ENDINGS.get(one.kind, ('bin',))[0]}"
        if content is not None:
            bag.add(path, content)
        yield {
            "name": one.name if known else "", "kind": one.kind, "size": one.size, "sha256": one.sha256, "step": one.n,
            "path": path if content is not None else None,
        }  # fmt: skip


def as_json(kept: Opened, said: Shown, documents: list[dict[str, Any]], *, masked: bool) -> dict[str, Any]:
    """A record as plain values; instants in epoch seconds."""
    order, units = kept.order, unit_names()
    return {
        "no": kept.row.no, "flow": order.flow, "flow_version": order.flow_version, "title": said.title,
        "customer": said.customer, "customer_class": order.customer_class, "masked": masked, "sound": kept.sound,
        "sha256": kept.sha256, "raised_by": order.raised_by_name, "department": units.get(order.raising_unit_id, ""),
        "started_at": epoch(order.started_at), "due_at": epoch(order.due_at),
        "archived_at": epoch(kept.row.archived_at), "result": order.result, "reason": said.reason,
        "returns": order.returns, "late": order.late,
        "facts": [list(one) for one in said.facts],
        "steps": [
            {
                "n": one.step.n, "step": one.step.code, "name": one.name, "with": one.unit, "person": one.step.person,
                "round": one.step.round, "sheet": one.step.sheet, "state": one.step.state,
                "started_at": epoch(one.step.started_at), "due_at": epoch(one.step.due_at),
                "done_at": epoch(one.step.done_at) if one.step.done_at else None, "late": one.step.late,
                "said": [list(pair) for pair in one.said],
            }
            for one in said.steps
        ],
        "history": [
            {"at": epoch(one.at), "what": one.head, "detail": one.detail, "quote": one.quote, "after": one.after}
            for one in said.told
        ],
        "documents": documents,
    }  # fmt: skip


def pdf_of(kept: Opened, said: Shown, actor: Actor, now: datetime, note: str = "") -> bytes:
    """The record on A4. Raises Refused where the libraries for it lack."""
    made = _("Printed %(at)s by %(name)s; this printing is kept in the access log.", at=instant(now), name=actor.name)
    cover = cover_of(actor, kept.order)  # the name of a file tells what its writer typed
    documents = [(cover(one.name), one.sha256) for one in kept.order.files]
    return paper.laid_out(page_of(kept, said, documents, f"{made} {note}".strip()), "sheet.css")


def page_of(kept: Opened, said: Shown, documents: list[tuple[str, str]], made: str) -> str:
    """The record as a page for printing; documents: (name as its reader may read it, checksum)."""
    order = kept.order
    facts = [
        (_("Customer"), said.customer), (_("Flow"), called(queries.way_of(order).definition.name)),
        (_("Raised by"), f"{order.raised_by_name} · {unit_names().get(order.raising_unit_id, '')}"),
        (_("Raised at"), instant(order.started_at)), (_("Whole order due"), instant(order.due_at)),
        (_("Ended"), instant(order.ended_at)), (_("Result"), term(f"order_result.{order.result}")),
        (_("Late by"), length(order.late) if order.late else ""), (_("Cancelled, because"), said.reason), *said.facts,
    ]  # fmt: skip
    state = _("The document is the one that was sealed with the end of the order.")
    return current_app.jinja_env.get_template("print/order_record.html").render(
        lang="en" if locale() == "en" else "zh-Hans", no=kept.row.no, v=said, made=made, sum=kept.sha256,
        facts=[(name, text) for name, text in facts if text], documents=documents,
        state=state if kept.sound else _("The document is not the one that was sealed."),
    )  # fmt: skip


def table(actor: Actor, ids: Iterable[int], now: datetime) -> bytes:
    """The orders as the ledger lists them, as CSV."""
    listed, known = list(ids), None
    pieces = (listed[start : start + MANY] for start in range(0, len(listed), MANY))
    lines = (ledger_view.lines(actor, ledger.rows_of(piece), known, epoch(now)) for piece in pieces)
    rows = (ledger_view.cells(line, known) for some in lines for line in some)
    with plain_tables.table(ledger_view.heads(known), rows) as file:
        return file.read()
