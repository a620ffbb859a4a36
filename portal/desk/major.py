"""Whether an open complaint shows signs of a major one, which is led as an incident (EM11): said on its page."""

from datetime import datetime

from portal.cases.models import Case
from portal.incidents import plans
from portal.incidents.major_rules import Complaint, Sign, amount_of, signs
from portal.intake import similar
from portal.intake.alike import grams
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import listed, local

KIND = "complaint"  # the class of incidents
TYPES = ("complaint", "dispute", "return")  # requests by which somebody complains


def signs_of(case: Case, now: datetime) -> list[str]:
    """The signs in words; none for what is no open complaint, is led already, or is read by named people alone."""
    if case.request_type not in TYPES or not case.open or case.incident_id or case.exercise or case.restricted:
        return []
    row = plans.latest().classes.get(KIND)
    if row is None:
        return []
    text = f"{case.title} {case.description} {case.demand}"
    one = Complaint(
        text, case.harm, _alike(case, now), amount_of((case.extra or {}).get("amount", "")), case.reopened
    )  # fmt: skip
    return [word(sign) for sign in signs(one, row.facts)]


def _alike(case: Case, now: datetime) -> int:
    """Requests of the case's day that are alike, as intake counts them."""
    if local(case.received_at).date() != local(now).date():
        return 0
    return len(similar.today(now).nearest(grams(f"{case.description} {case.symptom}")))


def word(sign: Sign) -> str:
    """A sign that is met, as a sentence."""
    match sign.code:
        case "harm":
            said = listed(sign.words)
            return _("injury or safety (%(words)s)", words=said) if said else _("harm was judged possible")
        case "public":
            return _("media, regulator or lawsuit (%(words)s)", words=listed(sign.words))
        case "alike":
            return _("%(n)s alike today", n=int(sign.value))
        case "amount":
            return _("%(n)s CNY in dispute", n=f"{sign.value:,.0f}")
    return _("reopened %(n)s times", n=int(sign.value))
