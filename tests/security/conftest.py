"""Rights are tried in a store that already holds people and work."""

from pathlib import Path

import pytest

from portal.identity.actor import Actor
from tests.house.walk import World, find_staff, find_world, settle


@pytest.fixture(scope="session")
def filled_sqlite(tmp_path_factory: pytest.TempPathFactory, filled_sqlite: Path) -> Path:
    """A store with staff and world, made once and copied for each test."""
    return settle(tmp_path_factory.mktemp("world"), filled_sqlite)


@pytest.fixture
def staff(app) -> dict[str, Actor]:
    """One person of each role."""
    return find_staff()


@pytest.fixture
def world(app, at) -> World:
    """What there is to look at."""
    return find_world()
