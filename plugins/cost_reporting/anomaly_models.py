"""Templates that became marketing and what was sent of them, and the days that were told of."""

from datetime import date

from sqlalchemy import Date, ForeignKeyConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.plugin_api import Base, ClientId, Moment, String, reference


def _of_client() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="CASCADE")


class Reclassified(Base):
    """A template that was utility and that Meta charges as marketing, since when and until when."""

    __tablename__ = "cost_reporting_reclassified"

    client_id: Mapped[ClientId]
    template_id: Mapped[str] = reference("tpl", primary_key=True)
    name: Mapped[String]
    language: Mapped[String]
    since: Mapped[Moment]
    until: Mapped[Moment | None]
    heard_at: Mapped[Moment]  # the newest news of it that changed something

    __table_args__ = (_of_client(),)


class TemplateMessage(Base):
    """Of which template a message is that was charged as marketing."""

    __tablename__ = "cost_reporting_template_messages"

    client_id: Mapped[ClientId]
    fact: Mapped[str] = mapped_column(Text, primary_key=True)
    template_id: Mapped[str] = reference("tpl")

    __table_args__ = (_of_client(), Index(None, "client_id", "template_id"))


class Spike(Base):
    """A line's day that was told of."""

    __tablename__ = "cost_reporting_spikes"

    client_id: Mapped[ClientId]
    line_id: Mapped[str] = reference("line", primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    told_at: Mapped[Moment]

    __table_args__ = (_of_client(),)
