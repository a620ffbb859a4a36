"""The lists an administrator edits: request types with the facts each needs, classes, reports, circuits. Pure.

What stands here is there from the start; rows of the store add entries, change what an entry asks for, or close it.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from portal.directory.events import ListItemSet
from portal.kernel.errors import Invalid

LISTS = ("type", "class", "report", "service", "circuit")
FACTS = ("name", "phone_tail", "document_tail", "order_no", "address", "birthday", "last_bill")
MOST_FIELDS = 8
MOST_WORDS, LONGEST_WORD = 300, 30
CODE = re.compile(r"[a-z][a-z0-9_]{1,19}")
TAKEN = re.compile(r"complex_why|ch_.*")  # what the form asks for besides: why it is complex, fields of a channel


@dataclass(frozen=True)
class Extra:
    """A further field of a request type."""

    code: str
    zh: str
    en: str
    required: bool = False

    def label(self, locale: str) -> str:
        """Its word in a language."""
        return self.en if locale == "en" and self.en else self.zh or self.en


@dataclass(frozen=True)
class Item:
    """An entry of a list: `verify`: facts that may be asked for 核身, `least`: how many must be right (0: none)."""

    code: str
    zh: str = ""
    en: str = ""
    active: bool = True
    builtin: bool = True
    fields: tuple[Extra, ...] = ()
    verify: tuple[str, ...] = ()
    least: int = 0
    own_words: bool = field(default=False)


def _type(code: str, *extras: Extra, verify: tuple[str, ...] = (), least: int = 0) -> Item:
    return Item(code, fields=extras, verify=verify, least=least)


BUILTIN: dict[str, dict[str, Item]] = {
    "type": {
        item.code: item
        for item in (
            _type("fault", Extra("address", "装机地址", "Address of installation")),
            _type("complaint", Extra("concerned", "被投诉人或部门", "Who is complained about")),
            _type("consultation"),
            _type(
                "dispute",
                Extra("amount", "争议金额（元）", "Amount in dispute (CNY)"),
                Extra("traded_at", "交易时间", "Time of the transaction"),
                verify=("name", "phone_tail", "document_tail", "last_bill"), least=2,
            ),
            _type("business", Extra("address", "装机地址", "Address of installation"),
                  verify=("name", "document_tail", "address"), least=2),
            _type("order", Extra("carrier_no", "运单号", "Waybill number")),
            _type("return", Extra("amount", "退款金额（元）", "Amount to be refunded (CNY)"),
                  verify=("name", "order_no", "phone_tail"), least=2),
            _type("account", Extra("login", "账号", "Login name"),
                  verify=("name", "phone_tail", "document_tail", "birthday"), least=3),
            _type("suggestion"),
        )
    },
    "class": {code: Item(code) for code in ("person", "company", "vip")},
    "report": {code: Item(code) for code in ("operation", "fault", "analysis")},  # WF6
    "circuit": {  # WF3: types of circuits, for every flow that asks for one
        code: Item(code, zh, en)
        for code, zh, en in (
            ("mstp", "MSTP 专线", "MSTP line"), ("otn", "OTN 专线", "OTN line"), ("ptn", "PTN 专线", "PTN line"),
            ("vpn", "MPLS VPN", "MPLS VPN"), ("internet", "互联网专线", "Internet line"),
            ("voice", "语音专线", "Voice line"), ("mobile", "移动专网", "Mobile private network"),
        )
    },
    "service": {code: Item(code) for code in ("internet", "data", "cloud", "voice", "idc", "sms")},
}  # fmt: skip


def item_of(code: str, row: dict[str, Any], builtin: Item | None) -> Item:
    """An entry as a row of the store changes it."""
    data = row["data"]
    return Item(
        code, row["zh"], row["en"], row["active"], builtin is not None,
        tuple(Extra(f["code"], f["zh"], f["en"], f["required"]) for f in data.get("fields", ())),
        tuple(data.get("verify", ())), data.get("least", 0), builtin is None,
    )  # fmt: skip


def set_item(
    name: str, code: str, *, zh: str, en: str, active: bool, fields: str, verify: tuple[str, ...], least: int
) -> ListItemSet:
    """An entry as it was typed; `fields` holds one further field a line: `code = 中文 | English | required`."""
    if name not in LISTS or not CODE.fullmatch(code):
        raise Invalid("list_code", field="code")
    if code not in BUILTIN[name] and not zh.strip():
        raise Invalid("text_missing", field="zh")
    if not set(verify) <= set(FACTS) or not 0 <= least <= len(verify):
        raise Invalid("verify_more", field="least")
    extras = read_fields(fields)
    data: dict[str, object] = {"fields": [vars(extra) for extra in extras], "verify": list(verify), "least": least}
    return ListItemSet(name, code, zh.strip()[:40], en.strip()[:40], active, data)


def set_words(code: str, text: str) -> ListItemSet:
    """A list of words as it was typed, one a line, each once. Raises Invalid at the field for a line too long."""
    found = tuple(dict.fromkeys(filter(None, (" ".join(line.split()).lower() for line in text.splitlines()))))
    long = next((word for word in found if len(word) > LONGEST_WORD), None)
    if long:
        raise Invalid("word_long", field=code, word=long[:60], most=LONGEST_WORD)
    if len(found) > MOST_WORDS:
        raise Invalid("words_many", field=code, most=MOST_WORDS)
    return ListItemSet("vague", code, "", "", True, {"words": list(found)})


def read_fields(text: str) -> tuple[Extra, ...]:
    """The further fields that lines name. Raises Invalid at the line that cannot be read."""
    found: dict[str, Extra] = {}
    for line in filter(None, (part.strip() for part in text.splitlines())):
        code, _, words = (part.strip() for part in line.partition("="))
        parts = [part.strip() for part in words.split("|")] + ["", ""]
        if TAKEN.fullmatch(code):
            raise Invalid("field_taken", field="fields", taken=code[:20])
        if not CODE.fullmatch(code) or not parts[0] or code in found or len(found) >= MOST_FIELDS:
            raise Invalid("field_line", field="fields", line=line[:60])
        found[code] = Extra(code, parts[0][:60], parts[1][:60], parts[2] == "required")
    return tuple(found.values())


def written_fields(item: Item) -> str:
    """The further fields of an entry as lines."""
    return "\n".join(
        f"{e.code} = {e.zh} | {e.en}" + (" | required" if e.required else "") for e in item.fields
    )  # fmt: skip
