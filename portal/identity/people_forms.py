"""Forms of the administrator's pages about people."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from portal.identity.actor import ROLES
from portal.identity.models import Unit
from portal.identity.queries import unit_name
from portal.kernel.forms import Form
from portal.kernel.i18n import term

PLAIN = r"^[A-Za-z0-9._@-]+$"


class PersonForm(Form):
    """A new account: who, where, in which roles, with which first password."""

    login = StringField(
        _l("Login"),
        [
            InputRequired(_l("Write a login.")),
            Length(max=60, message=_l("At most 60 characters.")),
            Regexp(PLAIN, message=_l("Letters without accents, digits and . _ @ - only.")),
        ],
    )
    name = StringField(
        _l("Full name"), [InputRequired(_l("Write the name.")), Length(max=80, message=_l("At most 80 characters."))]
    )
    unit = SelectField(_l("Department"), description=_l("May stay empty only when the roles hold in all departments."))
    roles = SelectMultipleField(_l("Roles"), [InputRequired(_l("Choose at least one role."))])
    where = RadioField(_l("Roles hold"), default="home")
    password = PasswordField(
        _l("First password"),
        [InputRequired(_l("Write a first password.")), Length(max=256, message=_l("At most 256 characters."))],
    )

    def offer(self, units: list[Unit]) -> None:
        """Fills the lists with the departments and roles there are, in the reader's language."""
        self.unit.choices = [("", _l("none")), *((str(u.id), unit_name(u)) for u in units)]
        self.roles.choices = [(role, term(f"role.{role}")) for role in ROLES]
        self.unit.flags.required = self.where.data != "all"
        self.where.choices = [("home", _l("in this department")), ("all", _l("in all departments"))]

    def home(self) -> int | None:
        """The chosen department's id."""
        return int(self.unit.data) if self.unit.data else None

    def held(self) -> list[tuple[str, int | None]]:
        """The roles with the unit each holds in; None for everywhere."""
        place = self.home() if self.where.data == "home" else None
        return [(role, place) for role in self.roles.data or ()]


class RoleForm(Form):
    """One more role for an account that exists."""

    role = SelectField(_l("Role"), [InputRequired(_l("Choose a role."))])
    where = RadioField(_l("The role holds"), default="home")
    unit = SelectField(_l("Department"), default="", description=_l("Needed when the role holds in one department."))

    def offer(self, units: list[Unit]) -> None:
        """Fills the lists, in the reader's language."""
        self.role.choices = [("", _l("choose")), *((role, term(f"role.{role}")) for role in ROLES)]
        self.where.choices = [("home", _l("in one department")), ("all", _l("in all departments"))]
        self.unit.choices = [("", _l("none")), *((str(u.id), unit_name(u)) for u in units)]

    def place(self) -> int | None:
        """The department the role holds in; None for all."""
        return int(self.unit.data) if self.where.data == "home" and self.unit.data else None


class HomeForm(Form):
    """The department somebody belongs to."""

    unit = SelectField(_l("Home department"))

    def offer(self, units: list[Unit]) -> None:
        """Fills the list, in the reader's language."""
        self.unit.choices = [("", _l("none")), *((str(u.id), unit_name(u)) for u in units)]


class SkillsForm(Form):
    """What somebody can do beyond the roles."""

    skills = StringField(
        _l("Skills"), [Length(max=200)],
        description=_l("Separated by commas, such as English, leased lines; dispatch rules may ask for one."),
    )  # fmt: skip


class NewPasswordForm(Form):
    """A new password for somebody else's account."""

    password = PasswordField(
        _l("New password"),
        [InputRequired(_l("Write a new password.")), Length(max=256, message=_l("At most 256 characters."))],
    )
