"""A store in which the shipped flows are in force."""

from typing import Any

import pytest

from portal.identity import actions as identity
from portal.identity import queries as people
from portal.identity.actor import SYSTEM
from portal.kernel.db import transaction
from tests.builders import flows_in_force, make_person

UNITS = ("netops", "enterprise", "logistics", "construction", "purchasing", "upper")


def settled() -> None:
    """The departments that the shipped flows name, each with a handler."""
    root = people.unit_id("hq")
    for code in UNITS:
        identity.add_unit(SYSTEM, code, code, name_en=code, kind="department", parent_id=root)
        make_person(role="handler", unit=code, name=code, login=f"h_{code}")


@pytest.fixture
def held(staff: Any) -> Any:
    """Departments, people, and the shipped flows in force."""
    with transaction():
        settled()
        flows_in_force()
    return staff
