"""What the forms around the end offer, and the facts that stand against the end, in words."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from portal.identity.actor import Actor
from portal.identity.queries import unit_names
from portal.incidents import milestones, plans, queries
from portal.incidents.models import Incident
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import listed, locale, term


def milestone(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """The milestones that people know better than the portal; now is proposed."""
    form.offer(code=[("", _("Please choose")), *((c, term(f"milestone.{c}")) for c in milestones.BY_HAND)])
    if not form.is_submitted():
        form.moment.data = now


def reviewer(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Everybody who can be given something to do."""
    people = [(str(i), name) for i, name in queries.candidates() if i != incident.review_owner_id]
    form.offer(person=[("", _("Please choose")), *people])


def waiting(actor: Actor, incident: Incident) -> list[tuple[int, str]]:
    """The departments that have not answered and that this person answers for: (id, name in the reader's language)."""
    names = unit_names()
    left = [b for b in incident.back if b.answered_at is None and queries.may_answer(actor, b.unit_id)]
    return [(b.unit_id, names.get(b.unit_id, b.unit)) for b in left]


def back(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """One's own departments that have not answered."""
    form.offer(unit=[(str(i), name) for i, name in waiting(actor, incident)])


def against(incident: Incident, found: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    """What stands against the end by code, each in one sentence of the reader's language."""
    plan = plans.of(incident.plan_version)
    said: dict[str, list[str]] = {}
    for row in found:
        said.setdefault(row["code"], []).append(_of_others(row) or _words(incident, plan, row))
    return [(code, " ".join(sentences)) for code, sentences in said.items()]


def _of_others(row: dict[str, Any]) -> str:
    """What another room holds against the end."""
    if row["code"] != "serials":
        return ""
    return _("Paper sheets not accounted for: %(n)s, of them missing: %(m)s", n=row["n"], m=row["missing"])


def _words(incident: Incident, plan: plans.Plan, row: dict[str, Any]) -> str:
    condition = plan.label(row.get("criterion", ""), locale())
    match row["code"]:
        case "tasks":
            titles = {t.n: plan.label(t.code, locale()) or t.title for t in incident.tasks}
            tasks = listed(titles.get(n, str(n)) for n in row["tasks"])
            return _("Tasks still open (%(n)s): %(tasks)s", n=len(row["tasks"]), tasks=tasks)
        case "announcement":
            return _("What customers heard last does not say that service is back.")
        case "cases":
            return _("Linked cases that are open and not confirmed by the customer: %(n)s", n=row["n"])
        case "milestones":
            return _("Milestones not known: %(names)s", names=listed(term(f"milestone.{c}") for c in row["milestones"]))
        case "roles":
            roles = listed(plan.roles[role].word(locale()) for role in row["roles"])
            return _("Not confirmed to be in place: %(roles)s", roles=roles)
        case "review":
            return _("Nobody has been named to write the review.")
        case "too_soon":
            return _(
                "“%(condition)s” was ticked %(n)s minutes after the beginning.", condition=condition, n=row["minutes"]
            )
    return _("“%(condition)s” was ticked, but no published text says so.", condition=condition)
