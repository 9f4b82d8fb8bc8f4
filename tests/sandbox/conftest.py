"""How the sandbox's tests wait: for a condition, never for a time."""

import time
from collections.abc import Callable

import pytest

PATIENCE_SECONDS = 60.0


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Waits until something is so; fails when it takes too long."""

    def wait(is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            assert time.monotonic() < deadline, "it never came about"
            time.sleep(0.01)

    return wait
