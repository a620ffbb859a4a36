"""The board's deeds after the end: the review and its measures."""

from flask_babel import lazy_gettext as _l

from portal.incidents import review_actions as actions
from portal.incidents import review_forms as forms
from portal.incidents import review_offers as offers
from portal.incidents.deed import Deed

AFTER = ("ended",)
REVIEW: dict[str, Deed] = {
    "review": Deed(
        forms.ReviewForm,
        _l("Write the review"),
        "incident.view",
        lambda a, now, i, f: actions.write(
            a, now, i, cause=f.cause.data or "", losses=f.losses.data or "", worked=f.worked.data or "",
            lessons=f.lessons.data or "", entries=tuple(int(n) for n in f.entries.data or () if n.isdigit()),
            finished=f.finished.data,
        ),
        offers.review,
        AFTER,
        True,
    ),
    "measure": Deed(
        forms.MeasureForm,
        _l("New measure"),
        "incident.act",
        lambda a, now, i, f: actions.add_measure(
            a, now, i, text=f.text.data, owner_id=int(f.owner.data), due=f.due.data, retest=f.retest.data
        ),
        offers.measure,
        AFTER,
    ),
    "measure_done": Deed(
        forms.MeasureDoneForm,
        _l("Measure done"),
        "incident.view",
        lambda a, now, i, f: actions.finish_measure(a, now, i, n=int(f.measure.data), evidence=f.evidence.data),
        offers.done,
        AFTER,
    ),
    "verify": Deed(
        forms.VerifyForm,
        _l("Verify a measure"),
        "incident.verify",
        lambda a, now, i, f: actions.verify_measure(
            a, now, i, n=int(f.measure.data), accepted=f.result.data == "yes", words=f.words.data
        ),
        offers.verify,
        AFTER,
    ),
    "retest": Deed(
        forms.RetestForm,
        _l("Measure tested again"),
        "incident.verify",
        lambda a, now, i, f: actions.retest_measure(
            a, now, i, n=int(f.measure.data), held=f.result.data == "yes", words=f.words.data
        ),
        offers.retest,
        AFTER,
    ),
}  # fmt: skip
