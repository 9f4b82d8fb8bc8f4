"""Server-sent events: a page hears that something happened, and reads again what it shows.

A stream holds a thread of the web server, so there are never more than half as many streams as
threads. One connection listens for all of them, and only while there are any.
"""

import json
import threading
import time
from collections.abc import Iterator
from queue import Empty, Full, Queue
from typing import Any, Final

import psycopg
import structlog
from flask import Response, current_app
from psycopg import sql

from gateway.events.service import CHANNEL

log = structlog.get_logger()

MOST_STREAMS: Final = 32  # of the 64 threads of a web process
HEARTBEAT_SECONDS: Final = 15.0
STREAM_SECONDS: Final = 600.0  # then the browser comes again, and is asked again who it is
_RESUMED: Final = {"type": "stream.resumed"}
_TICK_SECONDS: Final = 1.0
_LONGEST_PAUSE: Final = 10.0
_BACKLOG: Final = 256

Notice = dict[str, Any]


class Stream:
    """What one page has still to hear. The page chose the name, to end it by."""

    def __init__(self, client_id: str, name: str = "") -> None:
        self.client_id = client_id
        self.name = name
        self.waiting: Queue[Notice] = Queue(_BACKLOG)
        self.ended = False

    def tell(self, notice: Notice) -> None:
        try:
            self.waiting.put_nowait(notice)
        except Full:
            # The page reads everything again after any notice: one more or less changes nothing.
            return


class LiveStreams:
    """The streams of one web process, fed by one connection to the database."""

    def __init__(self, database_url: str, most: int = MOST_STREAMS) -> None:
        self._database_url = database_url
        self._most = most
        self._lock = threading.Lock()
        self._streams: set[Stream] = set()
        self._listening = False

    def open(self, client_id: str, name: str = "") -> Stream | None:
        """A stream of this client's events; None where there are as many as there may be."""
        stream = Stream(client_id, name)
        with self._lock:
            if len(self._streams) >= self._most:
                return None
            self._streams.add(stream)
            if not self._listening:
                self._listening = True
                threading.Thread(target=self._listen, name="console-live", daemon=True).start()
        return stream

    def close(self, stream: Stream) -> None:
        """Nobody reads this stream any more. Closing it again does nothing."""
        with self._lock:
            self._streams.discard(stream)

    def end(self, client_id: str, name: str) -> None:
        """The page that opened this stream is gone; by itself that would show at a heartbeat."""
        for stream in self._open_streams():
            if (stream.client_id, stream.name) == (client_id, name):
                self.close(stream)
                stream.ended = True
                stream.tell(_RESUMED)

    def count(self) -> int:
        with self._lock:
            return len(self._streams)

    def is_listening(self) -> bool:
        with self._lock:
            return self._listening

    def _listen(self) -> None:
        pause = 0.0
        while self._is_wanted():
            time.sleep(pause)
            try:
                with psycopg.connect(self._database_url, autocommit=True) as connection:
                    connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                    self._tell_all(_RESUMED)  # what happened until now was not heard
                    pause = 0.0
                    while self._is_wanted():
                        for notify in connection.notifies(timeout=_TICK_SECONDS):
                            self._pass_on(json.loads(notify.payload))
            except psycopg.Error as error:
                pause = min(_LONGEST_PAUSE, 2 * pause or 0.5)
                log.warning("live_connection_lost", error=type(error).__name__, again_in=pause)

    def _is_wanted(self) -> bool:
        """Whether there are streams. If not, the next one starts a thread of its own."""
        with self._lock:
            self._listening = bool(self._streams)
            return self._listening

    def _pass_on(self, notice: Notice) -> None:
        client_id = notice.pop("client_id", None)
        for stream in self._open_streams():
            if stream.client_id == client_id:
                stream.tell(notice)

    def _tell_all(self, notice: Notice) -> None:
        for stream in self._open_streams():
            stream.tell(notice)

    def _open_streams(self) -> list[Stream]:
        with self._lock:
            return list(self._streams)


def respond(client_id: str, name: str) -> Response:
    """The stream as an answer: types and ids of what happens to this client, nothing else."""
    streams: LiveStreams = current_app.extensions["live"]
    stream = streams.open(client_id, name)
    if stream is None:
        return Response("All streams are taken; ask every five seconds instead.", 503)
    response = Response(_events(stream), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(lambda: streams.close(stream))
    return response


def _events(stream: Stream) -> Iterator[str]:
    ends = time.monotonic() + STREAM_SECONDS
    yield "retry: 2000\n: open\n\n"
    while time.monotonic() < ends and not stream.ended:
        try:
            yield f"data: {json.dumps(stream.waiting.get(timeout=HEARTBEAT_SECONDS))}\n\n"
        except Empty:
            yield ": still here\n\n"
