"""The board's deeds around the end; those offered once it has ended are the only ones that still write then."""

from flask_babel import lazy_gettext as _l

from portal.incidents import closing_actions as actions
from portal.incidents import closing_forms as forms
from portal.incidents import closing_offers as offers
from portal.incidents.deed import Deed

CLOSING: dict[str, Deed] = {
    "milestone": Deed(
        forms.MilestoneForm,
        _l("Set a milestone"),
        "incident.act",
        lambda a, now, i, f: actions.set_milestone(
            a, now, i, code=f.code.data, moment=f.moment.data, basis=f.basis.data
        ),
        offers.milestone,
    ),
    "reviewer": Deed(
        forms.ReviewerForm,
        _l("Name who writes the review"),
        "incident.act",
        lambda a, now, i, f: actions.name_review_owner(a, now, i, person_id=int(f.person.data)),
        offers.reviewer,
        ("active", "ended"),
    ),
    "back": Deed(
        forms.BackForm,
        _l("Back to normal"),
        "incident.back",
        lambda a, now, i, f: actions.confirm_back(a, now, i, unit_id=int(f.unit.data), note=f.note.data or ""),
        offers.back,
        ("ended",),
    ),
    "reopen": Deed(
        forms.ReopenForm,
        _l("Reopen"),
        "incident.command",
        lambda a, now, i, f: actions.reopen(a, now, i, reason=f.reason.data),
        None,
        ("ended",),
        True,
    ),
}
