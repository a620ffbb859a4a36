"""The base of all forms: CSRF by Flask-WTF, WTForms' own sentences in the reader's language, loaded once."""

from functools import lru_cache
from typing import Any

from flask_wtf import FlaskForm
from wtforms import i18n as bundled

from portal.kernel import i18n


class Form(FlaskForm):  # type: ignore[misc]
    """A form of the portal."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Flask-WTF reads WTForms' catalogue from disk for every request; here each language is read once."""

        def get_translations(self, form: Any) -> Any:
            """The bundled sentences of validators."""
            return _sentences(i18n.locale())


@lru_cache(maxsize=4)
def _sentences(locale: str) -> Any:
    return bundled.get_translations([locale, "zh"] if locale.startswith("zh") else [locale])
