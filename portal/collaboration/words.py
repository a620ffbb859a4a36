"""Words of working together: sentences of its refusals."""

from flask_babel import lazy_gettext as _l

TERMS: dict[str, object] = {}
REFUSALS = {
    "nobody_to_return_to": _l("Case %(no)s was not transferred here; there is nobody to return it to."),
    "choose_return_code": _l("Choose why the case is returned."),
    "no_higher_line": _l("Case %(no)s is with the experts already; there is no higher line."),
    "no_extension_waits": _l("No new time of case %(no)s waits for a decision."),
    "not_your_own": _l("Somebody else decides about the new time you asked for."),
    "dispute_runs": _l("A consultation about the level of case %(no)s is running."),
    "no_dispute_runs": _l("No consultation about the level of case %(no)s is running."),
    "not_concerned": _l("%(unit)s is not concerned by this case; only a department concerned can be absent."),
    "has_spoken": _l("%(unit)s has said something already; that stays."),
    "choose_unit": _l("Choose a department."),
    "new_facts_needed": _l("This level was disputed before. Write the new facts in at least 20 characters."),
}
