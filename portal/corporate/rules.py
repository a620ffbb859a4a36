"""What may happen to a group customer's file and to a support project. Pure: facts in, an event or a refusal out."""

import re
from typing import Any

from portal.corporate import events as e
from portal.directory.rules import digits, say
from portal.kernel.errors import Invalid, Refused

SERVICE_STATES = ("in_use", "opening", "suspended", "closed")
SIDES = ("theirs", "ours")
DUTIES = ("technical", "manager", "decision", "finance", "other")
TOPICS = ("topology", "config", "acceptance", "test", "contract", "report", "other")
STATES = ("planned", "running", "paused", "ended")
NEXT = {
    "planned": ("running", "ended"), "running": ("paused", "ended"), "paused": ("running", "ended"),
    "ended": ("running",),
}  # fmt: skip
MOST_ORDERS = 50
Person = tuple[int, str, int]  # a colleague: number, name, department
NOBODY: Person = (0, "", 0)


def facts(
    made: type[e.Facts], *, trade: str, address: str, unit_id: int, manager: Person, contract_no: str,
    contract_from: str, contract_until: str,
) -> Any:  # fmt: skip
    """Basic facts as they were typed; a contract does not end before it begins."""
    if contract_from and contract_until and contract_until < contract_from:
        raise Invalid("contract_turned", field="contract_until")
    return made(
        say(trade, "trade"), address.strip(), unit_id, *manager, contract_no.strip(), contract_from, contract_until
    )


def open_file(category: str, **typed: Any) -> e.GroupOpened:
    """A firm becomes a group customer; a private person does not."""
    if category == "person":
        raise Refused("group_person")
    found: e.GroupOpened = facts(e.GroupOpened, **typed)
    return found


def change(file: Any, **typed: Any) -> e.GroupChanged:
    """Other basic facts."""
    found: e.GroupChanged = facts(e.GroupChanged, **typed)
    if all(getattr(file, name) == value for name, value in vars(found).items()):
        raise Invalid("nothing_changed", field="trade")
    return found


def set_service(file: Any, n: int, **typed: str) -> e.ServiceSet:
    """A service as it now is (`n` 0: a new one); a circuit stands in a file once."""
    known = next((s for s in file.services if s.n == n), None)
    if n and known is None:
        raise Refused("item_gone")
    if typed["state"] not in SERVICE_STATES:
        raise Invalid("choose_kind", field="state")
    text = {name: value.strip() for name, value in typed.items()}
    text["circuit_no"] = say(text["circuit_no"], "circuit_no")
    if any(s.circuit_no == text["circuit_no"] and s.n != n for s in file.services):
        raise Invalid("circuit_known", field="circuit_no")
    event = e.ServiceSet(n or file.last_n + 1, **text)
    if known and all(getattr(known, name) == value for name, value in vars(event).items()):
        raise Invalid("nothing_changed", field="circuit_no")
    return event


def name_contact(
    file: Any, *, side: str, duty: str, name: str, person: Person, mobile: str, email: str, note: str
) -> e.ContactNamed:
    """Somebody to speak with; ours is a colleague, and whoever is technical can be called."""
    if side not in SIDES or duty not in DUTIES:
        raise Invalid("choose_kind", field="duty")
    if side == "ours" and not person[0]:
        raise Invalid("choose_colleague", field="person_id")
    called = person[1] if side == "ours" else say(name, "name")
    phone = mobile.strip()
    if duty == "technical" and not phone:
        raise Invalid("mobile_missing", field="mobile")
    if phone and len(digits(phone)) < 5:
        raise Invalid("phone_short", field="mobile")
    if email.strip() and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email.strip()):
        raise Invalid("email_unreadable", field="email")
    if any((c.side, c.duty, c.name, c.mobile) == (side, duty, called, phone) for c in file.contacts):
        raise Invalid("contact_known", field="name" if side == "theirs" else "person_id")
    who = (person[0], person[2]) if side == "ours" else (0, 0)
    return e.ContactNamed(file.last_n + 1, side, duty, called, *who, phone, email.strip(), note.strip())


def let_go(file: Any, n: int, reason: str) -> e.ContactLeft:
    """Nobody speaks with this one any more."""
    found = next((c for c in file.contacts if c.n == n), None)
    if found is None:
        raise Refused("item_gone")
    return e.ContactLeft(n, found.name, say(reason, "reason"))


def file_document(owner: Any, *, topic: str, title: str, taken: Any) -> e.DocumentFiled:
    """A document of the dossier; the same content stands in it once."""
    if taken is None:
        raise Invalid("document_missing", field="file")
    if topic not in TOPICS:
        raise Invalid("choose_kind", field="topic")
    if any(d.sha256 == taken.sha256 and not d.withdrawn for d in owner.documents):
        raise Invalid("document_known", field="file")
    called = title.strip() or taken.name.rpartition(".")[0]
    return e.DocumentFiled(owner.last_n + 1, topic, called[:160], taken.name, taken.kind, taken.size, taken.sha256)


def withdraw_document(owner: Any, n: int, reason: str) -> e.DocumentWithdrawn:
    """A document that is wrong or out of date."""
    found = next((d for d in owner.documents if d.n == n and not d.withdrawn), None)
    if found is None:
        raise Refused("item_gone")
    return e.DocumentWithdrawn(n, found.title, say(reason, "reason"))


def open_project(*, name: str, customer_id: int, unit_id: int, leader: Person, goal: str) -> e.ProjectOpened:
    """A project begins as planned."""
    return e.ProjectOpened(say(name, "name"), customer_id, unit_id, *_leader(leader), goal.strip())


def change_project(project: Any, *, name: str, leader: Person, goal: str) -> e.ProjectChanged:
    """Other facts; customer and department stay."""
    found = e.ProjectChanged(
        say(name, "name"), project.customer_id, project.unit_id, *_leader(leader), goal.strip()
    )  # fmt: skip
    if (found.name, found.leader_id, found.goal) == (project.name, project.leader_id, project.goal):
        raise Invalid("nothing_changed", field="name")
    return found


def _leader(person: Person) -> Person:
    if not person[0]:
        raise Invalid("choose_colleague", field="leader_id")
    return person


def move_project(project: Any, state: str, reason: str) -> e.ProjectMoved:
    """Another state; a pause and a second beginning need a reason, an end needs everything done or dropped."""
    if state not in NEXT[project.state]:
        raise Invalid("project_way", field="state", was=f"term:project_state.{project.state}")
    waiting = sum(due.state == "open" for due in project.dues)
    if state == "ended" and waiting:
        raise Invalid("project_open", field="state", n=waiting)
    needed = state == "paused" or project.state in ("paused", "ended")
    return e.ProjectMoved(state, project.state, say(reason, "reason") if needed else reason.strip())


def link_order(project: Any, no: str) -> e.OrderLinked:
    """An order of the project, each once."""
    text = say(no, "no").upper()
    if text in project.orders:
        raise Invalid("order_known", field="no")
    if len(project.orders) >= MOST_ORDERS:
        raise Invalid("orders_many", field="no", most=MOST_ORDERS)
    return e.OrderLinked(text[:40])


def unlink_order(project: Any, no: str) -> e.OrderUnlinked:
    """It does not belong to the project."""
    if no not in project.orders:
        raise Refused("item_gone")
    return e.OrderUnlinked(no)
