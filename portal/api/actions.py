"""Tokens are given out and taken back; what another system hands in becomes a request or a voicemail, once (IN11)."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from portal.api.models import ApiToken
from portal.api.rules import content, digest, key_of
from portal.attachments.taking import Taken
from portal.cases.models import Case, Submission
from portal.identity.actor import SYSTEM, Actor
from portal.identity.policy import allow
from portal.intake import import_rules, importer, spellings, voicemail_actions
from portal.intake.import_rules import FIELDS, Options, Record, Refusal
from portal.intake.models import Voicemail
from portal.journal import stream
from portal.kernel.db import db, write
from portal.kernel.errors import Invalid, Missing, Refused

STREAM = "config:api"
HANDED = "INSERT INTO submission(key, person_id, ref, at) VALUES(:key, 0, :ref, :at)"
SAID = "UPDATE submission SET digest = :digest WHERE key = :key"


def add_token(actor: Actor, now: datetime, name: str, *, figures: bool = False) -> str:
    """A token for another system, told this once; with `figures` it reads figures instead of handing requests in.

    Raises Invalid for an empty name or one that was given before.
    """
    allow(actor, "token.edit")
    wanted = name.strip()[:60]
    if not wanted or db.session.scalar(select(ApiToken.id).where(ApiToken.name == wanted)):
        raise Invalid("token_name", field="name")
    secret = "crp_" + secrets.token_urlsafe(32)
    db.session.add(ApiToken(name=wanted, sha256=digest(secret), figures=figures, by_id=actor.id, at=now))
    stream.append(
        STREAM, "TokenAdded", {"name": wanted} | ({"figures": True} if figures else {}), by_id=actor.id, at=now
    )
    return secret


def revoke_token(actor: Actor, now: datetime, name: str) -> None:
    """From now on the token opens nothing. Raises Missing for one that does not stand."""
    allow(actor, "token.edit")
    row = db.session.scalar(select(ApiToken).where(ApiToken.name == name.strip(), ApiToken.revoked_at.is_(None)))
    if row is None:
        raise Missing("not_found")
    row.revoked_at = now
    stream.append(STREAM, "TokenRevoked", {"name": row.name}, by_id=actor.id, at=now)


def hand_in(now: datetime, token_id: int, key: str, channel: str, values: Mapping[str, str]) -> tuple[Case, bool]:
    """(the request, whether it is new): vague ones are taken too, marked for completion (IN3).

    Raises Invalid, and Refused for a key under which something else came in.
    """
    allow(SYSTEM, "case.log")
    kept = key_of(token_id, key)
    said = content(channel, *(values.get(name, "") for name in FIELDS))
    known = _known(kept, said)
    if known:
        return db.session.get_one(Case, known), False
    options = Options(columns={name: name for name in FIELDS}, channel=channel, spelled=spellings.codes())
    import_rules.check(options)
    cells = {name: values.get(name, "") for name in FIELDS}
    row = import_rules.row_of(Record(1, tuple(cells.values())), cells, kept, options, now)
    if isinstance(row, Refusal):
        code = {"row_no_description": "api_empty"}.get(row.code, row.code)
        raise Invalid(code, **{"field": row.facts.get("column", "description"), **row.facts})
    case = importer.take_row(row, options, now)
    write(SAID, {"key": kept, "digest": said})
    return case, True


def _known(kept: str, said: str) -> int | None:
    """What came in under this key before, or None. Raises Refused when it was something else."""
    found = db.session.execute(select(Submission.ref, Submission.digest).where(Submission.key == kept)).first()
    if found is None:
        return None
    if found.digest and found.digest != said:
        raise Refused("api_key_used", field="key")
    return int(found.ref)


def hand_in_voicemail(
    now: datetime, token_id: int, key: str, *, hotline: str, caller: str, received: datetime, recording: Taken,
    sent_at: str = "",
) -> tuple[Voicemail, bool]:  # fmt: skip
    """(the voicemail in its queue, whether it is new). Raises Invalid, and Refused for a key used for another one."""
    allow(SYSTEM, "case.log")
    kept, said = key_of(token_id, key), content(hotline, caller, sent_at, recording.sha256)
    known = _known(kept, said)
    if known:
        return db.session.get_one(Voicemail, known), False
    row = voicemail_actions.put_in(
        SYSTEM, now, hotline=hotline, caller=caller, received=received, recording=recording
    )  # fmt: skip
    write(HANDED, {"key": kept, "ref": row.id, "at": int(now.timestamp())})
    write(SAID, {"key": kept, "digest": said})
    return row, True
