"""The pulse: ships hints for what is due, and turns schedules into promises, once a tick."""

from collections.abc import Mapping
from datetime import datetime
from threading import Event
from typing import Final

import structlog
from flask import Flask, current_app
from sqlalchemy import DateTime, Text, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from gateway import outbox
from gateway.database import Base, platform
from gateway.outbox import Again, Lease
from gateway.schedules import Schedule

log = structlog.get_logger()

TOPIC = "schedule.run"
_SHORTEST_PAUSE: Final = 0.2


class ScheduleTick(Base):
    """When a schedule is due next. However many schedulers look, one of them moves it on."""

    __tablename__ = "schedule_ticks"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    next_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


def run(app: Flask, stop: Event) -> None:
    """Sweep until told to stop, and on time for what is due soon. A database away is waited out."""
    longest: float = app.extensions["settings"].work.sweep_seconds
    while not stop.is_set():
        pause = longest
        with app.app_context():
            try:
                sweep()
                tick()
                pause = max(_SHORTEST_PAUSE, outbox.until_due(longest))
            except OperationalError as error:
                log.warning("database_away", error=str(error.orig))
        stop.wait(pause)


def sweep() -> None:
    """Hint at every topic that has something due which nobody holds."""
    for topic in outbox.due_topics():
        outbox.hint(topic)


def tick() -> None:
    """Promise a run of every schedule whose time has come."""
    schedules: Mapping[str, Schedule] = current_app.extensions["schedules"]
    for name, schedule in schedules.items():
        with platform() as session:
            if session.execute(_MOVE, {"name": name, "every": schedule.every}).first():
                outbox.put(session, TOPIC, name)


def run_schedule(lease: Lease) -> Again | None:
    """The job of a due schedule; that of a plugin that is off now has none."""
    schedules: Mapping[str, Schedule] = current_app.extensions["schedules"]
    if schedule := schedules.get(lease.key):
        schedule.run()
    return None


_MOVE = text(
    "INSERT INTO schedule_ticks (name, next_at) VALUES (:name, clock_timestamp() + :every)"
    " ON CONFLICT (name) DO UPDATE SET next_at = clock_timestamp() + :every"
    " WHERE schedule_ticks.next_at <= clock_timestamp() RETURNING name"
)
