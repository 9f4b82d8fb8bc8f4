"""What was seen of lines and groups."""

from typing import Any

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.columns import ClientId, Moment
from gateway.database import Base
from gateway.ids import TypeId


class GroupsLook(Base):
    """What groups would be for a line, as it was seen last (`report`, or the `error` instead)."""

    __tablename__ = "groups_looks"

    client_id: Mapped[ClientId]
    line_id: Mapped[str] = mapped_column(TypeId("line"), primary_key=True)
    asked_at: Mapped[Moment]
    seen_at: Mapped[Moment | None]
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    error: Mapped[dict[str, str] | None] = mapped_column(JSONB)

    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "line_id"], ["lines.client_id", "lines.id"], ondelete="CASCADE"
        ),
    )
