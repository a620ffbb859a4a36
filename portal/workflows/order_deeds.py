"""What can be done on an order's page: each deed's form, when it is offered, and the action behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.identity.queries import unit_names
from portal.kernel.errors import Invalid
from portal.kernel.i18n import gettext as _
from portal.workflows import actions, course, rules, sheet_actions, sheet_rules
from portal.workflows import order_forms as forms
from portal.workflows.definition import CHOSEN, OUTSIDE, Step
from portal.workflows.limits import Way
from portal.workflows.models import OrderStep, WorkOrder
from portal.workflows.rights import at, may_step
from portal.workflows.sheet_rules import Addressee

Run = Callable[[Actor, datetime, WorkOrder, int, Any], None]
Make = Callable[[WorkOrder, OrderStep, Way, str], Any]
Offered = Callable[[Actor, WorkOrder, OrderStep, Step], bool]


@dataclass(frozen=True)
class Deed:
    """One form of a step. `fields` says which field a refusal's name means where they differ."""

    title: Any
    make: Make
    run: Run
    offered: Offered
    main: bool = False


def number(text: Any) -> int:
    """A number chosen from a list; 0 for anything else."""
    said = str(text or "")
    return int(said) if said.isdecimal() and len(said) < 10 else 0


def _units(way: Way, ids: list[int] | None = None) -> forms.Options:
    names = unit_names()
    return [(str(i), names.get(i, "")) for i in dict.fromkeys(ids if ids is not None else way.unit_ids.values())]


def _chosen(form: Any, way: Way, codes: tuple[str, ...]) -> None:
    """The choice of the next department, only where one is to be chosen."""
    if any(way.definition.step(code).holder == CHOSEN for code in codes):
        form.chosen.choices = [("", _("Choose")), *_units(way)]
    else:
        del form.chosen


def _complete(order: WorkOrder, step: OrderStep, way: Way, prefix: str) -> Any:
    defined = way.definition.step(step.code)
    form = forms.asking(forms.CompleteForm, defined.evidence, prefix)
    _chosen(form, way, defined.next)
    return form


def _decide(order: WorkOrder, step: OrderStep, way: Way, prefix: str) -> Any:
    defined = way.definition.step(step.code)
    form = forms.asking(forms.DecideForm, defined.evidence, prefix)
    form.outcome.choices = forms.options(defined.outcomes)
    form.outcome.flags.required = True
    _chosen(form, way, course.leads_to(defined))
    return form


def _back(order: WorkOrder, step: OrderStep, way: Way, prefix: str) -> Any:
    form = forms.ReturnForm(prefix=prefix)
    ways = [(r, one) for r in way.definition.step(step.code).returns for one in r.reasons if course.rounds(order, r.to)]
    named = {r.to: forms.called(way.definition.step(r.to).name) for r, _one in ways}
    form.way.choices = [("", _("Choose"))] + [
        (f"{r.to}/{one.code}", f"{named[r.to]} · {forms.called(one.name)}") for r, one in ways
    ]
    form.way.flags.required = True
    return form


def _send_back(actor: Actor, now: datetime, order: WorkOrder, n: int, form: Any) -> None:
    to, _slash, reason = (form.way.data or "").partition("/")
    if not reason:
        raise Invalid("reason_missing", field="way")
    actions.send_back(actor, now, order, n, to=to, reason=reason, note=form.note.data or "")


def _send_form(order: WorkOrder, step: OrderStep, way: Way, prefix: str) -> Any:
    form = forms.SendForm(prefix=prefix)
    taken = {s.unit_id for s in rules.sheets_of(order, step.n) if not s.party and s.state == "open"}
    form.units.choices = _units(way, [u for u in sheet_rules.offered(way, step.code) if u not in taken])
    form.words.flags.required = True
    named = way.definition.step(step.code).units
    if named and OUTSIDE not in named:
        form.party.description = _("Only where a party outside the portal has to be asked as well.")
    return form


def _send(actor: Actor, now: datetime, order: WorkOrder, n: int, form: Any) -> None:
    to = [Addressee(number(unit)) for unit in form.units.data or ()]
    if (form.party.data or "").strip():
        to.append(Addressee(0, form.party.data, form.contact.data or ""))
    sheet_actions.send(actor, now, order, n, to=to, words=form.words.data or "")


def _answer_form(order: WorkOrder, step: OrderStep, way: Way, prefix: str) -> Any:
    form = forms.AnswerForm(prefix=prefix)
    form.answer.flags.required = True
    if step.party:
        form.outside_no.flags.required = True
    else:
        del form.outside_no
    return form


def _answer(actor: Actor, now: datetime, order: WorkOrder, n: int, form: Any) -> None:
    no = form.outside_no.data if "outside_no" in form else ""
    sheet_actions.answer(actor, now, order, n, words=form.answer.data or "", outside_no=no or "")


def _people(order: WorkOrder, step: OrderStep, way: Way, prefix: str) -> Any:
    form = forms.AssignForm(prefix=prefix)
    form.person.choices = [("", _("Choose"))] + [(str(p.id), p.name) for p in people.members(step.unit_id)]
    return form


def _hand_over_form(order: WorkOrder, step: OrderStep, way: Way, prefix: str) -> Any:
    form = forms.HandOverForm(prefix=prefix)
    form.unit.choices = [("", _("Choose")), *_units(way, [u for u in way.unit_ids.values() if u != step.unit_id])]
    form.unit.flags.required = form.reason.flags.required = True
    return form


def _needing(form: Any, *names: str) -> Any:
    """The form, with the word "required" at these fields."""
    for name in names:
        form[name].flags.required = True
    return form


def _simple(kind: type[forms.StepForm], *needed: str) -> Make:
    return lambda order, step, way, prefix: _needing(kind(prefix=prefix), *needed)


def _may(verb: str, *kinds: str) -> Offered:
    return lambda actor, order, step, defined: (not kinds or step.kind in kinds) and may_step(actor, verb, step)


def _sender(actor: Actor, verb: str, order: WorkOrder, sheet: OrderStep) -> bool:
    """Whether this person may do this to the step that sent the sheet and still collects."""
    parent = order.step(sheet.parent)
    return parent is not None and parent.state == "open" and may_step(actor, verb, parent)


def instant(form: Any) -> datetime:
    """The instant typed in `until`. Raises Invalid when there is none."""
    if form.until.data is None:
        raise Invalid("must_lie_ahead", field="until")
    return form.until.data  # type: ignore[no-any-return]


def _wants(kind: str) -> Offered:
    return lambda actor, order, step, defined: (
        any(one.kind == kind for one in defined.evidence)
        and step.kind != "sheet"
        and may_step(actor, "order.work", step)
    )


DEEDS: dict[str, Deed] = {
    "party": Deed(
        _l("Name the party outside"), _simple(forms.PartyForm, "party", "contact"),
        lambda a, t, o, n, f: actions.name_party(
            a, t, o, n, party=f.party.data or "", contact=f.contact.data or "", outside_no=f.outside_no.data or ""
        ),
        lambda a, o, s, d: s.outside and s.kind != "sheet" and may_step(a, "order.work", s),
    ),
    "send": Deed(_l("Send sheets"), _send_form, _send, _may("order.work", "sheets")),
    "answer": Deed(_l("Answer the sheet"), _answer_form, _answer, _may("order.work", "sheet"), True),
    "withdraw": Deed(
        _l("Withdraw the sheet"), _simple(forms.WordsForm, "reason"),
        lambda a, t, o, n, f: sheet_actions.withdraw(a, t, o, n, reason=f.reason.data or ""),
        lambda a, o, s, d: s.kind == "sheet" and _sender(a, "order.work", o, s),
    ),
    "again": Deed(
        _l("Send the answer back"), _simple(forms.WordsForm, "reason"),
        lambda a, t, o, n, f: sheet_actions.ask_again(a, t, o, n, reason=f.reason.data or ""),
        lambda a, o, s, d: False,  # on an answered sheet only, see `possible`
    ),
    "reserve": Deed(
        _l("Reserve resources"), _simple(forms.ReserveForm, "what", "until"),
        lambda a, t, o, n, f: sheet_actions.reserve(a, t, o, n, what=f.what.data or "", until=instant(f)),
        _wants("reservation"),
    ),
    "complete": Deed(
        _l("Complete the step"), _complete,
        lambda a, t, o, n, f: actions.complete(
            a, t, o, n, given=f.given(), chosen=number(f.chosen.data) if "chosen" in f else 0
        ),
        _may("order.work", "task", "sheets"), True,
    ),
    "decide": Deed(
        _l("Decide"), _decide,
        lambda a, t, o, n, f: actions.decide(
            a, t, o, n, outcome=f.outcome.data or "", words=f.words.data or "", given=f.given(),
            chosen=number(f.chosen.data) if "chosen" in f else 0,
        ),
        _may("order.decide", "decision"), True,
    ),
    "back": Deed(
        _l("Send back"), _back, _send_back,
        lambda a, o, s, d: bool(d.returns) and s.kind != "sheet" and may_step(a, "order.return", s),
    ),
    "hold": Deed(
        _l("Take the step"), _simple(forms.NothingForm), lambda a, t, o, n, f: actions.hold(a, t, o, n),
        lambda a, o, s, d: s.person_id != a.id and may_step(a, "order.work", s),
    ),
    "assign": Deed(
        _l("Give it to a person"), _people,
        lambda a, t, o, n, f: actions.assign(a, t, o, n, person_id=number(f.person.data)),
        _may("order.manage"),
    ),
    "over": Deed(
        _l("Give it to another department"), _hand_over_form,
        lambda a, t, o, n, f: actions.hand_over(
            a, t, o, n, unit_id=number(f.unit.data), reason=f.reason.data or ""
        ),
        _may("order.manage"),
    ),
    "chase": Deed(
        _l("Chase"), _simple(forms.ChaseForm),
        lambda a, t, o, n, f: actions.chase(a, t, o, n, words=f.words.data or ""),
        lambda a, o, s, d: may(a, "order.chase", o) and s.person_id != a.id,
    ),
}  # fmt: skip


def possible(actor: Actor, order: WorkOrder, step: OrderStep, defined: Step) -> list[str]:
    """The deeds that this person may do to an open step or to an answered sheet, in the order of the page."""
    if step.kind == "sheet" and step.state == "done" and order.state != "ended":
        return ["again"] if _sender(actor, "order.return", order, step) else []
    if step.state != "open" or order.state == "ended":
        return []
    return [name for name, deed in DEEDS.items() if deed.offered(actor, order, step, defined)]


@dataclass(frozen=True)
class OrderDeed:
    """A form of the whole order."""

    title: Any
    make: Callable[[], Any]
    run: Callable[[Actor, datetime, WorkOrder, Any], None]
    offered: Callable[[Actor, WorkOrder], bool]


ORDER_DEEDS: dict[str, OrderDeed] = {
    "pause": OrderDeed(
        _l("Wait for the customer"), lambda: _needing(forms.PauseForm(prefix="pause-"), "words"),
        lambda a, t, o, f: actions.pause(a, t, o, words=f.words.data or "", until=f.until.data),
        lambda a, o: o.state == "running" and may(a, "order.pause", o),
    ),
    "resume": OrderDeed(
        _l("The customer has answered"), lambda: forms.ResumeForm(prefix="resume-"),
        lambda a, t, o, f: actions.resume(a, t, o, words=f.words.data or ""),
        lambda a, o: o.state == "paused" and may(a, "order.pause", o),
    ),
    "cancel": OrderDeed(
        _l("Cancel the order"), lambda: _needing(forms.WordsForm(prefix="cancel-"), "reason"),
        lambda a, t, o, f: actions.cancel(a, t, o, reason=f.reason.data or ""),
        lambda a, o: o.state != "ended" and may(a, "order.cancel", at(o.raising_unit_id)),
    ),
}  # fmt: skip


KEPT: dict[str, Callable[[str], Any]] = {
    "prolong": lambda prefix: _needing(forms.ProlongForm(prefix=prefix), "until", "reason"),
    "release": lambda prefix: _needing(forms.WordsForm(prefix=prefix), "reason"),
}
KEPT_TITLES = {"prolong": _l("Prolong"), "release": _l("Release")}


def may_keep(actor: Actor, order: WorkOrder, row: Any) -> bool:
    """Whether this person may prolong or release a reservation."""
    step = order.step(row.n)
    return step is not None and may_step(actor, "order.work", step)


def keep(actor: Actor, now: datetime, order: WorkOrder, r: int, act: str, form: Any) -> None:
    """Prolongs or releases."""
    reason = form.reason.data or ""
    if act == "prolong":
        sheet_actions.prolong(actor, now, order, r, until=instant(form), reason=reason)
    else:
        sheet_actions.release(actor, now, order, r, reason=reason)
