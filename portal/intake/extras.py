"""The further fields that a request type asks for (IN2), as the form shows and reads them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from portal.directory import lists
from portal.directory.list_rules import Item
from portal.kernel.errors import Invalid
from portal.kernel.i18n import listed, locale

PREFIX = "x-"
LONGEST = 200


class Shown(NamedTuple):
    """One further field on the form."""

    code: str
    label: str
    value: str
    required: bool
    missing: bool = False


def typed(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed into further fields, by their codes."""
    found = {k.removeprefix(PREFIX): v.strip()[:LONGEST] for k, v in form.items() if k.startswith(PREFIX)}
    return {code[:20]: value for code, value in found.items() if value}


def shown(request_type: str, values: Mapping[str, str], *, refused: bool = False) -> list[Shown]:
    """The further fields of a type with what was typed; none while the type is left to the text."""
    if not request_type:
        return []
    return [
        Shown(e.code, e.label(locale()), value, e.required, refused and e.required and not value)
        for e in lists.item("type", request_type).fields
        for value in [values.get(e.code, "")]
    ]


def kept(item: Item, values: Mapping[str, str], *, machine: bool) -> dict[str, str]:
    """What belongs to this type. Raises Invalid naming what is required and missing; machines are not refused."""
    missing = [e.label(locale()) for e in item.fields if e.required and not values.get(e.code)]
    if missing and not machine:
        raise Invalid("extra_missing", field="request_type", fields=listed(missing))
    return {e.code: values[e.code] for e in item.fields if values.get(e.code)}


def labelled(request_type: str, values: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Kept further fields with their words, for the case page; a field the list no longer has shows its code."""
    words = {e.code: e.label(locale()) for e in lists.item("type", request_type).fields} if values else {}
    return [(words.get(code, code), str(value)) for code, value in (values or {}).items()]
