"""The house and its doors are walked in a store that already holds people and work."""

from pathlib import Path

import pytest

from tests.house.walk import World, find_world, settle


@pytest.fixture(scope="session")
def filled_sqlite(tmp_path_factory: pytest.TempPathFactory, filled_sqlite: Path) -> Path:
    """A store with staff and world, made once and copied for each test."""
    return settle(tmp_path_factory.mktemp("world"), filled_sqlite)


@pytest.fixture(scope="session")
def staffed_sqlite(filled_sqlite: Path) -> Path:
    """The same: the staff is in it."""
    return filled_sqlite


@pytest.fixture
def world(app, at) -> World:
    """What there is to look at."""
    return find_world()
