"""How long a draft policy takes to be tried on past cases: `python -m tests.bench.tryout [CASES]`."""

import sys
import tempfile
import time
from copy import deepcopy
from datetime import timedelta
from pathlib import Path

from portal.clocks import tryout_queries
from portal.clocks.models import PolicyVersion
from portal.clocks.policy import load_policy
from portal.kernel.db import db, transaction
from tests import builders, stores
from tests.bench.loader import WEEK, load
from tests.bench.store import make_staff, make_templates


def main(count: int) -> None:
    """Fills a store with copies, whole weeks apart, of eleven kinds of cases (four closed); tries a draft on all."""
    app = stores.build(Path(tempfile.mkdtemp()))
    stores.fill(app)
    start = builders.NINE - timedelta(days=28)
    with app.app_context():
        with transaction():
            staff = make_staff()
            made = make_templates(staff, start)
            for level in ("P1", "P2", "P3", "P4"):
                made.append(
                    builders.closed_case(
                        staff["agent"], staff["supervisor"], staff["handler"], level=level, now=start, channel="app"
                    ).id
                )
        plan = ((n % len(made), WEEK * (n // len(made) % 4), {"unit_id": 2 + n % 4}) for n in range(count))
        load(made, plan, journal=False)
        data = deepcopy(db.session.query(PolicyVersion).one().data)
        for row in data["rows"]:
            if row["id"] in ("P3.first_response", "P3.result", "P2.result"):
                row |= {"amount": 600, "unit": "s"}
        tried = tryout_queries.trial(load_policy(data), builders.NINE, {})
        span = tryout_queries.span_of("2026-10-01", "2026-12-31")
        begun = time.process_time()
        tally = tryout_queries.whole(tried, span)
        took = time.process_time() - begun
    clocks = sum(tally.counts.values())
    print(f"{tally.cases} cases, {clocks} clocks counted, {tally.kept} kept, {tally.changed} change")
    print(f"{took:.1f} s of one core; 100,000 cases: {took / tally.cases * 100_000:.0f} s")
    stores.close(app)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
