"""What people can do beyond their roles (IN13): words by which requests are dispatched, such as English or 专线."""

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, literal, select

from portal.identity.actor import Actor
from portal.identity.models import Person
from portal.identity.policy import allow
from portal.identity.upkeep import write_down
from portal.kernel.db import db
from portal.kernel.errors import Invalid

MOST, LONGEST = 8, 20


def parted(text: str) -> list[str]:
    """Skills as people type them, parted by commas, each once. Raises Invalid for one too long and for too many."""
    found = dict.fromkeys(filter(None, (" ".join(part.split()) for part in re.split(r"[,，、;；\n]", text))))
    if len(found) > MOST or any(len(one) > LONGEST for one in found):
        raise Invalid("skills_short", field="skills", most=MOST, longest=LONGEST)
    return list(found)


def set_skills(actor: Actor, now: datetime, person: Person, text: str) -> bool:
    """What somebody can do, as it was typed; False, and nothing written, where it is so already."""
    allow(actor, "people.manage")
    old, new = person.skills, ",".join(parted(text))
    if old == new:
        return False
    person.skills = new
    write_down("SkillsSet", {"person": person.id, "old": old, "skills": new}, actor, now, person.id)
    return True


def known() -> list[str]:
    """The skills somebody has, in their order."""
    held: Iterable[str] = db.session.scalars(select(Person.skills).where(Person.skills != "", Person.active))
    return sorted({one for many in held for one in many.split(",")})


def having(skill: str) -> ColumnElement[bool]:
    """The condition that a person has this skill."""
    return (literal(",") + Person.skills + ",").contains(f",{skill},", autoescape=True)
