"""What a quarterly report costs: its draft in the worker beside 500,000 closed cases, and a PDF of thirty pages."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from portal.identity.actor import SYSTEM
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.i18n import local
from portal.reports import paper_actions, paper_print
from portal.reports.drafting import Drafting
from portal.reports.paper_rules import KINDS, before, days_of, midnight, period_of
from tests import stores
from tests.bench.loader import WEEK, Template, load
from tests.bench.store import make_staff
from tests.builders import closed_case

CASES = int(os.environ.get("BENCH_PAPERS", 20_000))
WHOLE, WEEKS = 500_000, 104
MADE = (("P1", "hotline", 5), ("P2", "email", 4), ("P3", "app", 2), ("P3", "hotline", 5))
DRAFT = "quarterly draft beside 500,000 closed cases, seconds of CPU, from {:,}"
LONGEST = "quarterly draft, longest single part, seconds of CPU, of {:,} cases"
PDF, MEMORY = "PDF of 30 pages, seconds of CPU", "PDF of 30 pages, MB of its process"


def targets() -> dict[str, float]:
    """The rows of the table with their limits."""
    return {DRAFT.format(CASES): 20.0, LONGEST.format(CASES): 1.0, PDF: 6.0, MEMORY: 400.0}


def measure(results: dict[str, float]) -> None:
    """A store of eight quarters, one draft of it, and its PDF in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        app = stores.build(Path(folder))
        stores.fill(app)
        now = datetime.fromtimestamp(clock.millis() // 1000, UTC)
        with app.app_context():
            _fill(now)
            page = _draft(results, now)
            file = Path(folder) / "page.html"
            file.write_text(page, encoding="utf-8")
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench.papers", str(file)], capture_output=True, text=True, check=True
            )
            said = json.loads(done.stdout)
            results[PDF], results[MEMORY] = said["seconds"], said["megabytes"]
            if not 26 <= said["pages"] <= 40:
                raise RuntimeError(f"the PDF has {said['pages']} pages")
        stores.close(app)


def _fill(now: datetime) -> None:
    """Closed cases, spread evenly over the weeks of eight quarters."""
    with transaction():
        staff = make_staff()
        made = [
            closed_case(
                staff["agent"], staff["supervisor"], staff["handler"], level=level, now=now - timedelta(days=9),
                channel=channel, rating=rating,
            ).id
            for level, channel, rating in MADE
        ]  # fmt: skip
    load([Template(one) for one in made], _plan(len(made)))
    with transaction() as session:
        session.connection().exec_driver_sql("ANALYZE")


def _plan(kinds: int) -> Iterator[tuple[int, int, dict[str, Any]]]:
    for n in range(CASES):
        yield n % kinds, -WEEK * (n * WEEKS // CASES), {}


def _draft(results: dict[str, float], now: datetime) -> str:
    """Drafts the quarter that is over, part by part, and lays it out as a page long enough."""
    kind, period = KINDS["quarterly"], before("quarter", period_of("quarter", local(now).date()))
    with transaction():
        paper = paper_actions.open_paper(SYSTEM, now, kind, period)
        paper.draft_at = now
    worker, spent, longest = Drafting(), 0.0, 0.0
    while paper.state == "waiting":
        begun = time.process_time()
        worker.step(now, seconds=0)
        took = time.process_time() - begun
        spent, longest = spent + took, max(longest, took)
    after = midnight(days_of("quarter", period)[1], local(now).tzinfo)  # type: ignore[arg-type]
    assert after < now.timestamp()
    results[DRAFT.format(CASES)] = spent * WHOLE / CASES
    results[LONGEST.format(CASES)] = longest
    prose = "本季度受理量平稳，首次响应达成率较上季度提高；夜间响应偏慢，已增加值守。" * 12
    with transaction():
        for section in kind.prose:
            text = "\n\n".join([prose] * 14)
            paper_actions.write_text(SYSTEM, now, paper, section=section, text=text, seen=None)
    laid: list[str] = []
    original, paper_print.laid_out = paper_print.laid_out, lambda page: laid.append(page) or b""  # type: ignore[assignment,func-returns-value]
    try:
        paper_print.paper_pdf(paper, "zh", now)
    finally:
        paper_print.laid_out = original
    db.session.rollback()
    return laid[0]


def _lay_out(file: Path) -> dict[str, float]:
    """One PDF in this process: CPU seconds with the first import of its library, and what the process took."""
    begun = time.process_time()
    body = paper_print.laid_out(file.read_text(encoding="utf-8"))
    seconds = time.process_time() - begun
    return {
        "seconds": seconds,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
        "pages": _pages(body),
    }


def _pages(body: bytes) -> int:
    """How many pages poppler counts."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(body)
        file.flush()
        said = subprocess.run(["pdfinfo", file.name], capture_output=True, text=True, check=True).stdout
    return int(next(line.split()[1] for line in said.splitlines() if line.startswith("Pages:")))


if __name__ == "__main__":
    print(json.dumps(_lay_out(Path(sys.argv[1]))))
