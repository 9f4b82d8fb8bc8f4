"""Many values in one statement: an array for each column, however many rows there are."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Text, column, func, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import QueryableAttribute
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine

from gateway.plugin_api import Base


def is_any(column: QueryableAttribute[str], values: Iterable[str]) -> ColumnElement[bool]:
    """The column is one of these."""
    return column == func.any(literal([*values], ARRAY(_flat(column.type))))


def as_table(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> TableValuedAlias:
    """Rows of a table, or some of their columns, as a table to select from."""
    types = {name: _flat(model.__table__.c[name].type) for name in rows[0]}
    arrays = [literal([row[name] for row in rows], ARRAY(it)) for name, it in types.items()]
    columns = [column(name, it) for name, it in types.items()]
    return func.unnest(*arrays).table_valued(*columns, name="given").render_derived()


def _flat(type_: TypeEngine[Any]) -> TypeEngine[Any]:
    """As the element of an array, which has no collation."""
    return Text() if isinstance(type_, Text) else type_
