"""`gateway worker`, `gateway scheduler`: what is done without being asked."""

import signal
from threading import Event
from types import FrameType

import click
from flask import Flask
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from gateway import queues, scheduler
from gateway.app import create_app
from gateway.embedded.processes import follow_parent


@click.command("worker")
def worker() -> None:
    """Work on what is due, until told to stop."""
    follow_parent()
    work(create_app())


@click.command("scheduler")
def scheduling() -> None:
    """Ship hints for what is due and start what is scheduled, until told to stop."""
    follow_parent()
    schedule(create_app())


def work(app: Flask) -> None:
    with app.app_context():
        SimpleWorker([queues.queue()], connection=queues.connect(), serializer=JSONSerializer).work(
            logging_level="WARNING"
        )


def schedule(app: Flask) -> None:
    stop = Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    scheduler.run(app, stop)
