"""Several people in one test: each request starts without the one before."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from portal.identity.actor import Actor


class Fresh(FlaskClient):
    """A browser that inherits nothing from the request before (the tests share one application context)."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Sends a request with an empty memory."""
        for name in ("_login_user", "locale"):
            g.pop(name, None)
        return super().open(*args, **kwargs)


@pytest.fixture
def signed_in(app: Flask, signed_in: Callable[[Actor], FlaskClient]) -> Callable[[Actor], FlaskClient]:
    """Browsers of several people in one test."""
    app.test_client_class = Fresh
    return signed_in
