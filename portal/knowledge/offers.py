"""The wording offered at a step: that of the channel first, filled with the case's values, at most nine."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from portal.kernel.i18n import locale, term
from portal.knowledge import queries, rules

MOST = 9  # Alt 1 to Alt 9


class Offer(NamedTuple):
    """A text ready to be said: `ref` is code and version, as the form sends them back when it was used."""

    ref: str
    label: str
    text: str
    step: str


def language() -> str:
    """The key of the reader's language in a document."""
    return "en" if locale() == "en" else "zh"


def offers(now: datetime, steps: Sequence[str], channel: str, values: Mapping[str, str]) -> list[Offer]:
    """What fits these steps in their order. A text with a value that is not known is left out."""
    wanted = []
    for one in queries.held("wording", now).values():
        if one.data["step"] in steps and one.data["channel"] in ("", channel):
            said = rules.in_language(one.data, language())
            text = rules.filled(said["text"], values)
            if text is not None:
                order = (steps.index(one.data["step"]), not one.data["channel"], one.code)
                offer = Offer(f"{one.code}:{one.version}", said["label"], text, term(f"step.{one.data['step']}"))
                wanted.append((order, offer))
    return [offer for _order, offer in sorted(wanted)][:MOST]


def reference(text: str) -> tuple[str, int] | None:
    """Code and version of what a form sends back; None for anything else."""
    code, _, version = text.partition(":")
    return (code[:40], int(version)) if version.isascii() and version.isdigit() and len(version) < 8 else None


def references(texts: Sequence[str]) -> list[tuple[str, int]]:
    """Those of a form's references that can be read, at most twenty."""
    return [found for found in map(reference, texts[:20]) if found is not None]
