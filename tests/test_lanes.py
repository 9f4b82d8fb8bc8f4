"""What waits for strangers' servers leaves workers free for everything else."""

import threading
from collections.abc import Iterator, Sequence

import pytest
from flask import Flask
from rq import Queue
from rq.serializers import JSONSerializer

from gateway import queues, workers
from gateway.database import tenant
from gateway.events import deliveries
from gateway.events import jobs as events_jobs
from gateway.events import service as events
from gateway.http_client import HttpClient
from gateway.queues import Lane
from tests.events.conftest import Receiver
from tests.harness import Desk, served


@pytest.mark.parametrize("count", range(1, 6))
def test_workers_take_all_there_is_and_not_all_of_them_push(count: int) -> None:
    shares = queues.shares(count)
    assert len(shares) == count
    assert all("work" in share for share in shares)
    assert any("pushes" in share for share in shares)
    assert count == 1 or any("pushes" not in share for share in shares)


@pytest.fixture
def hung(desk: Desk) -> Iterator[Receiver]:
    """An endpoint that answers nobody until the test is over, and a worker that waits for it."""
    app, let_go = desk.gateway.app, threading.Event()
    receiver = Receiver(then=lambda: let_go.wait(60) and None)
    before = app.extensions["http"]
    pushing = threading.Thread(target=_drain, args=[app, deliveries.DELIVER])
    with served(receiver) as (url, _):
        app.extensions["http"] = HttpClient(private_hosts=frozenset({url.removeprefix("http://")}))
        asked = {"url": url, "events": ["recruiter.left"]}
        endpoint = desk.gateway.post("/v1/webhook-endpoints", asked)
        with app.app_context(), tenant(desk.client) as session:
            for _ in range(2 * events_jobs.AT_ONCE):
                events.record(session, desk.client, "recruiter.left", recruiter_id=desk.recruiter)
        with app.app_context():
            queues.connect().flushdb()  # the hints of other tests
            workers.drain(events.PUBLISH)
        pushing.start()
        try:
            desk.gateway.until(lambda: len(receiver.pushed) == events_jobs.AT_ONCE, working=False)
            yield receiver
        finally:
            let_go.set()
            pushing.join()
            app.extensions["http"] = before
        desk.gateway.request("DELETE", f"/v1/webhook-endpoints/{endpoint['id']}")


def test_a_message_leaves_while_all_pushes_hang(desk: Desk, phone: str, hung: Receiver) -> None:
    talk = desk.talk(phone)
    with desk.gateway.app.app_context():
        _take_all(queues.shares(2)[0])

    [introduction] = desk.messages(talk)
    assert introduction["status"] in ("accepted", "sent", "delivered")
    assert len(hung.pushed) == events_jobs.AT_ONCE, "whoever sent it made no push, and none ended"


def _drain(app: Flask, topic: str) -> None:
    with app.app_context():
        workers.drain(topic)


def _take_all(share: Sequence[Lane]) -> None:
    """What a worker of these queues does until they are empty."""
    taken = [queues.queue(lane) for lane in share]
    redis = queues.connect()
    while found := Queue.dequeue_any(taken, None, connection=redis, serializer=JSONSerializer):
        job, _ = found
        workers.drain(*job.args)
