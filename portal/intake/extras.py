"""The further fields that a channel and a request type ask for (IN2), as the form shows and reads them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from portal.directory import lists
from portal.directory.list_rules import Extra, Item
from portal.kernel.errors import Invalid
from portal.kernel.i18n import listed, locale

PREFIX = "x-"
LONGEST = 200
COMPLEX = Extra("complex_why", "为何复杂", "Why it is complex")
_PAGE = Extra("ch_page", "出问题的页面或版本", "Page or version concerned")
# what a request by this channel brings along and no other does; their codes never meet those of types
CHANNEL: dict[str, tuple[Extra, ...]] = {
    "email": (Extra("ch_subject", "邮件主题", "Subject of the mail"),),
    "social": (
        Extra("ch_account", "平台与账号", "Platform and account"), Extra("ch_link", "帖子链接", "Address of the post"),
    ),
    "walk_in": (Extra("ch_place", "来访网点", "Place of the visit"),),
    "account_manager": (Extra("ch_manager", "转来的客户经理", "Account manager who passed it on"),),
    "app": (_PAGE,), "web": (_PAGE,),
}  # fmt: skip


class Shown(NamedTuple):
    """One further field on the form."""

    code: str
    label: str
    value: str
    required: bool
    missing: bool = False
    channels: tuple[str, ...] = ()


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


def by_channel(values: Mapping[str, str]) -> list[Shown]:
    """The further fields of all channels with what was typed; the page shows those of the chosen one."""
    asked = dict.fromkeys(extra for fields in CHANNEL.values() for extra in fields)
    return [
        Shown(e.code, e.label(locale()), values.get(e.code, ""), False,
              channels=tuple(channel for channel, fields in CHANNEL.items() if e in fields))
        for e in asked
    ]  # fmt: skip


def kept(item: Item, values: Mapping[str, str], *, channel: str, machine: bool) -> dict[str, str]:
    """What belongs to channel and type. Raises Invalid naming what is required and missing; not for machines."""
    missing = [e.label(locale()) for e in item.fields if e.required and not values.get(e.code)]
    if missing and not machine:
        raise Invalid("extra_missing", field="request_type", fields=listed(missing))
    fields = (*CHANNEL.get(channel, ()), *item.fields)
    return {e.code: values[e.code] for e in fields if values.get(e.code)}


def labelled(request_type: str, values: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Kept further fields with their words, for the case page; a field the list no longer has shows its code."""
    if not values:
        return []
    asked = (*CHANNEL.values(), *(one.fields for one in lists.items("type").values()))
    fields = (COMPLEX, *(e for many in asked for e in many), *lists.item("type", request_type).fields)
    words = {e.code: e.label(locale()) for e in fields}
    return [(words.get(code, code), str(value)) for code, value in values.items()]
