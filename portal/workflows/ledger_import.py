"""Orders of an old ledger: what one row says, read by what its columns mean. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.kernel.errors import Invalid
from portal.kernel.i18n import parse_local
from portal.kernel.instants import epoch
from portal.workflows.definition import Definition, Evidence
from portal.workflows.rules import checked

OWN = ("customer", "title", "old_no", "started", "due", "ended", "result", "outside_no")
NAMES: dict[str, tuple[str, ...]] = {  # how such columns are commonly called in old ledgers
    "customer": ("客户名称", "客户", "集团客户", "集团客户名称", "单位名称", "单位", "customer name"),
    "title": ("标题", "主题", "项目名称", "业务名称", "工单标题", "业务内容", "subject"),
    "old_no": ("原编号", "台账编号", "工单号", "工单编号", "单号", "编号", "number", "ticket"),
    "started": ("开始时间", "发起时间", "受理时间", "受理日期", "派单时间", "派单日期", "开始日期", "start", "began"),
    "due": ("要求完成时间", "要求完成日期", "截止时间", "截止日期", "到期时间", "时限", "deadline", "due date"),
    "ended": ("完成时间", "完成日期", "竣工时间", "竣工日期", "报竣时间", "办结时间", "结束时间", "end", "finished"),
    "result": ("结果", "处理结果", "状态", "完成情况", "status"),
    "outside_no": ("外部单号", "调单号", "调单编号", "上级单号", "外部系统单号", "outside number"),
}  # fmt: skip
RESULTS = {
    "completed": ("completed", "已完成", "完成", "已开通", "竣工"),
    "declined": ("declined", "未通过", "不具备"),
    "cancelled": ("cancelled", "撤销", "已撤销", "取消"),
}
LONGEST = {"customer": 120, "title": 200, "old_no": 60, "outside_no": 60}


@dataclass(frozen=True)
class Old:
    """A row that can be brought in: its key, instants in epoch seconds, facts, and what was assumed."""

    line: int
    key: str
    customer: str
    title: str
    started: int
    due: int
    ended: int
    result: str
    facts: dict[str, Any]
    assumed: tuple[str, ...]


def key_of(flow: str, unit_id: int, cells: Iterable[str], turn: int) -> str:
    """The stable key of a row: the same row of the same ledger comes in once; equal rows are told apart by `turn`."""
    text = "\x1f".join((flow, str(unit_id), *(cell.strip() for cell in cells), str(turn)))
    return f"ledger:{hashlib.sha256(text.encode()).hexdigest()[:50]}"


def read_row(line: int, key: str, said: Mapping[str, str], definition: Definition, now: datetime) -> Old:
    """One row by what its columns mean. Raises Invalid naming the column that is missing or unreadable."""
    given = {name: value.strip() for name, value in said.items()}
    for name, most in LONGEST.items():
        if len(given.get(name, "")) > most:
            raise Invalid("words_too_long", field=name, most=most)
    if not given.get("customer"):
        raise Invalid("old_customer_missing", field="customer")
    started, due, ended = (_instant(given.get(name, ""), name) for name in ("started", "due", "ended"))
    assumed = [name for name, value in (("started", started), ("due", due), ("ended", ended)) if not value]
    started = started or ended
    if not started:
        raise Invalid("old_start_missing", field="started")
    ended = ended or max(started, due)
    if ended < started or ended > epoch(now):
        raise Invalid("old_end_wrong", field="ended")
    result = _result(given.get("result", ""))
    assumed += [] if result else ["result"]
    assumed += [] if given.get("title") else ["title"]
    facts = {name: given[name] for name in ("old_no", "outside_no") if given.get(name)} | _facts(definition, given)
    title = given.get("title") or f"{definition.name.zh} {given['customer']}"[:200]
    return Old(
        line, key, given["customer"], title, started, due or ended, ended, result or "completed", facts, tuple(assumed)
    )


def _instant(text: str, name: str) -> int:
    """A day (its end, for what is due or ended) or an instant; 0 for nothing."""
    if not text:
        return 0
    plain = text.replace("/", "-").replace("年", "-").replace("月", "-").replace("日", "").strip()
    parts = plain.split(" ")[0].split("-")
    if len(parts) == 3 and all(part.isdecimal() for part in parts):
        plain = plain.replace(plain.split(" ")[0], f"{parts[0]:0>4}-{parts[1]:0>2}-{parts[2]:0>2}", 1)
    try:
        found = parse_local(plain)
    except ValueError as error:
        raise Invalid("date_unreadable", field=name) from error
    if len(plain) <= 10 and name != "started":
        found += timedelta(hours=23, minutes=59, seconds=59)
    return int(found.timestamp())


def _result(text: str) -> str:
    """The result in our codes; nothing where the ledger says nothing. Raises Invalid for a word that is none."""
    if not text:
        return ""
    for code, words in RESULTS.items():
        if text.lower() in words:
            return code
    raise Invalid("not_on_list", field="result")


def _facts(definition: Definition, given: Mapping[str, str]) -> dict[str, Any]:
    """The flow's fields as far as the ledger has them; choices by code or by either name."""
    there = tuple(one for one in definition.fields if given.get(one.code))
    return checked(there, {one.code: _code(one, given[one.code]) for one in there}, frozenset())


def _code(one: Evidence, text: str) -> str:
    names = {name.lower(): c.code for c in one.choices for name in (c.code, c.name.zh, c.name.en)}
    return names.get(text.lower(), text)
