"""RQ carries one thing: the hint that a topic has work due. The work itself is in the outbox.

What waits for strangers' servers has a queue of its own, so that some workers never wait with it.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal, get_args

from flask import current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

Lane = Literal["work", "pushes"]

LANES: Final[tuple[Lane, ...]] = get_args(Lane)  # whoever takes of both takes of the first first
_HINT_SECONDS: Final = 5


def client(url: str) -> Redis:
    """A client that gives up at once: a hint is not worth waiting for, the sweeper repeats it."""
    return Redis.from_url(
        url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=0.5, health_check_interval=30
    )


def connect() -> Redis:
    """The app's Redis client."""
    found: Redis = current_app.extensions["redis"]
    return found


def queue(lane: Lane = "work") -> Queue:
    return Queue(f"gateway.{lane}", connection=connect(), serializer=JSONSerializer)


def shares(workers: int) -> Sequence[Sequence[Lane]]:
    """Which queues each of so many workers takes from: of two or more, some take no pushes."""
    if workers == 1:
        return [LANES]
    return [LANES if number % 2 else ("work",) for number in range(workers)]


def enqueue(topic: str) -> None:
    """Carry a hint unless one is under way. Raises RedisError where Redis is away."""
    if connect().set(_hint_key(topic), 1, nx=True, ex=_HINT_SECONDS):
        job: Any = current_app.extensions["jobs"].get(topic)
        queue(job.lane if job else "work").enqueue(
            "gateway.workers.drain", topic, job_timeout=120, result_ttl=0, failure_ttl=3600
        )


def arrived(topic: str) -> None:
    """The hint is being worked on: what comes from now on needs one of its own."""
    connect().delete(_hint_key(topic))


def _hint_key(topic: str) -> str:
    return f"gateway:hint:{topic}"
