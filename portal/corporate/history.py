"""How the journal of a file or a project reads: who did what, newest first."""

from datetime import datetime
from typing import Any, NamedTuple

from portal.corporate.apply import Owner
from portal.directory.rules import masked, masked_phone
from portal.identity import queries as people
from portal.journal import stream
from portal.kernel.i18n import day, term
from portal.kernel.i18n import gettext as _

SHOWN = 60


class Told(NamedTuple):
    """One entry: when, who did what, what it was about, and what was said."""

    at: datetime
    head: str
    after: str
    detail: str


def history(owner: Owner, *, known: bool = True) -> list[Told]:
    """The newest entries; names and numbers of the customer's people are masked where they are on the page."""
    names = people.names()
    return [
        Told(line.at, f"{names.get(line.by_id, '')} {term('event.' + line.kind)}".strip(), *_said(line, known))
        for line in stream.read(owner.stream, newest_first=True, limit=SHOWN)
    ]


def _said(line: Any, known: bool) -> tuple[str, str]:
    """What follows the event's word, and the second line."""
    f = line.facts
    if line.kind == "ContactNamed":
        theirs = f["side"] == "theirs" and not known
        name, mobile = (masked("name", f["name"]), masked_phone(f["mobile"])) if theirs else (f["name"], f["mobile"])
        return f"{term('side.' + f['side'])} {term('contact_duty.' + f['duty'])} {name}", mobile
    if line.kind == "ContactLeft":
        return "" if not known else f["name"], f["reason"]
    if line.kind == "DueMoved":
        return f"{f['title']} {day(f['was'])} → {day(f['due'])}", f["reason"]
    if line.kind == "DuesPlanned":
        days = [day(due[2]) for due in f["dues"]]
        return f["title"], " – ".join(dict.fromkeys((days[0], days[-1]))) if days else ""
    if line.kind == "HandedOn":
        return f["person"], _("in place of %(name)s", name=f["instead_of"])
    if line.kind == "ProjectMoved":
        return f"{term('project_state.' + f['was'])} → {term('project_state.' + f['state'])}", f["reason"]
    after = f.get("title") or f.get("circuit_no") or f.get("no") or f.get("name") or f.get("trade") or ""
    phase = term(f"phase.{f['phase']}") if f.get("phase") else ""
    return " ".join(filter(None, (after, phase))), f.get("reason") or f.get("words") or ""
