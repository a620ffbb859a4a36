"""The pictures of docs/workflows.md: `python -m tests.workflows.pictures` draws them anew; a test compares them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portal.demo.accounts import UNITS as DEMO
from portal.identity.seed import UNITS
from portal.kernel.config import ROOT
from portal.workflows.picture import drawn
from portal.workflows.shipped import FLOWS, shipped

FOLDER = ROOT / "docs" / "pictures"
HOLDERS = {
    "@raiser": ("发起人", "Who raised it"),
    "@customer": ("客户归属部门", "The customer's department"),
    "@outside": ("外部单位", "Outside the portal"),
    "@chosen": ("上一工序指定", "Whom the step before names"),
}
STYLE = """
.flow-picture { background: #fff; font-family: "Noto Sans", "Noto Sans SC", "Microsoft YaHei", sans-serif; }
text { font-size: 13px; text-anchor: middle; fill: #17202e; }
.flow-who, .flow-label text { font-size: 11px; fill: #435063; }
.flow-box { fill: #fff; stroke: #7b8594; }
.flow-decision .flow-box { fill: #e6eefb; }
.flow-end .flow-box { fill: #eef0f3; }
.flow-line, .flow-return { fill: none; stroke: #7b8594; stroke-width: 1.3; }
.flow-return { stroke: #b3261e; stroke-dasharray: 5 4; }
.flow-tip, .flow-bar { fill: #7b8594; }
.flow-label rect { fill: #fff; stroke: #c9cfd8; }
"""


def pictures() -> Iterator[tuple[Path, str]]:
    """Each file with what it has to hold: the shipped flows in both languages, from top to bottom."""
    names = HOLDERS | {code: (zh, en) for code, zh, en, _kind, _parent in (*UNITS, *DEMO)}
    for flow in FLOWS:
        languages: list[Any] = ["zh", "en"]
        for n, lang in enumerate(languages):
            called = {code: words[n] for code, words in names.items()}
            svg = str(drawn(shipped(flow), {}, lang, names=called, down=True, name=flow))
            head, rest = svg.split(">", 1)
            head = head.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
            yield FOLDER / f"flow-{flow}-{lang}.svg", f"{head}><style>{STYLE}</style>{rest}\n"


if __name__ == "__main__":
    for path, text in pictures():
        path.write_text(text, encoding="utf-8")
