"""The emergency kit: roster, telephones, plans, blank numbered sheets, and the offline form as one file each language.

It is written outside the portal every day, so that it is there when the portal is not.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from flask import current_app

from portal.backup import kit_plans, queries, sheets_print
from portal.identity import queries as people
from portal.incidents import plans
from portal.kernel import paper
from portal.kernel.config import ROOT
from portal.kernel.i18n import instant, speaking, term
from portal.roster import queries as roster

DAYS_AHEAD = 7
FORMS = {"zh_Hans_CN": "offline-zh.html", "en": "offline-en.html"}
STATIC = ROOT / "static"
# the file may neither load nor send anything, wherever it is opened
NOTHING_SENT = (
    '<meta http-equiv="Content-Security-Policy"'
    " content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">"
)


class DutyLine(NamedTuple):
    """One shift of the next days with the number under which its person is reached."""

    since: datetime
    until: datetime
    unit: str
    person: str
    role: str
    phone: str


def duty(now: datetime) -> list[DutyLine]:
    """Who is on duty from now on, in all departments."""
    names, numbers = people.names(), queries.phones()
    found = []
    for unit in people.units():
        for shift in roster.between(unit.id, now, now + timedelta(days=DAYS_AHEAD)):
            who = shift.person_id
            line = DutyLine(shift.from_at, shift.to_at, unit.name, names.get(who, ""), term(f"role.{shift.role}"),
                            numbers.get(who, ""))  # fmt: skip
            found.append(line)
    return sorted(found, key=lambda line: (line.since, line.unit))


def leaders() -> list[tuple[str, str, str]]:
    """Who can take a role in an emergency: (name, what they hold, telephone), by what they hold."""
    names, numbers = people.names(), queries.phones()
    held: dict[int, list[str]] = {}
    for role in ("commander", "watch", "responder", "supervisor", "head"):
        for person in people.holders(role):
            held.setdefault(person, []).append(term(f"role.{role}"))
    return [(names.get(who, ""), " ".join(roles), numbers.get(who, "")) for who, roles in held.items()]


def page(now: datetime) -> str:
    """The kit as one HTML page for the paper, in the language that is spoken."""
    blanks = []
    for unit in people.departments():
        blanks += sheets_print.blanks(queries.stock(unit.id), sheets_print.unit_called(unit.id))
    plan = plans.latest()
    return current_app.jinja_env.get_template("print/kit.html").render(
        duty=duty(now), leaders=leaders(), numbers=kit_plans.numbers(plan), plans=kit_plans.pages(plan, now),
        sheets=blanks, lang="zh-Hans", made=instant(now), version=plan.number, address=current_app.config["PORTAL"].url,
    )  # fmt: skip


def pdf(now: datetime) -> bytes:
    """The kit as PDF in the house's language. Raises Refused where the libraries for it lack."""
    with speaking("zh_Hans_CN"):
        made = page(now)
    return paper.laid_out(made, "kit.css")


def offline_file(language: str) -> str:
    """The offline form as one file that needs nothing else: style and script stand in it."""
    with speaking(language):
        template = current_app.jinja_env.get_template("backup/offline.html")
        page = template.render(
            folder="/static", mode="file", lang="en" if language == "en" else "zh-Hans",
            address=current_app.config["PORTAL"].url,
        )  # fmt: skip
    for name in ("tokens.css", "offline.css"):
        page = page.replace(f'<link rel="stylesheet" href="/static/{name}">', f"<style>{_text(name)}</style>")
    page = page.replace('<script src="/static/offline.js" defer></script>', NOTHING_SENT)
    return page.replace("</body>", f"<script>{_text('offline.js')}</script></body>")


def _text(name: str) -> str:
    return (STATIC / name).read_text("utf-8").replace("</", "<\\/")


def name_of(day: str) -> str:
    """The kit's name without its ending."""
    return f"emergency-kit-{day}"


def write(folder: Path, day: str, now: datetime, keep_days: int) -> int:
    """Writes a day's kit, each file whole or not at all, and removes kits that are too old; returns the PDF's bytes.

    Raises OSError where the folder cannot be written, Refused where the libraries for it lack.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for language, name in FORMS.items():  # they need no library, so they are there even if the paper is not
        _put(folder / name, offline_file(language).encode())
    body = pdf(now)
    _put(folder / f"{name_of(day)}.pdf", body)
    kits = sorted(folder.glob(f"{name_of('')}????-??-??.pdf"))
    oldest = f"{name_of('')}{(datetime.fromisoformat(day) - timedelta(days=keep_days)).date()}.pdf"
    for one in kits:
        if one.name < oldest:
            one.unlink(missing_ok=True)
    return len(body)


def _put(file: Path, body: bytes) -> None:
    """Beside its place first, so that nobody ever finds half a file."""
    beside = file.with_suffix(file.suffix + ".part")
    with beside.open("wb") as out:
        out.write(body)
        out.flush()
        os.fsync(out.fileno())
    os.replace(beside, file)
