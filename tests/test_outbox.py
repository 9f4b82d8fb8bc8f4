"""What was promised happens: once at a time, by whoever holds the lease, whatever Redis does."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from gateway import doctor, outbox, queues, scheduler, workers
from gateway.database import platform
from gateway.outbox import Again, Lease, LeaseLost, OutboxRow
from gateway.workers import Job, each
from tests.harness import PATIENCE, Gateway, pauses

TOPIC = "tests.topic"


@pytest.fixture
def promised(app: Flask) -> Flask:
    with app.app_context():
        _promise("a")
    return app


def _promise(key: str, *, after: float = 0) -> None:
    with platform() as session:
        outbox.put(session, TOPIC, key, after=after)


def test_promises_that_are_gathered_are_made_once_and_together(app: Flask) -> None:
    with app.app_context():
        with platform() as session:
            with outbox.gathered(session):
                for key in ("b", "a", "b"):
                    outbox.put(session, TOPIC, key, after=60)
                with suppress(ZeroDivisionError), outbox.gathered(session):
                    outbox.put(session, TOPIC, "of what was taken back")
                    raise ZeroDivisionError
                with outbox.gathered(session):
                    outbox.put(session, TOPIC, "b")
                    _promise("b", after=60)  # of another transaction: nobody is in its way
            outbox.put(session, TOPIC, "c")

        assert [(it.key, it.generation) for it in sorted(outbox.claim(TOPIC, 10), key=_key)] == [
            ("b", 2),
            ("c", 1),
        ]
        with platform() as session:
            later = session.scalars(select(OutboxRow.key).where(OutboxRow.lease_until.is_(None)))
            assert later.all() == ["a"]


def _key(lease: Lease) -> str:
    return lease.key


def _promise_and_fail() -> None:
    with platform() as session:
        outbox.put(session, TOPIC, "a")
        raise ZeroDivisionError


def _keys() -> list[str]:
    return [lease.key for lease in outbox.claim(TOPIC, 10)]


def test_a_promise_is_leased_to_one_holder(promised: Flask) -> None:
    with promised.app_context():
        (lease,) = outbox.claim(TOPIC, 10)
        assert (lease.key, lease.fence, lease.attempts) == ("a", 1, 1)
        assert outbox.claim(TOPIC, 10) == []
        assert TOPIC not in outbox.due_topics()


def test_two_who_claim_at_once_share_the_work(app: Flask) -> None:
    with app.app_context():
        for number in range(20):
            _promise(str(number))
    start = threading.Barrier(4)

    def claim(_: int) -> list[str]:
        with app.app_context():
            start.wait()
            return [lease.key for lease in outbox.claim(TOPIC, 5)]

    with ThreadPoolExecutor(4) as pool:
        taken = [key for keys in pool.map(claim, range(4)) for key in keys]
    assert sorted(taken, key=int) == [str(number) for number in range(20)]


def test_a_dead_holders_work_returns_when_its_lease_ends(promised: Flask) -> None:
    with promised.app_context():
        promised.extensions["lease"] = timedelta(seconds=0)
        (dead,) = outbox.claim(TOPIC, 10)
        promised.extensions["lease"] = timedelta(seconds=15)
        (heir,) = outbox.claim(TOPIC, 10)
        assert heir.fence == dead.fence + 1
        with pytest.raises(LeaseLost), platform() as session:
            outbox.guard(session, dead)
        outbox.settle(dead, None)
        outbox.extend([dead])
        with platform() as session:
            outbox.guard(session, heir)


def test_what_is_done_is_gone(promised: Flask) -> None:
    with promised.app_context():
        (lease,) = outbox.claim(TOPIC, 10)
        outbox.settle(lease, None)
        assert _keys() == []


def test_what_is_promised_meanwhile_is_due_again(promised: Flask) -> None:
    with promised.app_context():
        (lease,) = outbox.claim(TOPIC, 10)
        _promise("a")
        outbox.settle(lease, None)
        assert _keys() == ["a"]


def test_again_waits_unless_something_came_meanwhile(promised: Flask) -> None:
    with promised.app_context():
        (lease,) = outbox.claim(TOPIC, 10)
        outbox.settle(lease, Again(after=60))
        assert _keys() == []
        _promise("a")
        (lease,) = outbox.claim(TOPIC, 10)
        _promise("a")
        outbox.settle(lease, Again(after=60))
        assert _keys() == ["a"]


def test_failed_attempts_are_counted_and_waits_are_not(promised: Flask) -> None:
    with promised.app_context():
        for attempt in (1, 2):
            (lease,) = outbox.claim(TOPIC, 10)
            assert lease.attempts == attempt
            outbox.settle(lease, Again(after=0, error="no_answer"))
        (lease,) = outbox.claim(TOPIC, 10)
        outbox.settle(lease, Again(after=0))
        (lease,) = outbox.claim(TOPIC, 10)
        assert lease.attempts == 1


def test_the_earlier_of_two_promises_counts(app: Flask) -> None:
    with app.app_context():
        _promise("a", after=60)
        assert _keys() == []
        _promise("a")
        assert _keys() == ["a"]


def test_a_promise_of_a_transaction_that_failed_is_none(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(ZeroDivisionError):
            _promise_and_fail()
        assert _keys() == []
        assert queues.queue().count == 0


def test_a_broken_handler_is_tried_again_and_delays_nobody(app: Flask) -> None:
    seen: list[str] = []

    def handle(lease: outbox.Lease) -> None:
        seen.append(lease.key)
        if lease.key == "broken":
            raise ZeroDivisionError

    app.extensions["jobs"][TOPIC] = each(handle)
    with app.app_context():
        _promise("broken")
        _promise("sound")
        workers.drain(TOPIC)
        assert sorted(seen) == ["broken", "sound"]
        with platform() as session:
            rows = session.query(outbox.OutboxRow).all()
        assert [(row.key, row.error) for row in rows] == [("broken", "ZeroDivisionError")]
        [said] = [one.detail for one in doctor.examine() if one.check == "retries"]
        assert said == "This failed and is tried again: 1 of tests.topic (ZeroDivisionError)."


def test_a_long_job_keeps_its_lease(app: Flask) -> None:
    length = timedelta(seconds=3)
    app.extensions["lease"] = length
    rivals: list[list[str]] = []

    def run(leases: Sequence[outbox.Lease]) -> None:
        first = _lease_ends()
        for pause in pauses(PATIENCE):
            rivals.append(_keys())
            if _lease_ends() > first + length:  # longer than it was given for
                break
            threading.Event().wait(pause)
        for lease in leases:
            outbox.settle(lease, None)

    app.extensions["jobs"][TOPIC] = Job(run=run, batch=1)
    with app.app_context():
        _promise("a")
        workers.drain(TOPIC)
        assert outbox.due_topics() == []
    assert rivals
    assert not any(rivals)


def _lease_ends() -> datetime:
    with platform() as session:
        ends = session.query(outbox.OutboxRow).one().lease_until
    assert ends is not None
    return ends


def test_a_hint_is_sent_once_until_it_is_taken(promised: Flask) -> None:
    with promised.app_context():
        assert queues.queue().count == 1
        outbox.hint(TOPIC)
        assert queues.queue().count == 1
        queues.arrived(TOPIC)
        outbox.hint(TOPIC)
        assert queues.queue().count == 2


def test_an_emptied_redis_loses_nothing(promised: Flask) -> None:
    with promised.app_context():
        queues.connect().flushdb()
        scheduler.sweep()
        assert queues.queue().count == 0, "nobody works on it: its plugin is off"
        promised.extensions["jobs"][TOPIC] = each(lambda lease: None)
        scheduler.sweep()
        (job,) = queues.queue().jobs
        assert job.args == [TOPIC]


def test_redis_away_fails_no_request(gateway: Gateway) -> None:
    gateway.app.extensions["redis"] = queues.client("redis://127.0.0.1:1/0")
    client = gateway.client()
    line = gateway.post(f"/v1/clients/{client}/lines", {"case": "virtual-number"})
    assert line["status"] == "pending"
    ready = gateway.session.get(f"{gateway.url}/readyz").json()
    assert ready["ready"]
    assert ready["checks"]["redis"] == "ConnectionError"
    path = f"/v1/clients/{client}/lines/{line['id']}"
    gateway.until(lambda: gateway.get(path)["status"], lambda status: status == "active")
