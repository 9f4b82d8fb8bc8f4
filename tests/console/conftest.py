"""People who are signed in."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.console.browser import Browser


@pytest.fixture
def sign_in() -> Callable[[Flask, str], Browser]:
    """Opens a browser that is signed in to a client's pages."""
    return lambda app, client_id: Browser(app).sign_in(client_id)


@pytest.fixture
def browser(app: Flask, client_id: str) -> Browser:
    """Signed in to the client's pages."""
    return Browser(app).sign_in(client_id)
