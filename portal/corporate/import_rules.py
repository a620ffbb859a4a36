"""Group customers of an old list: what one row says of the basic facts, read by what its columns mean (WF6). Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from portal.kernel.errors import Invalid

NAMES: dict[str, tuple[str, ...]] = {  # how such columns are commonly called
    "customer": ("客户名称", "集团客户名称", "集团客户", "单位名称", "客户", "单位", "name", "customer name"),
    "identity": (
        "联系电话", "客户电话", "电话", "总机", "联系方式", "统一社会信用代码", "客户编号", "phone", "telephone"
    ),
    "trade": ("行业", "所属行业", "行业类别", "industry"),
    "address": ("地址", "单位地址", "客户地址", "注册地址", "办公地址"),
    "manager": ("客户经理", "负责人", "客户经理姓名", "account manager"),
    "contract_no": ("合同编号", "合同号", "协议编号", "contract", "contract number"),
    "contract_from": ("合同开始", "合同起始日期", "合同生效日期", "签约日期", "contract from"),
    "contract_until": ("合同到期", "合同结束日期", "合同到期日期", "到期日期", "contract until"),
}  # fmt: skip
LONGEST = {"customer": 120, "identity": 120, "trade": 60, "address": 200, "manager": 80, "contract_no": 60}


@dataclass(frozen=True)
class Old:
    """A row that can be brought in: its key, the customer, the facts as they would be typed."""

    line: int
    key: str
    customer: str
    identity: str
    trade: str
    address: str
    manager_id: int
    contract_no: str
    contract_from: str
    contract_until: str


def key_of(unit_id: int, cells: Iterable[str], turn: int) -> str:
    """The stable key of a row: the same row of the same department comes in once."""
    text = "\x1f".join((str(unit_id), *(cell.strip() for cell in cells), str(turn)))
    return f"group:{hashlib.sha256(text.encode()).hexdigest()[:50]}"


def read_row(line: int, key: str, said: Mapping[str, str], people: Mapping[str, int]) -> Old:
    """One row by what its columns mean; `people` are colleagues by name and login. Raises Invalid naming the column."""
    given = {name: said.get(name, "").strip() for name in NAMES}
    for name, most in LONGEST.items():
        if len(given[name]) > most:
            raise Invalid("words_too_long", field=name, most=most)
    for name in ("customer", "trade"):
        if not given[name]:
            raise Invalid("old_fact_missing", field=name)
    manager = people.get(given["manager"].lower(), 0)
    if given["manager"] and not manager:
        raise Invalid("old_manager_unknown", field="manager", name=given["manager"][:40])
    since, until = (_day(given[name], name) for name in ("contract_from", "contract_until"))
    if since and until and until < since:
        raise Invalid("contract_turned", field="contract_until")
    return Old(
        line, key, given["customer"], given["identity"] or given["customer"], given["trade"], given["address"], manager,
        given["contract_no"], since, until,
    )  # fmt: skip


def _day(text: str, name: str) -> str:
    """A day as `2026-11-24`; also `2026/1/5`, `2026年1月5日` and what begins with one."""
    if not text:
        return ""
    parts = (
        text.replace("/", "-").replace(".", "-").replace("年", "-").replace("月", "-").replace("日", "").split(" ")[0]
    )
    try:
        year, month, day = (int(part) for part in parts.split("-"))
        return date(year, month, day).isoformat()
    except ValueError as error:
        raise Invalid("date_unreadable", field=name) from error
