"""What intake gives to every page and to the keeper of files: the count of voicemails, the recordings still needed."""

from collections.abc import Collection

from flask import Flask
from sqlalchemy import select

from portal import shell
from portal.attachments import holding
from portal.identity.actor import Actor
from portal.intake.models import Voicemail
from portal.intake.voicemail_actions import TOPIC
from portal.kernel import clock, feed
from portal.kernel.db import db


def wire(app: Flask) -> None:
    """Registers both."""
    shell.count("voicemails.index", waiting)
    holding.also(recordings)


def waiting(_actor: Actor) -> tuple[int, int]:
    """How many voicemails wait, and how many of them too long; counted anew when one moves, and every minute."""
    minute = clock.millis() // 60_000
    found: tuple[int, int] = shell.kept(TOPIC, (feed.version(TOPIC), minute), _count)
    return found


def _count() -> tuple[int, int]:
    now = clock.now()
    due = list(db.session.scalars(select(Voicemail.due_at).where(Voicemail.state != "logged").limit(shell.COUNTED)))
    return len(due), sum(1 for instant in due if now > instant)


def recordings(digests: Collection[str]) -> set[str]:
    """Which of these contents are recordings of voicemails."""
    return set(db.session.scalars(select(Voicemail.sha256).where(Voicemail.sha256.in_(digests))))
