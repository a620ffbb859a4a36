"""The wording every installation starts with, read from data/; an upgrade adds what is new in it."""

import tomllib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import select

from portal.kernel import feed
from portal.kernel.db import db
from portal.knowledge.models import KnowledgeVersion
from portal.knowledge.queries import TOPIC

DATA = Path(__file__).parent / "data" / "wording.toml"


@lru_cache(maxsize=1)
def shipped() -> dict[str, dict[str, Any]]:
    """Documents of the shipped wording by code."""
    rows = tomllib.loads(DATA.read_text(encoding="utf-8"))["wording"]
    return {
        row["code"]: {
            "step": row["step"], "channel": row.get("channel", ""), "off": False, "hands": [], "shipped": True,
            "zh": {"label": row["label"], "text": row["text"]},
            "en": {"label": row["label_en"], "text": row["text_en"]},
        }
        for row in rows
    }  # fmt: skip


def lacking() -> list[str]:
    """Codes of shipped wording that the store does not know yet."""
    known = set(db.session.scalars(select(KnowledgeVersion.code).where(KnowledgeVersion.kind == "wording")))
    return [code for code in shipped() if code not in known]


def seed(since: datetime) -> None:
    """Puts in the shipped wording that is lacking, in force from `since`. Call inside transaction()."""
    for code in lacking():
        db.session.add(
            KnowledgeVersion(
                kind="wording", code=code, version=1, state="effective", effective_from=since, data=shipped()[code]
            )
        )
        feed.touch(TOPIC, 0)
    db.session.flush()
