"""What bringing another system's rows in costs: processor seconds of one core, from some thousand rows."""

import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from portal.identity.actor import SYSTEM
from portal.intake import importer
from portal.intake.import_rules import Options
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.i18n import local
from tests import stores
from tests.services import empty_database, temporary_postgres

ROWS = int(os.environ.get("BENCH_IMPORT", 4_000))
WHOLE, PARTS = 100_000, 20
NAME = "import 100,000 rows, {}: seconds of CPU, from {:,}"
TEXTS = (
    "宽带昨晚起频繁掉线，重启光猫无效，请尽快上门处理",
    "订单支付后一直显示处理中，客服说会退款但没有到账",
    "建议在手机上增加电子发票功能",
    "话费多扣了一百元，要求退还并解释原因",
)
COLUMNS = {"内容": "description", "客户": "customer_name", "要求": "demand", "时间": "received_at"}


def targets() -> dict[str, float]:
    """The rows of the table with their limits: five minutes on one core."""
    return {NAME.format(engine, ROWS): 300.0 for engine in ("sqlite", "postgresql")}


def measure(results: dict[str, float]) -> None:
    """Both engines, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        _measure_one(results, Path(folder), None)
    with temporary_postgres() as server, empty_database(server) as url, tempfile.TemporaryDirectory() as folder:
        _measure_one(results, Path(folder), url)


def _measure_one(results: dict[str, float], folder: Path, url: str | None) -> None:
    app, now = stores.build(folder, url), datetime.fromtimestamp(clock.millis() // 1000, UTC)
    stores.fill(app)
    with app.app_context():
        options = Options(columns=COLUMNS, channel="app", defaults={"happened": "见内容"})
        importer.run(_sheet(folder / "warm.csv", 100, now), options, SYSTEM, now, dry_run=False)
        spans = []
        for part in range(PARTS):  # the best part: other work on the machine counts little
            file = _sheet(folder / f"rows{part}.csv", ROWS // PARTS, now)
            begun = time.process_time()
            done = importer.run(file, options, SYSTEM, now, dry_run=False)
            spans.append(time.process_time() - begun)
            if done.added != ROWS // PARTS:
                raise RuntimeError(f"{done.added} rows came in: {done.refused[:3]}")
        results[NAME.format(db.engine.dialect.name, ROWS)] = min(spans) * WHOLE * PARTS / ROWS
    stores.close(app)


def _sheet(path: Path, rows: int, now: datetime) -> Path:
    """A file of different customers over the last thirty days."""
    lines = [
        f"第{n}号：{TEXTS[n % 4]}，已第{n % 7}次反映,客户{path.stem}{n},尽快处理,"
        f"{local(now - timedelta(minutes=1 + n * 43_200 // rows)):%Y-%m-%d %H:%M}"
        for n in range(rows)
    ]
    path.write_text("\n".join((",".join(COLUMNS), *lines)), encoding="utf-8")
    return path


def main() -> None:
    """These rows alone."""
    results: dict[str, float] = {}
    measure(results)
    for name, limit in targets().items():
        print(f"{name:62} {results[name]:8.1f} at most {limit:6.1f}")


if __name__ == "__main__":
    main()
