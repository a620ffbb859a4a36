"""Throwing away what nobody needs any more: change lines, wrong passwords, keys of sent forms."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from portal.cases.models import Submission
from portal.desk.models import Presence
from portal.identity.models import SignInFailure
from portal.intake.drafts import let_go
from portal.kernel.db import transaction
from portal.kernel.feed import KEEP_SECONDS, Change
from portal.kernel.instants import epoch

FAILURES_KEPT = timedelta(days=1)
SUBMISSIONS_KEPT = timedelta(days=7)


def prune(now: datetime) -> None:
    """Deletes change lines, signs of presence (an hour), wrong passwords (a day), keys (a week), drafts (a month)."""
    old = Submission.at < now - SUBMISSIONS_KEPT  # rows brought in stay known, or a later run would bring them again
    with transaction() as session:
        session.execute(delete(Change).where(Change.at < epoch(now) - KEEP_SECONDS))
        session.execute(delete(Presence).where(Presence.at < epoch(now) - KEEP_SECONDS))
        session.execute(delete(SignInFailure).where(SignInFailure.at < now - FAILURES_KEPT))
        let_go(now)
        session.execute(delete(Submission).where(old, Submission.key.not_like("import:%")))
