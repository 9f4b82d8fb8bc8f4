"""One tick counts once, however many schedulers look."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Event, Thread

import pytest
from flask import Flask

from gateway import outbox, scheduler, workers
from gateway.database import platform
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


def test_what_is_due_soon_is_hinted_at_on_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = app.extensions["settings"]
    rare = replace(settings, work=replace(settings.work, sweep_seconds=60.0))
    monkeypatch.setitem(app.extensions, "settings", rare)
    app.extensions["jobs"]["soon"] = workers.each(lambda lease: None)
    hinted, stop = Event(), Event()
    monkeypatch.setattr(outbox, "hint", lambda topic: topic == "soon" and hinted.set())
    with app.app_context(), platform() as session:
        outbox.put(session, "soon", "key", after=0.4)
    pulse = Thread(target=scheduler.run, args=(app, stop))
    pulse.start()
    in_time = hinted.wait(20)
    stop.set()
    pulse.join()
    assert in_time


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
