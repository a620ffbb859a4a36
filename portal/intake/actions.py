"""Taking a request down: four elements, proposal, customer, number, case."""

from dataclasses import dataclass, field
from datetime import datetime

from portal.cases import actions as cases
from portal.cases import queries
from portal.cases.dispatch_events import Dispatched
from portal.cases.events import Logged
from portal.cases.models import Case
from portal.cases.record import record
from portal.directory import actions as directory
from portal.directory import lists
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.intake import dispatch_queries as dispatch
from portal.intake import extras, rules, vague_words
from portal.kernel.errors import Invalid
from portal.proposals import book as proposals
from portal.proposals.rules import Proposal


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the form or the importer took down; instants are aware, texts as typed."""

    channel: str
    contact: str
    description: str
    demand: str
    happened: str
    received: datetime
    customer_name: str = ""
    customer_category: str = "person"
    caller: str = ""
    request_type: str = ""
    category: str = ""
    urgency: str = "normal"
    complexity: str = "simple"
    complex_why: str | None = None  # None: nobody was asked
    level: str = ""
    title: str = ""
    expected: datetime | None = None
    order_no: str = ""
    product: str = ""
    symptom: str = ""
    prefers: str = "phone"
    read_back: tuple[str, ...] = ()
    overruled: str = ""
    assumed: tuple[str, ...] = ()
    source: str = ""
    machine: bool = False
    unit_code: str = "service"
    acting: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    entry_calendar: str = ""  # of a voicemail: its hotline's service hours


def take(actor: Actor, now: datetime, request: Request, *, key: str = "") -> Case:
    """Logs a request. Raises Invalid naming each missing element; machine-received ones are marked for completion."""
    allow(actor, "case.log")
    lacking = _checked(now, request)
    proposal = proposals.propose(f"{request.description} {request.symptom}", request.urgency)
    kind = lists.item("type", request.request_type or proposal.request_type)
    extra = extras.kept(kind, request.extra, channel=request.channel, machine=request.machine)
    if request.complexity == "complex" and request.complex_why:
        extra[extras.COMPLEX.code] = request.complex_why
    customer = directory.recognise(
        actor, now, name=request.customer_name, identity=request.contact or request.customer_name,
        category=request.customer_category, prefers=request.prefers,
    )  # fmt: skip
    home = people.unit_id(request.unit_code)
    level = min(request.level or proposal.level, proposal.level)
    choice = dispatch.choose(_facts(request, proposal, level), now, customer.id) if request.machine else None
    event = Logged(
        no=queries.next_number(now), channel=request.channel, customer_id=customer.id,
        customer_name=request.customer_name or customer.name, contact=request.contact.strip(), caller=request.caller,
        request_type=kind.code, category=request.category or proposal.category,
        title=request.title or rules.title_of(request.description), description=request.description.strip(),
        demand=request.demand.strip(), happened=request.happened.strip(), received=int(request.received.timestamp()),
        urgency=request.urgency, proposed_level=level,
        complexity=request.complexity, unit_id=choice.unit_id if choice else home, intake_unit_id=home,
        expected=int(request.expected.timestamp()) if request.expected else None, order_no=request.order_no,
        product=request.product, symptom=request.symptom, prefers=request.prefers, read_back=request.read_back,
        words=proposal.words if level == proposal.level else (), assumed=request.assumed, incomplete=lacking,
        source=request.source, overruled=request.overruled, extra=extra, proposal=proposal.kept(),
        entry_calendar=request.entry_calendar, unentered=bool(lacking),
    )  # fmt: skip
    case = cases.log(actor, now, event, key=key)
    if choice:
        told = Dispatched(choice.rule, choice.unit, choice.person_id, choice.person, choice.because)
        record(case, told, by=actor, at=now)
    return case


def _checked(now: datetime, request: Request) -> tuple[str, ...]:
    """Which elements a machine's request lacks. Raises Invalid at the field that is wrong."""
    lacking = rules.missing(
        customer=request.contact or request.customer_name, problem=request.description, time=request.happened,
        demand=request.demand, overruled=bool(request.overruled), words=vague_words.in_force(),
    )  # fmt: skip
    if lacking and not request.machine:
        raise Invalid("elements_missing", field="elements", missing=lacking)
    if request.received > now:
        raise Invalid("received_ahead", field="received")
    rules.consistent(
        acting=request.acting, caller=request.caller, read_back=request.read_back,
        facts={"phone": request.contact, "order_no": request.order_no, "product": request.product,
               "symptom": request.symptom},
        complex_why=request.complex_why if request.complexity == "complex" else None,
    )  # fmt: skip
    return lacking


def _facts(request: Request, proposal: Proposal, level: str) -> dict[str, str]:
    """What the dispatch rules ask of a request."""
    return {
        "channel": request.channel, "type": request.request_type or proposal.request_type,
        "category": request.category or proposal.category, "level": level,
        "words": f"{request.title} {request.description} {request.demand} {request.symptom}",
    }  # fmt: skip
