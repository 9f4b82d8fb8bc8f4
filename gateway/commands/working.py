"""`gateway worker`, `gateway scheduler`: what is done without being asked."""

import signal
from collections.abc import Sequence
from threading import Event
from types import FrameType

import click
from flask import Flask
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from gateway import queues, scheduler
from gateway.app import create_app
from gateway.embedded.processes import follow_parent
from gateway.queues import LANES, Lane


@click.command("worker")
@click.option(
    "--queue",
    "lanes",
    type=click.Choice(LANES),
    multiple=True,
    default=LANES,
    help="Take from this one alone; twice for both, the first one first. Both if not given.",
)
def worker(lanes: Sequence[Lane]) -> None:
    """Work on what is due, until told to stop."""
    follow_parent()
    work(create_app(), lanes)


@click.command("scheduler")
def scheduling() -> None:
    """Ship hints for what is due and start what is scheduled, until told to stop."""
    follow_parent()
    schedule(create_app())


def work(app: Flask, lanes: Sequence[Lane]) -> None:
    with app.app_context():
        taken = [queues.queue(lane) for lane in lanes]
        SimpleWorker(taken, connection=queues.connect(), serializer=JSONSerializer).work(
            logging_level="WARNING"
        )


def schedule(app: Flask) -> None:
    stop = Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    scheduler.run(app, stop)
