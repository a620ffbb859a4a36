"""Evidence, ways out and returns as lines of text, one a line, parts parted by |; read and written. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

from portal.workflows.definition import EvidenceKind

Row = dict[str, Any]
OPTIONAL = "?"  # behind a code: it may be left out


class Unclear(ValueError):
    """A line that cannot be read; `line` counts from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def _read(text: str, least: int, most: int, make: Callable[[list[str]], Row]) -> list[Row]:
    rows = []
    for n, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        parts = [part.strip() for part in line.replace("｜", "|").split("|")]
        if not least <= len(parts) <= most or not parts[0]:
            raise Unclear(n)
        try:
            rows.append(make(parts))
        except ValueError as error:
            raise Unclear(n) from error
    return rows


def _name(parts: Sequence[str]) -> dict[str, str]:
    return {"zh": parts[0], "en": parts[1]}


def outcomes(text: str) -> list[Row]:
    """`code | 中文 | English | steps that begin`. Raises Unclear."""
    return _read(text, 4, 4, lambda p: {"code": p[0], "name": _name(p[1:]), "next": p[3].replace(",", " ").split()})


def outcomes_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Ways out as they are written."""
    return "\n".join(f"{r['code']} | {_named(r)} | {' '.join(r.get('next', ()))}" for r in rows)


def evidence(text: str) -> list[Row]:
    """`code | 中文 | English | kind [| value=中文/English; ...]`, code? may be left out. Raises Unclear."""
    return _read(text, 3, 5, _piece)


def _piece(parts: list[str]) -> Row:
    kind = parts[3] if len(parts) > 3 else "text"
    if kind not in get_args(EvidenceKind):
        raise ValueError(kind)
    row: Row = {"code": parts[0].rstrip(OPTIONAL), "name": _name(parts[1:]), "kind": kind}
    if parts[0].endswith(OPTIONAL):
        row["required"] = False
    if len(parts) > 4:
        row["choices"] = [_value(one) for one in parts[4].replace("；", ";").split(";") if one.strip()]
    return row


def _value(text: str) -> Row:
    code, _, names = text.partition("=")
    zh, parted, en = names.partition("/")
    if not parted:
        raise ValueError(text)
    return {"code": code.strip(), "name": {"zh": zh.strip(), "en": en.strip()}}


def evidence_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Evidence as it is written."""
    lines = []
    for row in rows:
        code = row["code"] + ("" if row.get("required", True) else OPTIONAL)
        values = "; ".join(f"{c['code']}={c['name']['zh']}/{c['name']['en']}" for c in row.get("choices", ()))
        parts = [f"{code} | {_named(row)} | {row.get('kind', 'text')}", *([values] if values else [])]
        lines.append(" | ".join(parts))
    return "\n".join(lines)


def returns(text: str) -> list[Row]:
    """`step | reason's code | 中文 | English`, one reason a line. Raises Unclear."""
    found: dict[str, Row] = {}
    for one in _read(text, 4, 4, lambda p: {"to": p[0], "reason": {"code": p[1], "name": _name(p[2:])}}):
        found.setdefault(one["to"], {"to": one["to"], "reasons": []})["reasons"].append(one["reason"])
    return list(found.values())


def returns_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Returns as they are written."""
    return "\n".join(f"{row['to']} | {why['code']} | {_named(why)}" for row in rows for why in row["reasons"])


def _named(row: Mapping[str, Any]) -> str:
    return f"{row['name']['zh']} | {row['name']['en']}"


def classes(text: str) -> dict[str, str]:
    """`customer class = limit`, one a line. Raises Unclear."""
    found = {}
    for n, line in enumerate(text.splitlines(), 1):
        code, parted, limit = line.partition("=")
        if parted and code.strip() and limit.strip():
            found[code.strip()] = limit.strip()
        elif line.strip():
            raise Unclear(n)
    return found


def classes_text(rows: Mapping[str, str]) -> str:
    """Limits of customer classes as they are written."""
    return "\n".join(f"{code} = {limit}" for code, limit in rows.items())
