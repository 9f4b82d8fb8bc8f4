"""Is the process up, and can it work?"""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from redis import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from gateway import queues
from gateway.database import db
from gateway.schema_version import expected

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Ready when the database answers and is migrated. Redis away is said, and no reason to fail:
    nothing accepted depends on it."""
    checks = {"database": _database(), "redis": _redis()}
    ready = checks["database"] == "ok"
    return jsonify(ready=ready, checks=checks), 200 if ready else 503


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
