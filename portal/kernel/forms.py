"""The base of all forms: CSRF by Flask-WTF, WTForms' own sentences in the reader's language, loaded once."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

import wtforms
from flask import current_app, g, request, session
from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf
from wtforms import StringField
from wtforms import i18n as bundled

from portal.kernel import clock, i18n
from portal.kernel.i18n import local, parse_local

# facts that are decided by deeds and rights, never by a field somebody adds to another form (F-63)
DECIDED = frozenset((
    "level", "owner", "owner_id", "agent_id", "unit_id", "department", "state", "due_at", "sla_due", "role", "is_admin",
))  # fmt: skip


MOST = 2_000  # browsers whose token of this minute is kept


def token() -> str:
    """The page's CSRF token: what Flask-WTF signs for the browser's secret."""
    held = g._get_current_object()
    if not hasattr(held, "token_of_page"):
        secret = session.get("csrf_token")
        minute = clock.millis() // 60_000
        held.token_of_page = _signed(secret, minute, current_app.secret_key) if secret else generate_csrf()
    found: str = held.token_of_page
    return found


@lru_cache(maxsize=MOST)
def _signed(_secret: str, _minute: int, _key: str) -> str:
    """The token of a browser with this secret; signing costs a twentieth of a page, so it is done once a minute."""
    return str(generate_csrf())


class _Listed:
    """A list of choices that a function without arguments makes; WTForms would study its signature for every form."""

    def _invoke_choices_callback(self, made: Callable[[], Any]) -> Any:
        return made()


class SelectField(_Listed, wtforms.SelectField):
    """A select whose choices may be such a list."""


class RadioField(_Listed, wtforms.RadioField):
    """Radio buttons whose choices may be such a list."""


class Form(FlaskForm):  # type: ignore[misc]
    """A form of the portal."""

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """As every form; what was sent beside its fields as if it were one changes nothing and stands in the log."""
        ours = {field.name for field in self}
        foreign = (name.rpartition("-")[2] for name in request.form if name not in ours)
        added = sorted(DECIDED.intersection(foreign))
        if added:
            current_app.logger.warning("%s has no such field, ignored: %s", type(self).__name__, ", ".join(added))
        return bool(super().validate(*args, **kwargs))

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Flask-WTF reads WTForms' catalogue from disk for every request; here each language is read once."""

        class csrf_class(FlaskForm.Meta.csrf_class):  # type: ignore[misc]
            """As Flask-WTF's, with the page's one token."""

            def generate_csrf_token(self, csrf_token_field: Any) -> str:
                """What the form carries when it is drawn."""
                return token()

        def get_translations(self, form: Any) -> Any:
            """The bundled sentences of validators."""
            return _sentences(i18n.locale())


@lru_cache(maxsize=4)
def _sentences(locale: str) -> Any:
    return bundled.get_translations([locale, "zh"] if locale.startswith("zh") else [locale])


class LocalTime(StringField):
    """An instant typed on the installation's wall clock; `.data` is an aware datetime or None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Reads what the browser's picker sends."""
        self.raw = valuelist[0].strip() if valuelist else ""
        self.data = None
        if self.raw:
            try:
                self.data = parse_local(self.raw)
            except ValueError:
                raise ValueError(self.gettext("Not a valid date and time.")) from None

    def _value(self) -> str:
        if self.errors or self.data is None:
            return getattr(self, "raw", "")
        return f"{local(self.data):%Y-%m-%dT%H:%M}" if isinstance(self.data, datetime) else ""
