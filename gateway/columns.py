"""Column types that every table shares."""

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import mapped_column

from gateway.ids import TypeId, new_id

Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Json = Annotated[dict[str, Any], mapped_column(JSONB, default=dict)]
String = Annotated[str, mapped_column(Text)]
ClientId = Annotated[str, mapped_column(TypeId("cli"), primary_key=True)]


def key(prefix: str) -> Any:
    """The second part of a tenant table's primary key, made in Python."""
    return mapped_column(TypeId(prefix), primary_key=True, default=lambda: new_id(prefix))


def reference(prefix: str, *constraints: Any, **options: Any) -> Any:
    """A column that holds another row's id."""
    return mapped_column(TypeId(prefix), *constraints, **options)
