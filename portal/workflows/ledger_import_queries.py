"""What is known already of an old ledger's rows."""

from sqlalchemy import select

from portal.cases.models import Submission
from portal.kernel.db import db


def there(keys: list[str]) -> set[str]:
    """Which rows were brought in before."""
    return set(db.session.scalars(select(Submission.key).where(Submission.key.in_(keys))))
