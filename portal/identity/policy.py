"""Who may do what: the whole table, and the few functions that ask it."""

from functools import lru_cache
from typing import Any

from portal.identity.actor import Actor
from portal.identity.second_rules import CONFIRMED
from portal.kernel.errors import Forbidden

# verb -> roles; "role*" = within the units in which the role is held (the subject's unit_ids decide), else in all.
TABLE = {
    "case.log": "agent supervisor system",
    "case.view": "agent supervisor handler* head* quality auditor security system",
    "case.judge": "supervisor system",
    "case.claim": "agent* supervisor handler* head* system",
    "case.assign": "supervisor head* system",
    "case.transfer": "agent supervisor handler* head* system",
    "case.return": "supervisor handler* head* system",
    "case.escalate": "agent* supervisor handler* head* system",
    "case.approve": "supervisor head*",
    "case.dispute": "agent supervisor handler* head* system",
    "case.vote": "agent supervisor handler* head*",
    "case.contact": "agent supervisor handler* head* system",
    "case.note": "agent supervisor handler* head* quality system",
    "case.attach": "agent supervisor handler* head* quality system",
    "case.work": "agent* supervisor handler* head* system",
    "case.result": "agent* supervisor handler* head* system",
    "case.tell": "agent supervisor handler* head* system",
    "case.confirm": "agent supervisor handler* head* system",
    "case.rate": "agent supervisor system",
    "case.close": "agent supervisor system",
    "case.complete": "agent supervisor system",
    "case.reopen": "agent supervisor system",
    "case.team": "agent supervisor handler* head* system",
    "case.task": "agent supervisor handler* head* system",
    "case.relate": "agent supervisor handler* head* system",
    "case.split": "agent supervisor system",
    "case.correct": "agent supervisor system",
    "case.correct_decide": "supervisor system",
    "case.agree_end": "supervisor head* quality",
    "case.message": "agent supervisor handler* head* system",
    "case.triage": "agent supervisor system",
    "case.chase": "agent supervisor handler* head* quality system",
    "case.follow": "agent supervisor handler* head* quality system",
    "case.pause": "agent* supervisor handler* head* system",
    "case.force_majeure": "supervisor system",
    "case.extend": "agent* supervisor handler* head* system",
    "case.plan": "supervisor handler* head* system",
    "case.void": "supervisor system",
    "case.merge": "agent supervisor system",
    "case.import": "admin supervisor system",
    "dispatch.edit": "supervisor admin system",
    "hotline.declare": "supervisor system",
    "token.edit": "admin system",
    "queue.view": "agent* supervisor handler* head* quality system",
    "case.verify": "agent supervisor handler* head* system",
    "case.disclose": "agent supervisor handler* head* system",
    "customer.view": "agent supervisor handler* head* quality auditor security system",
    "customer.edit": "agent supervisor system",
    "customer.class": "supervisor system",
    "customer.approve": "supervisor system",
    "customer.merge": "agent supervisor system",
    "list.edit": "admin supervisor system",
    "corporate.view": "supervisor handler* head* quality auditor system",
    "corporate.edit": "supervisor handler* head* system",
    "project.view": "supervisor handler* head* quality auditor system",
    "project.edit": "supervisor handler* head* system",
    "customer.contact": "agent supervisor handler* head* system",
    "case.restrict": "supervisor system",  # AR6
    "retention.view": "auditor security management system",  # AR1, AR5
    "retention.edit": "security",
    "hold.place": "security",
    "disposal.propose": "security",
    "disposal.view": "auditor security management",
    "disposal.approve": "security management",
    "audit.view": "auditor security",  # RO8
    "audit.sample": "auditor",
    "audit.write": "auditor",
    "audit.answer": "supervisor head* quality",
    "customer.name": "agent supervisor handler* head* system",  # AR6: one right for each field
    "customer.document": "system",
    "customer.card": "system",
    "customer.reveal": "agent supervisor handler* head* quality auditor security",
    "customer.find": "agent supervisor handler* head* quality auditor security",
    "archive.search": "agent supervisor handler* head* quality auditor security system",
    "archive.view": "agent supervisor handler* head* quality auditor security system",
    "archive.verify": "agent supervisor handler head quality auditor security system",
    "archive.access": "auditor security",
    "archive.export": "supervisor head* quality auditor system",  # AR2: hits as a file
    "archive.release": "supervisor auditor security",  # AR2: the second person's word about a large package
    "incident.view": "agent supervisor handler head quality commander watch responder auditor security management "
    "system",
    "incident.report": "agent supervisor handler head quality analyst commander watch responder auditor security admin "
    "dispatcher management system",
    "status.view": "agent supervisor handler head quality analyst commander watch responder auditor security admin "
    "dispatcher management system",
    "plan.view": "agent supervisor handler head quality commander watch responder auditor security admin management "
    "system",
    "plan.edit": "supervisor quality commander watch system",
    "plan.review": "supervisor quality commander system",
    "incident.declare": "commander watch system",
    "incident.command": "commander system",
    "incident.back": "supervisor head system",
    "incident.verify": "commander watch supervisor head quality system",
    "incident.act": "commander watch responder supervisor head system",
    "drill.plan": "commander watch quality system",  # EM9
    "screen.manage": "commander watch admin system",
    "incident.link": "agent supervisor commander watch responder system",
    "backup.view": "agent supervisor handler head quality commander watch responder auditor admin system",  # EM5
    "backup.note": "agent supervisor handler head commander watch responder dispatcher system",
    "backup.paper": "supervisor head* system",
    "backup.check": "agent supervisor quality system",
    "backup.kit": "supervisor commander watch admin system",
    "report.view": "supervisor head quality analyst commander auditor management system",
    "board.today": "supervisor head* quality system",
    "board.department": "supervisor handler* head* quality analyst auditor management system",
    "figure.own": "agent supervisor handler head",
    "figure.people": "supervisor head* quality",
    "figure.answer": "quality",
    "report.unit": "supervisor head* quality analyst auditor management system",  # a department's own (RE1)
    "report.write": "supervisor head* quality analyst system",
    "report.review": "supervisor head* quality management",
    "report.answer": "supervisor head* system",  # QA6
    "report.calendar": "quality admin",  # RE1
    "calendar.view": "admin supervisor quality auditor system",
    "calendar.edit": "admin system",
    "people.view": "admin security",
    "people.manage": "admin system",
    "clock.confirm": "admin",
    "delivery.manage": "admin system",
    "policy.view": "supervisor head quality auditor admin management system",
    "policy.draft": "quality admin",
    "policy.review": "supervisor quality admin",
    "wording.view": "agent supervisor handler head quality analyst auditor admin system",
    "wording.draft": "agent supervisor head quality",
    "wording.review": "supervisor quality",
    "article.view": "agent supervisor handler head quality analyst auditor admin system",
    "article.draft": "agent supervisor handler head quality",
    "article.review": "supervisor head quality",
    "roster.view": "agent supervisor handler head quality analyst commander watch responder auditor security admin "
    "dispatcher management system",
    "roster.edit": "supervisor head* system",
    "announcement.view": "agent supervisor handler head quality analyst commander watch responder auditor security "
    "admin dispatcher management system",
    "announcement.write": "supervisor head* commander watch system",
    "absence.own": "agent supervisor handler head quality analyst commander watch responder auditor security admin "
    "dispatcher management system",
    "absence.enter": "supervisor head* admin system",
    "daily.view": "supervisor handler head quality",
    "daily.read": "supervisor",
    "task.view": "agent supervisor handler head quality analyst commander watch responder auditor security admin "
    "dispatcher management",
    "task.order": "supervisor head quality commander management",
    "order.view": "agent* supervisor handler* head* dispatcher* quality auditor management system",  # WF3
    "order.raise": "agent* supervisor handler* head* dispatcher* system",
    "order.work": "agent* supervisor handler* head* system",
    "order.dispatch": "dispatcher* supervisor handler* head* system",  # RO11
    "order.decide": "supervisor handler* head* system",
    "order.return": "agent* supervisor handler* head* dispatcher* system",
    "order.chase": "agent* supervisor handler* head* dispatcher* quality system",
    "order.pause": "agent* supervisor handler* head* dispatcher* system",
    "order.cancel": "supervisor head* system",
    "order.manage": "supervisor head* system",
    "order.import": "admin supervisor system",
    "order.figures": "supervisor head quality analyst auditor management system",
    "order.archive": "agent* supervisor handler* head* dispatcher* quality auditor system",  # WF3, RO11
    "order.export": "supervisor head* dispatcher* quality auditor management system",
    "flow.view": "agent supervisor handler head quality analyst auditor admin dispatcher management system",  # WF5
    "flow.edit": "head quality admin dispatcher system",
    "flow.review": "supervisor head quality admin",
    "proposals.view": "supervisor head quality auditor system",
    "proposals.draft": "supervisor quality",
    "proposals.review": "supervisor quality",
    "proposals.train": "system",
    "notice.read": "agent supervisor handler head quality analyst commander watch responder auditor security admin "
    "dispatcher management",
}
# what a department that cooperates on a case may do to it besides its lead (QU3, RO3); anything with `partner_ids`
JOINT = frozenset(
    ("case.view", "case.contact", "case.note", "case.chase", "case.task", "case.vote", "customer.contact",
     "customer.name", "customer.reveal",
     # departments of colleagues who are named in a group customer's file or in a project (WF6, WF7)
     "corporate.view", "corporate.edit", "project.view", "project.edit")
)  # fmt: skip
_GRANTS = {verb: {name.rstrip("*"): name.endswith("*") for name in names.split()} for verb, names in TABLE.items()}

# roles of which some duty holds in their own units alone: they are given in a unit
UNIT_BOUND = frozenset(role for grants in _GRANTS.values() for role, bound in grants.items() if bound)


@lru_cache(maxsize=20_000)
def _units(roles: frozenset[tuple[str, int | None]], verb: str) -> frozenset[int] | bool | None:
    """None = everywhere, a set = within these units, False = nowhere."""
    grants, units, found = _GRANTS[verb], set(), False
    for role, unit in roles:
        if role in grants:
            if not grants[role] or unit is None:
                return None
            found = True
            units.add(unit)
    return frozenset(units) if found else False


def scope(actor: Actor, verb: str) -> frozenset[int] | None:
    """The units in which the actor may do this: None = all, the empty set = none. For queries of lists."""
    units = _units(actor.roles, verb)
    return frozenset() if units is False else units  # type: ignore[return-value]


def rights(actor: Actor) -> list[tuple[str, frozenset[int] | None]]:
    """Everything the actor may do, in the order of the table: (verb, units); None = everywhere."""
    found = ((verb, _units(actor.roles, verb)) for verb in TABLE)
    return [(verb, units) for verb, units in found if units is not False]  # type: ignore[misc]


def may(actor: Actor, verb: str, subject: Any = None) -> bool:
    """Whether the actor may do this, to this subject (anything with `unit_ids`) or, without one, at all.

    A subject with `readers` is restricted: nobody else may do anything to it (AR6); the portal itself may.
    """
    if subject is not None:
        readers = getattr(subject, "readers", None)
        if readers is not None and actor.id and actor.id not in readers:
            return False
    units = _units(actor.roles, verb)
    if units is None or units is False:
        return units is None
    return subject is None or bool(units & _concerned(subject, verb))  # type: ignore[operator]


def _concerned(subject: Any, verb: str) -> frozenset[int]:
    """The units a subject lies in, for this verb."""
    own: frozenset[int] = subject.unit_ids
    return own | getattr(subject, "partner_ids", frozenset()) if verb in JOINT else own


def allow(actor: Actor, verb: str, subject: Any = None) -> None:
    """Raises Forbidden unless the actor may, and has confirmed the session where the verb asks for it (SE2)."""
    if not may(actor, verb, subject):
        raise Forbidden("not_allowed", verb=verb)
    if actor.factor and verb in CONFIRMED:
        raise Forbidden("second_factor_first")
