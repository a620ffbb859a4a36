"""Browsers whose requests share nothing with the test but the store."""

from contextvars import Context
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient


class Apart(FlaskClient):
    """Each request in a context of its own, as in a server: no person and no session left over from the one before."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return Context().run(super().open, *args, **kwargs)


@pytest.fixture(autouse=True)
def browsers_apart(app: Flask) -> None:
    app.test_client_class = Apart
