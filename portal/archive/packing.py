"""Fills a package: records as JSON and PDF, their files, an index, journals with their proofs, and how to verify it.

Everything is as the person who asked may read it: what is masked for them is masked here, and of journals they get the
hashes alone. A record that is disposed of while the package is made is passed over, and told of by number and batch.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from flask import current_app
from werkzeug.datastructures import MultiDict

from portal.archive import exporting, order_packing, record, record_print
from portal.archive.bag import Bag, digest, zipped
from portal.archive.forms import asked
from portal.archive.inclusion import Proofs
from portal.archive.models import Archived, ExportPackage
from portal.archive.packages import begun, clear, made_by, workshop
from portal.archive.queries import every
from portal.archive.record import Record
from portal.archive.rules import masked_text
from portal.archive.search import Hit
from portal.attachments.rules import ENDINGS
from portal.directory.sight import covered
from portal.identity import queries as people
from portal.identity.models import Person
from portal.identity.policy import may
from portal.kernel import files as contents
from portal.kernel import plain_tables
from portal.kernel.config import ROOT
from portal.kernel.db import db, read
from portal.kernel.i18n import LOCALES, instant, speaking
from portal.kernel.i18n import gettext as _
from portal.kernel.masking import PHONE, hidden
from portal.workflows import queries as orders

SCRIPT = ROOT / "templates" / "bag" / "verify.py"
PIECE = 500  # numbers asked for at once
DISPOSED = " UNION ALL ".join(
    f"SELECT no, disposed FROM {table} WHERE no IN ({{0}}) AND disposed <> ''" for table in ("cases", "work_order")
)
SHOWN = ("title", "description", "demand", "symptom", "order_no", "product", "happened", "result", "cause")


class Packing:
    """One package while it is made; `done` of its records, `facts` once it is whole."""

    def __init__(self, row: ExportPackage, now: datetime) -> None:
        self.id, self.query, self.purpose, self.locale, self.now = row.id, row.query, row.purpose, row.locale, now
        self.holds, self.orders, self.worker = row.holds, list[int](), row.worker
        self.actor = people.actor_of(db.session.get_one(Person, row.person_id))
        self.decided_by = people.names().get(row.decided_by, "") if row.decided_by else ""
        self.done, self.masked, self.left_out = 0, 0, 0
        self.proofs, self.passed = Proofs(), dict[str, str]()
        self.facts: dict[str, Any] = {}

    def steps(self) -> Iterator[None]:
        """Makes it, a record or a file a step."""
        before = disposed(begun(self.id))
        clear(self.id)
        bag = Bag(workshop(self.id, self.worker))
        for no, batch in before.items():
            self._pass_over(bag, no, batch)
        found: list[Hit] = []
        with speaking(self.locale):
            wanted = asked(MultiDict({"q": self.query}))
            search = wanted.search(self.actor, "archive.export")
        for hit in every(search) if self.holds != "orders" else ():
            if self._packed(bag, hit.row.no, partial(self._add, bag, hit)):
                found.append(Hit(hit.row, ""))
            yield
        for order_id in list(order_packing.found(self.actor, wanted)) if self.holds != "cases" else ():
            no = orders.order_by_id(order_id).no
            self._packed(bag, no, partial(self._add_order, bag, order_id))
            yield
        with speaking(self.locale):
            self._finish(bag, found)
        manifest = bag.close({
            "Bagging-Date": instant(self.now)[:10], "External-Identifier": f"export:{self.id}",
            "Bag-Software-Agent": "portal",
        })  # fmt: skip
        target = made_by(self.id, self.worker)
        yield from zipped(bag.folder, target)
        bag.remove()
        self.facts = {
            "state": "ready", "count": self.done, "manifest": manifest, "sha256": digest(target),
            "size": target.stat().st_size, "masked": self.masked, "passed": len(self.passed),
        }  # fmt: skip

    def failed(self) -> dict[str, Any]:
        """What is kept of one that could not be made."""
        return {"state": "failed", "count": self.done, "manifest": "", "sha256": "", "size": 0, "masked": self.masked}

    def _packed(self, bag: Bag, no: str, add: Callable[[], None]) -> bool:
        """Adds one record; False where it was disposed of since the search found it, be it while it was being read."""
        files, batch = len(bag.sums), disposed([no]).get(no)
        if batch is None:
            try:
                with speaking(self.locale):
                    add()
            except Exception:
                batch = disposed([no]).get(no)
                if batch is None:
                    raise
                bag.back_to(files)
        if batch is not None:
            self._pass_over(bag, no, batch)
            return False
        self.done += 1
        return True

    def _pass_over(self, bag: Bag, no: str, batch: str) -> None:
        """Notes a record that is not in the package because it was disposed of."""
        self.passed[no] = batch
        bag.add_json(f"data/disposed/{no}.json", {"no": no, "disposed": batch})

    def _add(self, bag: Bag, hit: Hit) -> None:
        """One record with its journal and proofs."""
        row = db.session.get_one(Archived, hit.row.id)
        hides = covered(self.actor, row)
        known = PHONE not in hides and may(self.actor, "customer.name", row)
        found = record.read(self.actor, row)
        files = list(self._files(bag, found, known))
        bag.add_json(f"data/records/{row.no}.json", as_json(found, files, hides, masked=not known))
        note = "" if known else _("Names, telephone and other numbers are masked.")
        bag.add(f"data/records/{row.no}.pdf", record_print.pdf_of(found, self.actor, self.now, note))
        readable = (lambda said: hidden(said, hides) == said) if known else (lambda said: False)
        lines, proven = self.proofs.journal(f"case:{row.case_id}", readable)
        bag.add(f"data/journal/{row.no}.jsonl", lines)
        bag.add_json(f"data/proof/inclusion/{row.no}.json", proven)
        self.masked += not known

    def _add_order(self, bag: Bag, order_id: int) -> None:
        """One ended order with its journals and proofs."""
        made = order_packing.add(bag, self.proofs, self.actor, order_id, self.now)
        self.masked, self.left_out = self.masked + made.masked, self.left_out + made.left_out
        self.orders.append(order_id)

    def _files(self, bag: Bag, found: Record, known: bool) -> Iterator[dict[str, Any]]:
        """The record's files under names of our own; where the reader is masked, their checksums alone."""
        for number, one in enumerate(found.files, 1):
            content = contents.content(one.sha256) if known else None
            path = f"data/records/{found.row.no}/{number}.{ENDINGS.get(one.kind, ('bin',))[0]}"
            if content is None:
                self.left_out += 1
            else:
                bag.add(path, content)
            yield {
                "name": one.name if known else "", "kind": one.kind, "size": one.size, "sha256": one.sha256,
                "path": path if content is not None else None,
            }  # fmt: skip

    def _finish(self, bag: Bag, found: list[Hit]) -> None:
        """The index, the proofs, and what the package says about itself in both languages."""
        if self.holds != "orders":
            with plain_tables.table(exporting.heads(), exporting.rows_of(self.actor, found)) as index:
                bag.add("data/index.csv", index.read())
        if self.orders:
            bag.add("data/orders.csv", order_packing.table(self.actor, self.orders, self.now))
        bag.add_json("data/proof/seals.json", self.proofs.sealed())
        bag.add("data/proof/anchors.txt", self.proofs.anchored().encode())
        bag.add("verify.py", SCRIPT.read_bytes())
        bag.add("README.txt", "\n\n".join(self._readme(name) for name in LOCALES).encode())

    def _readme(self, locale: str) -> str:
        passed = ", ".join(f"{no} ({batch})" for no, batch in sorted(self.passed.items()))
        with speaking(locale):
            facts = [
                (_("Asked for by"), f"{self.actor.name} ({self.actor.login})"), (_("Made at"), instant(self.now)),
                (_("Purpose"), self.purpose), (_("Agreed to by"), self.decided_by or "–"),
                (_("Query"), self.query or _("everything")), (_("Records"), self.done),
                (_("of which masked, their journals as hashes alone"), self.masked),
                (_("Files left out"), self.left_out),
                (_("Disposed of meanwhile, passed over"), passed or "–"),
                (_("Entries not sealed yet"), self.proofs.waiting),
            ]  # fmt: skip
            template = current_app.jinja_env.get_template("bag/README.txt")
            return template.render(facts=facts, holds=self.holds, passed=passed)


def disposed(nos: Iterable[str]) -> dict[str, str]:
    """Of these cases and orders those that were disposed of, with the number of the batch."""
    listed, found = sorted(nos), dict[str, str]()
    for start in range(0, len(listed), PIECE):
        names = {f"n{n}": no for n, no in enumerate(listed[start : start + PIECE])}
        found |= dict(read(DISPOSED.format(", ".join(f":{name}" for name in names)), names))  # type: ignore[arg-type]
    return found


def as_json(found: Record, files: list[dict[str, Any]], hides: frozenset[str], *, masked: bool) -> dict[str, Any]:
    """A record as plain values, without the kinds of numbers in `hides`; instants in epoch seconds."""
    row, case = found.row, found.case
    filed = {
        name: getattr(row, name)
        for name in (
            "no",
            "cycle",
            "level",
            "channel",
            "department_id",
            "outcome",
            "request_type",
            "category",
            "rating",
        )
    }
    return filed | {
        "masked": masked, "hidden": sorted(hides), "archived_at": int(row.archived_at.timestamp()),
        "department": found.department, "customer": found.customer, "contact": found.contact,
        "request": {name: _said(getattr(case, name) or "", hides) for name in SHOWN},
        "clocks": [
            {
                "kind": one.kind, "cycle": one.cycle, "round": one.round, "outcome": one.outcome, "clause": one.clause,
                "due_at": _epoch(one.effective_due), "stopped_at": _epoch(one.stopped_at),
            }
            for one in found.clocks
        ],
        "history": [
            {"n": one.n, "at": _epoch(one.at), "what": one.head, "after": one.after, "detail": one.detail,
             "quote": one.quote}
            for one in found.history
        ],
        "files": files, "faults": [{"entry": fault.n, "what": fault.what} for fault in found.faults],
    }  # fmt: skip


def _said(text: str, hides: frozenset[str]) -> str:
    return masked_text(text) if PHONE in hides else hidden(text, hides)


def _epoch(at: Any) -> int | None:
    return int(at.timestamp()) if isinstance(at, datetime) else at
