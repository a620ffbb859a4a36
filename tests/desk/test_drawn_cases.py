"""A drawn case page is kept by the application it was drawn in; what it held of another store is never shown."""

import pytest

from portal.kernel.db import transaction
from tests.builders import make_case


@pytest.mark.parametrize("words", ["光猫红灯一直闪，电脑不能上网", "账单金额与合同不一致，请核对"])
def test_the_first_case_of_each_store_shows_its_own_words(app, engine, at, staff, signed_in, words):
    with transaction():
        no = make_case(staff["agent"], description=words).no
    assert words in signed_in(staff["agent"]).get(f"/cases/{no}").text
