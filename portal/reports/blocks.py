"""What a report is made of, as plain data: paragraphs, lists, tables and drawings, numbered as they come.

Plain data can be kept, hashed and compared; a screen, paper and a later edition read the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import term
from portal.reports.rules import Balance, Figure
from portal.reports.tables import Chart, Table, shown, value_of

Block = dict[str, Any]
Section = dict[str, Any]


def section(code: str, head: str, blocks: Iterable[Block] = (), *, prose: bool = False) -> Section:
    """A section: its code, heading, blocks, and whether people write in it."""
    return {"code": code, "head": head, "prose": prose, "blocks": list(blocks)}


def cell(value: Any) -> Any:
    """A cell as it is kept: words, or words with the way down to the cases and whether a target is missed."""
    if value is None:
        return "–"
    if isinstance(value, Figure):
        return {"s": _said(value), "f": _link(value), "late": value.missed, "few": value.small}
    return f"{value:,}" if isinstance(value, int) else str(value)


def _link(figure: Figure) -> dict[str, str] | None:
    """What leads to the cases: its period under the name that every kind of period goes by."""
    if not figure.denominator:
        return None
    return {"period" if name == "quarter" else name: value for name, value in figure.filter.items()}


def _said(figure: Figure) -> str:
    if figure.unit != "%" or not figure.denominator:
        return shown(figure)
    return _(
        "%(met)s / %(all)s, %(share)s", met=f"{figure.numerator:,}", all=f"{figure.denominator:,}", share=shown(figure)
    )


def table(made: Table) -> Block:
    """A table; one without rows is the sentence that there is nothing."""
    if not made.rows:
        return para(made.caption + term("report.none"))
    foot = [made.foot[0], *map(cell, made.foot[1])] if made.foot else None
    rows = [[label, *map(cell, values)] for label, values in made.rows]
    return {"k": "table", "caption": made.caption, "columns": made.columns, "rows": rows, "foot": foot}


def rows(caption: str, columns: Sequence[str], lines: Sequence[Sequence[Any]], *, words: int = 1) -> Block:
    """A table of plain values; the first `words` columns hold words and stand on the left."""
    if not lines:
        return para(caption + term("paper.none"))
    kept = [[str(line[0]), *map(cell, line[1:])] for line in lines]
    return {"k": "table", "caption": caption, "columns": list(columns), "rows": kept, "foot": None, "words": words}


def figures(caption: str, list_: Iterable[Figure], before_head: str) -> Block:
    """Figures one under another, with what they are made of and how they are counted."""
    columns = [
        term("report.col.figure"), term("report.col.value"), term("report.col.parts"), term(before_head),
        term("report.col.formula"),
    ]  # fmt: skip
    lines = []
    for one in list_:
        parts = f"{one.numerator:,} / {one.denominator:,}" if one.unit == "%" else f"n = {one.denominator:,}"
        value = {"s": shown(one), "f": _link(one), "late": one.missed, "few": one.small}
        target = f" {term('report.target')} {one.target:g} %" if one.target else ""
        lines.append(
            [term(f"figure.{one.code}"), value, parts, value_of(one.before, one.unit), term(one.formula) + target]
        )
    return {"k": "table", "caption": caption, "columns": columns, "rows": lines, "foot": None, "formula": True}


def chart(drawn: Chart) -> Block:
    """A drawing with its finding."""
    return {"k": "chart"} | asdict(drawn) | {"names": list(drawn.names)}


def para(text: str, look: str = "") -> Block:
    """A sentence; `look`: sub, warning or balance."""
    return {"k": "para", "text": text, "look": look}


def items(caption: str, lines: Sequence[str]) -> Block:
    """A list of sentences under a caption."""
    return {"k": "list", "caption": caption, "items": list(lines)} if lines else para(caption + term("paper.none"))


def balance(b: Balance) -> Block:
    """Opening to closing stock in one line, and what does not add up."""
    terms = (
        ("+", "received", b.received), ("+", "taken_over", b.taken), ("+", "reopened", b.reopened),
        ("−", "closed", b.closed), ("−", "merged", b.merged), ("−", "void", b.void), ("−", "handed_on", b.handed),
    )  # fmt: skip
    said = f"{term('report.balance')} {term('figure.opening')} {b.opening:,}"
    for sign, name, n in terms:
        if n or name not in ("taken_over", "handed_on"):  # what passes between departments: of one of them alone
            said += f" {sign} {term(f'figure.{name}')} {n:,}"
        if name == "closed" and b.outcomes:
            parts = [f"{term(f'outcome.{code}')} {part:,}" for code, part in b.outcomes.items()]
            said += f" ({' · '.join(parts)})"
    said += f" = {term('figure.closing')} {b.closing:,} · {term('balance.waiting')} {b.waiting:,}"
    if b.difference:
        said += f" · {term('report.unbalanced')} {b.difference:,}"
    return para(said, "warning" if b.difference else "balance")


def numbered(sections: list[Section]) -> list[Section]:
    """Gives tables and drawings their numbers, each from one."""
    count = {"table": 0, "chart": 0}
    for block in (block for one in sections for block in one["blocks"]):
        if block["k"] in count:
            count[block["k"]] += 1
            block["no"] = term(f"paper.no.{block['k']}") % {"n": count[block["k"]]}
    return sections


def kept_figures(named: Mapping[str, Figure | Balance | int | None]) -> dict[str, Any]:
    """Figures by name as numbers alone: what editions are compared by, and what can be derived again."""
    found: dict[str, Any] = {}
    for name, one in named.items():
        if isinstance(one, Figure):
            found[name] = [one.value, one.numerator, one.denominator]
        else:
            found[name] = _terms(one) if isinstance(one, Balance) else one
    return found


def _terms(balance: Balance) -> dict[str, Any]:
    """Its terms; what passes between departments is none of the whole house's."""
    return {name: n for name, n in asdict(balance).items() if n or name not in ("taken", "handed")}
