"""Which cards there are: those of this release, and what was imported over or beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from importlib import resources
from typing import Final

from sqlalchemy import bindparam, func, insert, select, text
from sqlalchemy.orm import Session

from gateway.plugin_api import UnknownRateCard, now, platform
from plugins.cost_reporting import card_files
from plugins.cost_reporting.models import Card, CardRow
from plugins.cost_reporting.rate_cards import RateCard, Row

SHIPPED: Final = ("meta", "strategy-2026")
_NEWEST: Final = select(func.max(Card.version)).where(Card.name == bindparam("name"))
_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('cost-reporting-cards', 0))")


class Cards:
    """What is in the database is asked for by version, so no process prices by an old card."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, int], RateCard] = {}

    def of(self, name: str, *, within: Session | None = None) -> RateCard:
        """The newest version. UnknownRateCard names those that there are.

        `within` a transaction of the platform or of a client, it is asked for there.
        """
        if within is None:
            with platform() as session:
                return self.of(name, within=session)
        version = _newest(within, name)
        if not version and name not in SHIPPED:
            known = ", ".join(sorted({*SHIPPED, *within.scalars(select(Card.name))}))
            raise UnknownRateCard(f"There is no rate card {name!r}; there are {known}.")
        if (name, version) not in self._read:
            rows = _imported(within, name, version) if version else shipped(name).rows
            self._read[name, version] = RateCard(name, version, rows)
        return self._read[name, version]


def shipped(name: str) -> RateCard:
    """A card of this release, as it lies in the folder `cards`."""
    path = resources.files(__package__) / "cards" / f"{name}.csv"
    return RateCard(name, 0, card_files.read(path.read_bytes()))


def put_in(name: str, rows: Iterable[Row]) -> int:
    """Import rows that were read as the newest version under a name; the version."""
    with platform() as session:
        session.execute(_LOCK)
        version = _newest(session, name) + 1
        session.add(Card(name=name, version=version, imported_at=now()))
        session.flush()
        values = [{**asdict(row), "name": name, "version": version} for row in rows]
        session.execute(insert(CardRow), values)
    return version


def listed() -> Sequence[tuple[str, int, datetime | None]]:
    """Every name, with its newest version and when that was imported; 0 and None: as shipped."""
    with platform() as session:
        newest = {
            row.name: (row.version, row.imported_at)
            for row in session.scalars(select(Card).order_by(Card.name, Card.version))
        }
    return [(name, *newest.get(name, (0, None))) for name in sorted({*SHIPPED, *newest})]


def _newest(session: Session, name: str) -> int:
    return session.scalar(_NEWEST, {"name": name}) or 0


def _imported(session: Session, name: str, version: int) -> list[Row]:
    found = session.scalars(
        select(CardRow)
        .where(CardRow.name == name, CardRow.version == version)
        .order_by(CardRow.line)
    )
    names = [field.name for field in fields(Row)]
    return [
        Row(**{**{it: getattr(row, it) for it in names}, "countries": tuple(row.countries)})
        for row in found
    ]
