"""Throwing away what nobody needs any more: change lines, wrong passwords, keys of sent forms."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from portal.cases.models import Submission
from portal.clocks.kept import epoch
from portal.identity.models import SignInFailure
from portal.kernel.db import transaction
from portal.kernel.feed import KEEP_SECONDS, Change

FAILURES_KEPT = timedelta(days=1)
SUBMISSIONS_KEPT = timedelta(days=7)


def prune(now: datetime) -> None:
    """Deletes change lines of an hour ago, wrong passwords of a day ago, keys of forms sent a week ago."""
    with transaction() as session:
        session.execute(delete(Change).where(Change.at < epoch(now) - KEEP_SECONDS))
        session.execute(delete(SignInFailure).where(SignInFailure.at < now - FAILURES_KEPT))
        session.execute(delete(Submission).where(Submission.at < now - SUBMISSIONS_KEPT))
