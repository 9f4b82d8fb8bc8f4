"""What is in the drawer, put in and taken out: the only place that touches its table."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import func, insert, select

from gateway.plugin_api import now, platform
from plugins.supplier_operator_sim.models import Sim
from plugins.supplier_operator_sim.stock import StockLine

_OFFERED = 20


def put_in(stock: Sequence[StockLine]) -> list[StockLine]:
    """Put all of these in. Where some are in already: those, and nothing is put in."""
    numbers = [line.phone_number for line in stock]
    with platform() as session:
        session.connection().exec_driver_sql(
            "LOCK TABLE operator_sim_numbers IN SHARE ROW EXCLUSIVE MODE"
        )
        known = set(session.scalars(select(Sim.phone_number).where(Sim.phone_number.in_(numbers))))
        if not known and stock:
            rows = [asdict(line) | {"added_at": now()} for line in stock]
            session.execute(insert(Sim), [_without(row, "line") for row in rows])
    return [line for line in stock if line.phone_number in known]


def all_sims() -> Sequence[Sim]:
    """Every card, in and out."""
    with platform() as session:
        return session.scalars(select(Sim).order_by(Sim.phone_number)).all()


def throw_away(phone_number: str) -> bool:
    """Take a card out for good; False where it is not in the drawer."""
    with platform() as session:
        sim = session.get(Sim, phone_number, with_for_update=True)
        if sim is None or sim.reference is not None:
            return False
        session.delete(sim)
    return True


def holds(country: str) -> bool:
    """Whether there are cards of this country, be they all in use."""
    with platform() as session:
        return bool(session.scalar(select(select(Sim).where(Sim.country == country).exists())))


def free(country: str) -> Sequence[Sim]:
    """Some cards of a country that nobody has, other ones first each time."""
    with platform() as session:
        return session.scalars(
            select(Sim)
            .where(Sim.country == country, Sim.reference.is_(None))
            .order_by(func.random())
            .limit(_OFFERED)
        ).all()


def card(phone_number: str) -> Sim | None:
    """The card of this number."""
    with platform() as session:
        return session.get(Sim, phone_number)


def of_order(reference: str) -> Sim | None:
    """The card that an order has."""
    with platform() as session:
        return session.scalars(select(Sim).where(Sim.reference == reference)).first()


def take(phone_number: str, reference: str) -> Sim | None:
    """Give the card to an order; None where another has it. An order has one card only."""
    with platform() as session:
        sim = session.get(Sim, phone_number, with_for_update=True)
        if sim is None or sim.reference not in (None, reference):
            return None
        sim.reference, sim.ordered_at = reference, sim.ordered_at or now()
        return sim


def give_back(reference: str) -> None:
    """The order's card is in the drawer again."""
    with platform() as session:
        sim = session.scalars(
            select(Sim).where(Sim.reference == reference).with_for_update()
        ).first()
        if sim is not None:
            sim.reference, sim.ordered_at = None, None


def _without(row: dict[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in row.items() if key != name}
