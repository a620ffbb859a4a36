"""Forms of signing in and of one's own account."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from portal.kernel.forms import Form


class SignInForm(Form):
    """Login and password."""

    login = StringField(_l("Login"), [InputRequired(_l("Write your login.")), Length(max=60)])
    password = PasswordField(_l("Password"), [InputRequired(_l("Write your password.")), Length(max=256)])


class PasswordForm(Form):
    """A new password for one's own account."""

    present = PasswordField(_l("Present password"), [InputRequired(_l("Write your password.")), Length(max=256)])
    password = PasswordField(_l("New password"), [InputRequired(_l("Write a new password.")), Length(max=256)])
    again = PasswordField(
        _l("New password once more"), [EqualTo("password", _l("The two passwords are not the same."))]
    )


class CodeForm(Form):
    """The digits that an app shows."""

    code = StringField(_l("Code from your app"), [InputRequired(_l("Write the six digits.")), Length(max=20)])


class OwnPasswordForm(Form):
    """A password of one's own instead of the one that somebody else chose."""

    password = PasswordField(
        _l("New password"),
        [InputRequired(_l("Write a new password.")), Length(max=256, message=_l("At most 256 characters."))],
    )
    again = PasswordField(
        _l("New password once more"), [EqualTo("password", _l("The two passwords are not the same."))]
    )


class SetupForm(Form):
    """The administrator of a new installation."""

    login = StringField(_l("Login"), [InputRequired(_l("Write your login.")), Length(max=60)])
    name = StringField(_l("Full name"), [InputRequired(_l("Write your name.")), Length(max=80)])
    password = PasswordField(_l("New password"), [InputRequired(_l("Write a new password.")), Length(max=256)])
    again = PasswordField(
        _l("New password once more"), [EqualTo("password", _l("The two passwords are not the same."))]
    )
