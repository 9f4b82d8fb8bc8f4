"""One tick counts once, however many schedulers look."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

from flask import Flask

from gateway import outbox, scheduler, workers
from gateway.schedules import Schedule


def _scheduled(app: Flask, every: timedelta) -> list[int]:
    runs: list[int] = []
    app.extensions["schedules"] = {
        "count": Schedule(name="count", every=every, run=lambda: runs.append(1))
    }
    return runs


def test_several_schedulers_make_one_run_of_a_tick(app: Flask) -> None:
    runs = _scheduled(app, timedelta(hours=1))
    start = Barrier(4)

    def tick(_: int) -> None:
        with app.app_context():
            start.wait()
            scheduler.tick()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(tick, range(4)))
    with app.app_context():
        workers.drain(scheduler.TOPIC)
    assert runs == [1]


def test_the_next_tick_comes_when_its_time_is_over(app: Flask) -> None:
    runs = _scheduled(app, timedelta(microseconds=1))
    with app.app_context():
        for expected in (1, 2):
            scheduler.tick()
            workers.drain(scheduler.TOPIC)
            assert len(runs) == expected


def test_nothing_is_due_twice_in_a_tick(app: Flask) -> None:
    runs = _scheduled(app, timedelta(hours=1))
    with app.app_context():
        for _ in range(3):
            scheduler.tick()
            workers.drain(scheduler.TOPIC)
    assert runs == [1]


def test_a_run_that_fails_is_due_again(app: Flask) -> None:
    app.extensions["schedules"] = {
        "broken": Schedule(name="broken", every=timedelta(hours=1), run=lambda: 1 / 0)
    }
    with app.app_context():
        scheduler.tick()
        (lease,) = outbox.claim(scheduler.TOPIC, 1)
        workers.settle_by(scheduler.run_schedule, lease)
        with outbox.platform() as session:
            (row,) = session.query(outbox.OutboxRow).all()
        assert row.error == "ZeroDivisionError"


def test_the_pulse_ends_when_it_is_told_to(app: Flask) -> None:
    stop = Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(scheduler.run, app, stop)
        stop.set()
        running.result(10)
