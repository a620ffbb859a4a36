"""Forms of what people are sent."""

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from portal.identity.models import Unit
from portal.identity.queries import unit_name
from portal.kernel.forms import Form
from portal.kernel.i18n import term
from portal.notices.rules import GROUPS, WAYS, Wishes
from portal.notices.ways import HOSTS

ADDRESS = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
TIME = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)")


class ChoiceForm(Form):
    """What a person is sent: ways by group of notices, address, quiet hours, the digest's time."""

    mail = StringField(
        _l("Address for mail"),
        [
            Optional(),
            Length(max=200, message=_l("At most 200 characters.")),
            Regexp(ADDRESS, message=_l("This is no mail address; write it as name@example.com.")),
        ],
    )
    urgent = SelectMultipleField(_l("P1, deadlines that have run out, escalation, incidents"))
    assigned = SelectMultipleField(_l("Assigned to me, handed over, named in a note"))
    chased = SelectMultipleField(_l("Chased"))
    other = SelectMultipleField(_l("Warnings and everything else"))
    quiet = BooleanField(_l("Mail and robot wait until quiet hours are over, unless it is urgent"))
    daily_at = StringField(_l("Digest of the day at"), [InputRequired(_l("Write a time as 08:30."))])

    def offer(self) -> None:
        """Fills the boxes, in the reader's language."""
        for group in GROUPS:
            self[group].choices = [(way, term(f"way.{way}")) for way in WAYS]

    def show(self, wishes: Wishes) -> None:
        """Shows what holds now."""
        self.mail.data, self.quiet.data = wishes.mail, wishes.quiet
        self.daily_at.data = f"{wishes.daily_at // 60:02}:{wishes.daily_at % 60:02}"
        for group in GROUPS:
            self[group].data = list(wishes.groups.get(group, ()))

    def minutes(self) -> int:
        """The digest's time in minutes after midnight."""
        found = TIME.fullmatch((self.daily_at.data or "").strip())
        return int(found[1]) * 60 + int(found[2]) if found else 0

    def ways_of(self) -> dict[str, list[str]]:
        """The chosen ways by group."""
        return {group: list(self[group].data or ()) for group in GROUPS}

    def validate_daily_at(self, field: Any) -> None:
        """A time of day."""
        if not TIME.fullmatch((field.data or "").strip()):
            raise ValidationError(_("Write a time as 08:30."))

    def validate(self, extra_validators: Any = None) -> bool:
        """Mail comes at once or in the digest, not both."""
        good = bool(super().validate(extra_validators))
        for group in GROUPS:
            if {"mail", "daily"} <= set(self[group].data or ()):
                self[group].errors = [_("Choose mail at once or the digest of the day, not both.")]
                good = False
        return good


class RobotForm(Form):
    """A chat robot: whose group, which service, its webhook, its language."""

    unit = SelectField(_l("Group of"), default="")
    kind = SelectField(_l("Service"), [InputRequired(_l("Choose a service."))])
    address = StringField(_l("Webhook address"), [Length(max=500, message=_l("At most 500 characters."))])
    secret = StringField(_l("Signing secret"), [Length(max=200, message=_l("At most 200 characters."))])
    unsigned = BooleanField(_l("Without a signature: forget the secret"))
    locale = SelectField(_l("Language"), default="zh_Hans_CN")

    def offer(self, units: list[Unit]) -> None:
        """Fills the lists, in the reader's language."""
        self.unit.choices = [("", _l("everybody whose department has no robot")),
                             *((str(u.id), unit_name(u)) for u in units)]  # fmt: skip
        self.locale.choices = [("zh_Hans_CN", "中文"), ("en", "English")]
        self.kind.choices = [(kind, term(f"robot.{kind}")) for kind in HOSTS]
