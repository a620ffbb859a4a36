"""Forms of what people are sent."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from portal.identity.models import Unit
from portal.identity.people_forms import unit_name
from portal.kernel.forms import Form
from portal.kernel.i18n import term
from portal.notices.ways import HOSTS


class RobotForm(Form):
    """A chat robot: whose group, which service, its webhook, its language."""

    unit = SelectField(_l("Group of"), default="")
    kind = SelectField(_l("Service"), [InputRequired(_l("Choose a service."))])
    address = StringField(_l("Webhook address"), [Length(max=500, message=_l("At most 500 characters."))])
    locale = SelectField(_l("Language"), default="zh_Hans_CN")

    def offer(self, units: list[Unit]) -> None:
        """Fills the lists, in the reader's language."""
        self.unit.choices = [("", _l("everybody whose department has no robot")),
                             *((str(u.id), unit_name(u)) for u in units)]  # fmt: skip
        self.locale.choices = [("zh_Hans_CN", "中文"), ("en", "English")]
        self.kind.choices = [(kind, term(f"robot.{kind}")) for kind in HOSTS]
