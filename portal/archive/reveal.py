"""One field of a customer's data in the clear, for a purpose, written down before it is shown (AR6)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.archive import access
from portal.attachments import queries as files
from portal.attachments.models import Attachment
from portal.cases import queries as cases
from portal.cases.models import Case
from portal.cases.telling import told
from portal.directory import queries as directory
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.journal import stream
from portal.kernel import masking
from portal.kernel.errors import Invalid, Missing

SECONDS = 60  # how long a page shows it
LEAST = 4  # characters of a purpose
PURPOSES = ("call", "identity", "refund", "audit", "dispute", "law", "other")
FIELDS = {
    "name": "customer_name", "contact": "contact", "caller": "caller", "title": "title", "order_no": "order_no",
    "description": "description", "demand": "demand", "result": "result", "cause": "cause",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """What may be shown: of which case or customer, which field, its masked and its whole value."""

    of: str
    field: str
    value: str
    no: str  # under which number the look is found again: a case's or a customer's

    @property
    def key(self) -> str:
        """What tells it from other fields of a page, fit for an id."""
        return f"{self.of}-{self.field}".replace(":", "-")


def field(actor: Actor, of: str, name: str) -> Field:
    """The field, if this person may ask for it. Raises Missing for what there is not or may not be seen."""
    allow(actor, "customer.reveal")
    kind, _, key = of.partition(":")
    if kind == "case":
        case = cases.case_by_no(actor, key)
        allow(actor, "customer.reveal", case)
        return Field(f"case:{case.no}", name, _of_case(case, name), case.no)
    if kind == "customer" and key.isascii() and key.isdigit() and len(key) < 16:
        file, _known = directory.file(actor, int(key))
        return Field(of, name, _of_customer(file, name), file.code)
    raise Missing("not_found")


def file(actor: Actor, no: str, file_id: int) -> tuple[Case, Attachment]:
    """A file of a case, if this person may ask for it."""
    case = cases.case_by_no(actor, no)
    allow(actor, "customer.reveal", case)
    return case, files.one_of(case, file_id)


def purpose(code: str, words: str) -> str:
    """The purpose as it is written down. Raises Invalid without one."""
    if code not in PURPOSES:
        raise Invalid("choose_purpose", field="purpose")
    said = " ".join(words.split())
    if len(said) < LEAST:
        raise Invalid("purpose_missing", field="words")
    return f"{code} {masking.hidden(said)}"


def note(actor: Actor, now: datetime, no: str, name: str, why: str, case_no: str = "") -> None:
    """Writes down that this person is about to see a field, and why; `case_no`: the case it is needed for."""
    linked = f" {case_no}" if case_no and case_no != no else ""
    access.note(actor, now, "reveal", no=no, query=f"{name}{linked} {why}")


def linked(actor: Actor, typed: str) -> str:
    """The number of the case for which a customer's field is needed; empty when none was named. Raises Invalid."""
    if not typed.strip():
        return ""
    try:
        return cases.case_by_no(actor, typed).no
    except Missing:
        raise Invalid("no_such_case", field="case", no=typed.strip()[:20]) from None


def _of_case(case: Case, name: str) -> str:
    if name in FIELDS:
        return str(getattr(case, FIELDS[name]) or "")
    kind, _, number = name.partition(":")
    if kind == "entry" and number.isascii() and number.isdigit() and len(number) < 9:
        line = next((one for one in stream.read(case.stream) if one.n == int(number)), None)
        if line is not None:
            said = told(line, people.names())
            return " · ".join(filter(None, (said.after, said.detail, said.quote)))
    raise Missing("not_found")


def _of_customer(file: Any, name: str) -> str:
    if name == "name":
        return str(file.name)
    kind, _, number = name.partition(":")
    found = next((one for one in file.contacts if kind == "contact" and str(one.id) == number), None)
    if found is None:
        raise Missing("not_found")
    return str(found.value)
