"""Forms of the roster."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from portal.identity import queries as people
from portal.identity.actor import ROLES
from portal.kernel.forms import Form
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import parse_local, term
from portal.roster.rules import KINDS, LONGEST_NOTE


def readable(form: Any, field: Any) -> None:
    """An instant on the local clock; sets field.instant."""
    try:
        field.instant = parse_local(field.data or "")
    except (ValueError, OverflowError):
        raise ValidationError(_("Not a time. Write it like 2026-11-24 18:00.")) from None


class ShiftForm(Form):
    """A shift: who, as what, of which kind, from when to when."""

    key = HiddenField()
    person = SelectField(_l("Member of staff"), [InputRequired(_l("Choose a person."))], validate_choice=False)
    role = SelectField(_l("Role on duty"), [InputRequired(_l("Choose a role."))])
    kind = SelectField(_l("Kind of shift"), [InputRequired(_l("Choose a kind."))])
    since = StringField(_l("Begins"), [InputRequired(_l("Write when it begins.")), readable])
    until = StringField(_l("Ends"), [InputRequired(_l("Write when it ends.")), readable])

    def offer(self, unit_id: int) -> None:
        """Fills the lists: the unit's people, the roles they hold, the kinds."""
        members = people.members(unit_id)
        held = {role for one in members for role, _unit in people.actor_of(one).roles}
        self.person.choices = [("", _("Choose")), *((str(one.id), one.name) for one in members)]
        self.role.choices = [("", _("Choose")), *((role, term(f"role.{role}")) for role in ROLES if role in held)]
        self.kind.choices = [(kind, term(f"shift.{kind}")) for kind in KINDS]

    def chosen(self) -> dict[str, Any]:
        """What was typed, for the action."""
        number = self.person.data or ""
        begin: datetime = self.since.instant  # type: ignore[attr-defined]
        end: datetime = self.until.instant  # type: ignore[attr-defined]
        return {
            "person_id": int(number) if number.isdecimal() and len(number) < 10 else 0, "role": self.role.data,
            "kind": self.kind.data, "begin": begin, "end": end, "key": (self.key.data or "")[:64],
        }  # fmt: skip


class NoteForm(Form):
    """What a shift leaves to the next."""

    note = TextAreaField(_l("Hand-over note"), [Length(max=LONGEST_NOTE, message=_l("At most %(max)d characters."))])
