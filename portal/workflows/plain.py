"""What a definition and an order's facts are called in the reader's language."""

from typing import Any

from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import locale
from portal.workflows.definition import Definition, Evidence, Name


def called(name: Name | None) -> str:
    """A definition's text in the reader's language."""
    return "" if name is None else name.en if locale() == "en" else name.zh


def value_of(one: Evidence, value: Any) -> str:
    """One typed fact in words."""
    if one.kind == "check":
        return _("Yes")
    if one.kind == "choice":
        return next((called(c.name) for c in one.choices if c.code == value), str(value))
    return str(value)


def facts_in_words(wanted: tuple[Evidence, ...], facts: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Typed facts as (label, value), in the definition's order."""
    return tuple((called(one.name), value_of(one, facts[one.code])) for one in wanted if one.code in facts)


def name_of(definition: Definition, step: Any) -> str:
    """What a step is called; a sheet by the name of its paper."""
    defined = definition.by_code.get(step.code)
    if defined is None:
        return str(step.code)
    return called(defined.sheet) if step.kind == "sheet" and defined.sheet else called(defined.name)
