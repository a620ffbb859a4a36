"""Reading the tokens of other systems."""

from sqlalchemy import select

from portal.api.models import ApiToken
from portal.api.rules import digest
from portal.kernel.db import db


def token_of(header: str) -> ApiToken | None:
    """The standing token that an Authorization header carries, or None."""
    kind, _, secret = header.partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        return None
    standing = select(ApiToken).where(ApiToken.sha256 == digest(secret.strip()), ApiToken.revoked_at.is_(None))
    return db.session.scalar(standing)


def tokens() -> list[ApiToken]:
    """All tokens that were given out, the newest last."""
    return list(db.session.scalars(select(ApiToken).order_by(ApiToken.id)))
