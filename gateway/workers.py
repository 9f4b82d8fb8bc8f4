"""What an RQ worker runs: take what is due of a topic, work on it under leases, settle it."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

import structlog
from flask import Flask, current_app
from redis import RedisError

from gateway import outbox, queues
from gateway.outbox import Again, Lease, LeaseLost
from gateway.queues import Lane

log = structlog.get_logger()

Handler = Callable[[Lease], Again | None]


@dataclass(frozen=True, kw_only=True)
class Job:
    """How a topic is worked on: `run` takes leased rows and settles each of them."""

    run: Callable[[Sequence[Lease]], None]
    batch: int
    lane: Lane = "work"


def each(handle: Handler, *, at_once: int = 8, lane: Lane = "work") -> Job:
    """A job that handles every row by itself, several at once."""

    def run(leases: Sequence[Lease]) -> None:
        app = this_app()

        def one(lease: Lease) -> None:
            with app.app_context():
                settle_by(handle, lease)

        if len(leases) == 1:
            settle_by(handle, leases[0])
            return
        with ThreadPoolExecutor(at_once, thread_name_prefix="job") as pool:
            list(pool.map(one, leases))

    return Job(run=run, batch=at_once, lane=lane)


def settle_by(handle: Handler, lease: Lease) -> None:
    """Handle one row and settle it; an unforeseen error is logged and tried again later."""
    try:
        outcome = handle(lease)
    except LeaseLost:
        return
    except Exception as error:
        log.exception("job_failed", topic=lease.topic, key=lease.key, attempts=lease.attempts)
        outcome = Again(after=outbox.backoff(lease.attempts), error=type(error).__name__)
    outbox.settle(lease, outcome)


def drain(topic: str) -> None:
    """Work on a topic until nothing is due or the time is over (then another hint goes out)."""
    jobs: Mapping[str, Job] = current_app.extensions["jobs"]
    job = jobs[topic]
    try:
        queues.arrived(topic)
    except RedisError as error:
        log.warning("hint_not_taken", topic=topic, error=str(error))
    ends = time.monotonic() + current_app.extensions["settings"].work.drain_seconds
    while time.monotonic() < ends:
        leases = outbox.claim(topic, job.batch)
        if not leases:
            return
        with _held(leases):
            job.run(leases)
    outbox.hint(topic)


@contextmanager
def _held(leases: Sequence[Lease]) -> Iterator[None]:
    """Extend the leases while the work goes on; they end by themselves when the process dies."""
    app = this_app()
    finished = Event()
    pause = current_app.extensions["lease"].total_seconds() / 3

    def extend() -> None:
        while not finished.wait(pause):
            with app.app_context():
                outbox.extend(leases)

    keeper = Thread(target=extend, name="lease-keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        finished.set()
        keeper.join()


def this_app() -> Flask:
    """The app itself, for threads that need its context."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app
