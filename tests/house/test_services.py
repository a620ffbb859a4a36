"""The services the tests stand on: they start, they are fresh, they leave nothing behind."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests import services


@pytest.mark.postgres
def test_a_temporary_postgres_serves_empty_databases_and_leaves_nothing() -> None:
    services.need("postgres")
    with services.temporary_postgres() as server, services.empty_database(server) as url:
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT lower('中文 A')")) == "中文 a"
            assert connection.scalar(sa.text("SELECT current_setting('server_version_num')::int")) >= 150000
            data = Path(connection.scalar(sa.text("SHOW data_directory")))
        engine.dispose()
        assert data.parent.exists()
    assert not data.parent.exists()


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_a_missing_service_skips_on_a_laptop_and_fails_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(outcome, match=r"Chromium is not installed"):
        services.need("browser")
