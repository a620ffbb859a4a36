"""A portal on a store filled for measuring."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from portal.archive import batch
from portal.archive.rules import Paper
from portal.identity import session as sessions
from portal.kernel import clock
from portal.kernel.db import transaction
from tests import stores
from tests.archive.texts import some_paper
from tests.bench.loader import load
from tests.bench.store import case_with_history, make_staff, make_templates, spread

CHUNK = 5_000  # archived records of one transaction


@contextmanager
def portal(open_cases: int, closed: int = 0) -> Iterator[tuple[Any, dict[str, Any], str, str]]:
    """An application on a store with so many open and archived cases: app, staff, the handler's cookie, a case number.

    Archived records are spread over two years and all belong to one case; only the archive reads them.
    """
    folder = Path(tempfile.mkdtemp())
    app = stores.build(folder)
    stores.fill(app)
    now = datetime.fromtimestamp(clock.millis() // 1000 - 4 * 86_400, UTC)
    with app.app_context():
        with transaction():
            staff = make_staff()
            made = make_templates(staff, now)
            no = case_with_history(staff, now, 20)
        departments = [3, 4, 5, 2]
        load(made, spread(open_cases, len(made), departments), journal=open_cases <= 20_000)
        for first in range(0, closed, CHUNK):
            with transaction():
                batch.load(_paper(n, closed, made[0], now) for n in range(first, min(closed, first + CHUNK)))
        with transaction():
            token = sessions.sign_in(staff["handler"].id, clock.now())
            agent = sessions.sign_in(staff["agent"].id, clock.now())
        yield app, staff | {"agent_token": agent}, cookie(app, token), no
        stores.close(app)
    shutil.rmtree(folder, ignore_errors=True)


def _paper(number: int, closed: int, case_id: int, now: datetime) -> Paper:
    """One of the archived records, the oldest two years old."""
    at = now - timedelta(days=730) * ((closed - number) / closed)
    return some_paper(number, case_id, at=at.replace(microsecond=0))


def cookie(app: Flask, token: str) -> str:
    """The cookie of a signed-in browser."""
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return f"portal={signer.dumps({'_user_id': token, '_fresh': True})}; locale=zh_Hans_CN"
