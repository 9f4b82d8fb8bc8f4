"""Is the process up, and can it work?"""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields
from redis import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from gateway import queues
from gateway.database import db
from gateway.schema_version import expected
from gateway.shapes import Shown

blueprint = Blueprint("health", __name__)


class Alive(Shown):
    status = fields.String()


class Readiness(Shown):
    """Each check is `ok`, or says what is wrong."""

    ready = fields.Boolean()
    checks = fields.Dict(keys=fields.String(), values=fields.String())


@blueprint.get("/healthz")
@blueprint.response(200, Alive)
def healthz() -> dict[str, str]:
    """Is the process up?"""
    return {"status": "ok"}


@blueprint.get("/readyz")
@blueprint.alt_response(503, schema=Readiness, description="Not ready")
@blueprint.response(200, Readiness)
def readyz() -> tuple[dict[str, Any], int]:
    """Can it work?

    Ready when the database answers and is migrated. Redis away is said, and no reason to fail:
    nothing accepted depends on it.
    """
    checks = {"database": _database(), "redis": _redis()}
    ready = checks["database"] == "ok"
    return {"ready": ready, "checks": checks}, 200 if ready else 503


def _database() -> str:
    try:
        with db.engines[None].connect() as connection:
            at = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except SQLAlchemyError as error:
        return type(error).__name__
    if at == expected():
        return "ok"
    return f"at migration {at}, not {expected()}: run `gateway db upgrade`"


def _redis() -> str:
    try:
        queues.connect().ping()
    except RedisError as error:
        return type(error).__name__
    return "ok"
