"""The database, and what waits in it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from gateway.database import db, platform
from gateway.doctor.finding import Finding
from gateway.inbound import InboundChange
from gateway.outbox import OutboxRow
from gateway.schema_version import expected


def answers() -> Iterator[Finding]:
    try:
        with db.engines[None].connect() as connection:
            at = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except SQLAlchemyError as error:
        yield Finding(
            check="database",
            verdict="FAIL",
            detail=f"It does not answer as the application's role ({type(error).__name__}).",
            remedy="Check GATEWAY_DATABASE__URL, then run `gateway db upgrade`.",
        )
        return
    if at == expected():
        yield Finding(check="database", verdict="ok", detail=f"It is at migration {at}.")
    else:
        yield Finding(
            check="database",
            verdict="FAIL",
            detail=f"It is at migration {at}, the code expects {expected()}.",
            remedy="Run `gateway db upgrade`.",
        )


def role() -> Iterator[Finding]:
    with db.engines[None].connect() as connection:
        unsafe = connection.execute(
            text(
                "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT 1 FROM pg_class c"
                " WHERE c.relowner = r.oid) FROM pg_roles r WHERE rolname = current_user"
            )
        ).scalar()
    yield Finding(
        check="separation",
        verdict="FAIL" if unsafe else "ok",
        detail="The application's role owns tables or can step around row security."
        if unsafe
        else "The application's role is fenced in.",
        remedy="Give GATEWAY_DATABASE__URL a role of its own; see docs/operations.md."
        if unsafe
        else "",
    )


def work() -> Iterator[Finding]:
    with platform() as session:
        oldest = session.scalar(
            select(func.min(OutboxRow.due_at)).where(OutboxRow.lease_until.is_(None))
        )
        failing = session.execute(
            select(OutboxRow.topic, OutboxRow.error, func.count())
            .where(OutboxRow.error.is_not(None))
            .group_by(OutboxRow.topic, OutboxRow.error)
            .order_by(OutboxRow.topic, OutboxRow.error)
        ).all()
    late = datetime.now(UTC) - oldest if oldest else timedelta()
    yield Finding(
        check="work",
        verdict="warn" if late > timedelta(minutes=1) else "ok",
        detail=f"The oldest due work has waited {max(0, int(late.total_seconds()))} s.",
        remedy="Start `gateway worker` and `gateway scheduler`."
        if late > timedelta(minutes=1)
        else "",
    )
    if failing:
        yield Finding(
            check="retries",
            verdict="warn",
            detail="This failed and is tried again: "
            + ", ".join(f"{count} of {topic} ({why})" for topic, why, count in failing)
            + ".",
            remedy="Look for `job_failed` and `step_failed` in the workers' logs. What a plugin is "
            "told (events.tell.…) waits with all that came later for that client.",
        )


def inbound() -> Iterator[Finding]:
    with platform() as session:
        kept = session.scalar(
            select(func.count()).select_from(InboundChange).where(InboundChange.state == "kept")
        )
    yield Finding(
        check="inbound",
        verdict="ok",
        detail=f"{kept} changes that name no number of ours are kept.",
    )
