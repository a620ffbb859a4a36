"""What a published report is: one text in one spelling, hashed; shown, printed and compared from that text alone."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from portal.journal.stream import SPELLING

LEFT_OUT = ("material",)  # offered to who writes; no part of the report


def spelled(paper: Any, texts: Mapping[str, Any], *, seal: str, at: int) -> str:
    """The report as canonical JSON: figures of both languages, prose, who wrote and signed, what it corrects."""
    data = {name: value for name, value in (paper.data or {}).items() if name not in LEFT_OUT}
    return SPELLING.encode(
        {
            "kind": paper.kind, "period": paper.period, "unit": paper.unit_id, "edition": paper.edition,
            "changed": paper.changed, "signers": paper.signers, "seal": seal, "published": at, "data": data,
            "texts": {
                section: {"text": row.text, "by": row.by_name, "at": int(row.at.timestamp())}
                for section, row in sorted(texts.items()) if row.text
            },
        }
    )  # fmt: skip


def digest(text: str) -> str:
    """SHA-256 of a frozen text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def opened(text: str) -> dict[str, Any]:
    """A frozen text as data."""
    found: dict[str, Any] = json.loads(text)
    return found


def whole(paper: Any) -> bool:
    """Whether a published report is still the one that was published."""
    return bool(paper.frozen) and digest(paper.frozen) == paper.digest
