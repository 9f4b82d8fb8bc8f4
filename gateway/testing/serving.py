"""A WSGI application on loopback, for as long as a test takes; and patience."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

PATIENCE_SECONDS = 60.0


class _Silent(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """Nobody reads it, and there are many."""


@contextmanager
def served(app: Any = None, port: int = 0) -> Iterator[tuple[str, Callable[[Any], None]]]:
    """A threaded HTTP server on loopback; its URL, and how to give it its WSGI app."""
    server = make_server(
        "127.0.0.1", port, app or (lambda *_: [b""]), threaded=True, request_handler=_Silent
    )
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()

    def use(wsgi: Any) -> None:
        server.app = wsgi

    try:
        yield f"http://127.0.0.1:{server.server_port}", use
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def eventually(is_so: Callable[[], bool]) -> None:
    """Wait until it is so; AssertionError when patience ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.01)
