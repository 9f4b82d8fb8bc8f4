"""A connection of its own for every test."""

import pytest

from tests.ats.sender import Ats, connected
from tests.harness import Desk


@pytest.fixture
def ats(desk: Desk) -> Ats:
    return connected(desk)
