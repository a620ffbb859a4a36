"""The forms of what departments do with one case together."""

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import Length

from portal.collaboration.rules import RETURN_CODES
from portal.desk.case_forms import CHOOSE, DeedForm, words_field
from portal.intake.forms import choices
from portal.kernel.forms import RadioField, SelectField


class ReturnForm(DeedForm):
    """Handing a transferred case back."""

    code = SelectField(_l("Why it is returned"), choices=lambda: choices("return", RETURN_CODES))
    words = words_field(_l("What the other department should know"))


class EscalateForm(DeedForm):
    """To the next line."""

    reason = words_field(_l("Why the next line is needed"))


class ExtensionForm(DeedForm):
    """Approving or refusing a new time."""

    decision = RadioField(
        _l("Decision about the new time"), [CHOOSE], choices=lambda: choices("extension", ("approve", "refuse"))
    )
    words = TextAreaField(_l("Reason (needed to refuse)"), [Length(max=2000)])


class DisputeForm(DeedForm):
    """Another level, and why."""

    level = RadioField(_l("Which level it should have"), [CHOOSE])
    why = words_field(_l("Why; when the level was disputed before, the new facts"))


class VoteForm(DeedForm):
    """What a department says."""

    level = RadioField(_l("What our department says"), [CHOOSE])
    words = TextAreaField(_l("Reason"), [Length(max=2000)])


class AbsenceForm(DeedForm):
    """The chair notes who did not come."""

    department = RadioField(_l("Which department did not come"), [CHOOSE], coerce=int)
    words = TextAreaField(_l("Note"), [Length(max=2000)])


class SettleForm(DeedForm):
    """The verdict."""

    level = RadioField(_l("Final level"), [CHOOSE])
    reason = words_field(_l("Reason of the verdict"))
