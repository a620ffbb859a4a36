"""Sentences of the ground floor's refusals."""

from flask_babel import lazy_gettext as _l

TERMS: dict[str, object] = {}
REFUSALS = {
    "changed_meanwhile": _l(
        "Someone else changed this record a moment ago. Nothing of yours is lost; read it again and repeat."
    ),
    "store_busy": _l(
        "The portal could not save just now. Nothing was changed and what you typed is still here; try again."
    ),
    "not_allowed": _l("You do not have the right to do this."),
    "not_found": _l("There is nothing at this address, or nothing you may see."),
    "sign_in_first": _l("You are not signed in."),
    "csrf": _l("This page was open for too long. What you typed is still here; send it again."),
    "too_large": _l("What you sent is larger than the portal accepts."),
    "failed": _l("Something went wrong on our side. It has been recorded under the number below."),
    "unusable_input": _l("What was sent cannot be read."),
}
