"""What a quarterly report costs: its draft in the worker, the queue page meanwhile, and a PDF of thirty pages."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from portal.identity import session as sessions
from portal.identity.actor import SYSTEM
from portal.jobs.drafter import give_way
from portal.jobs.rolling import KEEP, MARK, keep
from portal.kernel import clock
from portal.kernel.db import db, read, transaction, write
from portal.kernel.i18n import local
from portal.reports import paper_actions, paper_print, periods
from portal.reports.drafting import Drafting
from portal.reports.paper_models import Paper
from portal.reports.paper_rules import KINDS, before, period_of
from tests import stores
from tests.bench.filled import cookie
from tests.bench.loader import WEEK, load
from tests.bench.served import largest_mb
from tests.bench.store import make_staff, make_templates
from tests.builders import closed_case

CASES = int(os.environ.get("BENCH_PAPERS", 20_000))
WHOLE, WEEKS = 500_000, 104
MADE = (("P1", "hotline", 5), ("P2", "email", 4), ("P3", "app", 2), ("P3", "hotline", 5))
KEPT = "quarterly draft from kept counts beside 500,000 closed cases, seconds of CPU, from {:,}"
ANEW = "quarterly draft counted anew beside 500,000 closed cases, seconds of CPU, from {:,}"
LONGEST = "quarterly draft, longest single part, seconds of CPU, of {:,} cases"
MEANWHILE = "queue page p95 while drafting, against before (x), {:,} cases"
PDF, MEMORY = "PDF of 30 pages, seconds of CPU", "PDF of 30 pages, MB of its process"


def targets() -> dict[str, float]:
    """The rows of the table with their limits."""
    rows = {KEPT: 20.0, ANEW: 20.0, LONGEST: 1.0, MEANWHILE: 2.0}
    return {name.format(CASES): most for name, most in rows.items()} | {PDF: 6.0, MEMORY: 400.0}


def measure(results: dict[str, float], answering: Any, outside: Any, forget: Any) -> None:
    """A store of eight quarters, one draft of it, and its PDF in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        app = stores.build(Path(folder))
        stores.fill(app)
        now = datetime.fromtimestamp(clock.millis() // 1000, UTC)
        with app.app_context():
            file = Path(folder) / "page.html"
            token, drafted = _fill(now), {}
            call = answering(app, "/queues/tech", headers={"Cookie": cookie(app, token)})

            def drawn() -> float:
                forget(app)
                begun = time.perf_counter()
                call()
                return time.perf_counter() - begun

            outside(lambda: drafted.update(_meanwhile(results, drawn, ["draft", folder, str(file)])))
            results[KEPT.format(CASES)] = drafted["kept"] * WHOLE / CASES
            results[ANEW.format(CASES)] = drafted["anew"] * WHOLE / CASES
            results[LONGEST.format(CASES)] = drafted["longest"]
            said = json.loads(_beside(["lay_out", str(file)]).communicate()[0])
            results[PDF], results[MEMORY] = said["seconds"], said["megabytes"]
            if not 26 <= said["pages"] <= 40:
                raise RuntimeError(f"the PDF has {said['pages']} pages")
        stores.close(app)


def _fill(now: datetime) -> str:
    """Closed cases, spread evenly over the weeks of eight quarters; returns a supervisor's session."""
    with transaction():
        staff = make_staff()
        made = [
            closed_case(
                staff["agent"], staff["supervisor"], staff["handler"], level=level, now=now - timedelta(days=9),
                channel=channel, rating=rating,
            ).id
            for level, channel, rating in MADE
        ]  # fmt: skip
        waiting = make_templates(staff, now - timedelta(hours=1))
    load(made, _plan(len(made)))
    load(waiting, ((n % len(waiting), 0, {}) for n in range(200)))
    with transaction() as session:
        session.connection().exec_driver_sql("ANALYZE")
    with transaction():
        return sessions.sign_in(staff["supervisor"].id, clock.now())


def _plan(kinds: int) -> Iterator[tuple[int, int, dict[str, Any]]]:
    for n in range(CASES):
        yield n % kinds, -WEEK * (n * WEEKS // CASES), {}


def _beside(words: list[str]) -> subprocess.Popen[str]:
    """Another process of this module."""
    return subprocess.Popen([sys.executable, "-m", "tests.bench.papers", *words], stdout=subprocess.PIPE, text=True)


def _meanwhile(results: dict[str, float], drawn: Callable[[], float], words: list[str]) -> dict[str, float]:
    """Draws the queue page alone, then while another process drafts; returns what that one says."""
    alone = sorted(drawn() for _ in range(300))
    busy, other = [], _beside(words)
    while other.poll() is None:
        busy.append(drawn())
        time.sleep(0.01)
    said: dict[str, float] = json.loads(other.communicate()[0])
    busy = sorted(busy[len(busy) // 10 :])  # the other process begins with its imports
    results[MEANWHILE.format(CASES)] = busy[len(busy) * 95 // 100] / alone[len(alone) * 95 // 100]
    return said


def _draft(folder: Path, file: Path) -> dict[str, float]:
    """Drafts the quarter that is over anew, and the one before it from kept counts; lays the last out as a page."""
    app = stores.build(folder)
    give_way()
    with app.app_context():
        now = datetime.fromtimestamp(clock.millis() // 1000, UTC)
        here = local(now)
        last = before("quarter", period_of("quarter", here.date()))
        anew, longest, _ = _drafted(last, now)
        earlier = before("quarter", last)
        keep(periods.period(earlier, now, here.tzinfo), 0)  # type: ignore[arg-type]
        with transaction():
            upto = read("SELECT max(id) FROM journal", {})[0][0]
            write(KEEP, {"period": MARK, "unit": 0, "at": 0, "upto": upto, "cost": 0, "doc": ""})
        kept, _, paper = _drafted(earlier, now)
        file.write_text(_page(paper, now), encoding="utf-8")
    return {"anew": anew, "kept": kept, "longest": longest}


def _drafted(period: str, now: datetime) -> tuple[float, float, Paper]:
    """Seconds of CPU in all and of the longest part, and the report."""
    with transaction():
        paper = paper_actions.open_paper(SYSTEM, now, KINDS["quarterly"], period)
        paper.draft_at = now
    worker, spent, longest = Drafting(), 0.0, 0.0
    while paper.state == "waiting":
        begun = time.process_time()
        worker.step(now, seconds=0)
        took = time.process_time() - begun
        spent, longest = spent + took, max(longest, took)
    return spent, longest, paper


def _page(paper: Paper, now: datetime) -> str:
    """The report with much prose as the page that is laid out."""
    prose = "本季度受理量平稳，首次响应达成率较上季度提高；夜间响应偏慢，已增加值守。" * 12
    with transaction():
        for section in KINDS["quarterly"].prose:
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
        "megabytes": largest_mb(os.getpid()),  # getrusage would tell the size of who started it
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
    with suppress(BrokenPipeError):
        what, *paths = sys.argv[1:]
        print(json.dumps(_draft(*map(Path, paths)) if what == "draft" else _lay_out(Path(paths[0]))))
