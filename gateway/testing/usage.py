"""What every supplier keeps to that tells what it charged, whatever is behind it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import ClassVar, Final

import pytest

from gateway.costs.charges_contract import Charge, ReportsUsage
from gateway.costs.contract import Money
from gateway.provisioning.contract import NumberOffer, OwnedNumber, Quote
from gateway.testing.far_side import SimulatedFarSide
from gateway.testing.suppliers import rent

_DAY: Final = timedelta(days=1)
_LONG: Final = timedelta(days=400)  # more than any report tells at a time

Sums = dict[tuple[str, str | None], tuple[int, Decimal, str]]


class UsageContract:
    """Part of `SupplierOverHttp`; skipped where charges are not told."""

    country: ClassVar[str]

    @pytest.fixture
    def usage(self, far_side: SimulatedFarSide) -> ReportsUsage:
        if not isinstance(far_side.supplier, ReportsUsage):
            pytest.skip(f"{far_side.supplier.name} does not tell what it charged")
        return far_side.supplier

    def test_what_was_charged_is_told_whole_however_the_days_are_cut(
        self, far_side: SimulatedFarSide, usage: ReportsUsage, offer: NumberOffer
    ) -> None:
        first = _next_month(_today(far_side))
        _wait_until(far_side, first)
        assert usage.usage(first - _LONG, first) == []
        quote = far_side.supplier.quote(offer)
        numbers = [rent(far_side, offer, "usage_1")]
        _wait_until(far_side, _next_month(first) - _DAY)
        another = far_side.supplier.search(self.country)[0]
        numbers.append(rent(far_side, another, "usage_2"))
        last = _next_month(first)
        _wait_until(far_side, last)

        told = usage.usage(first, last)
        _check(told, numbers, quote, first, last)
        whole = sums(told)
        assert sums(usage.usage(first, last)) == whole, "asked again it says the same"
        assert sums(usage.usage(first - _LONG, last)) == whole
        for cut in (first, first + 9 * _DAY, last - _DAY):
            parts = [*usage.usage(first, cut), *usage.usage(cut + _DAY, last)]
            assert sums(parts) == whole, cut
        days = [first + n * _DAY for n in range((last - first).days + 1)]
        assert sums([it for day in days for it in usage.usage(day, day)]) == whole
        assert usage.usage(first - _LONG, first - _DAY) == []

    def test_what_was_given_back_is_not_charged_any_more(
        self, far_side: SimulatedFarSide, usage: ReportsUsage, number: OwnedNumber
    ) -> None:
        far_side.supplier.release(number.supplier_ref)
        released = _today(far_side)
        assert usage.usage(released, released)
        _wait_until(far_side, _next_month(_next_month(released)))
        assert usage.usage(released + _DAY, _today(far_side)) == []


def sums(charges: Sequence[Charge]) -> Sums:
    """How many, for how much, of each kind and number; not every supplier tells on which day."""
    found: Sums = defaultdict(lambda: (0, Decimal(0), ""))
    for charge in charges:
        assert charge.money is not None
        count, amount, currency = found[charge.kind, charge.phone_number]
        assert currency in ("", charge.money.currency)
        found[charge.kind, charge.phone_number] = (
            count + charge.quantity,
            amount + charge.money.amount,
            charge.money.currency,
        )
    return dict(found)


def _check(
    told: Sequence[Charge],
    numbers: Sequence[OwnedNumber],
    quote: Quote,
    first: date,
    last: date,
) -> None:
    rented = {number.phone_number for number in numbers}
    for charge in told:
        assert charge.kind in ("number_month", "set_up")
        assert charge.quantity > 0
        assert charge.starts_at.tzinfo is UTC
        assert first <= charge.starts_at.date() <= last
        assert charge.phone_number is None or charge.phone_number in rented
        each = quote.monthly if charge.kind == "number_month" else quote.set_up
        assert each is not None
        due = Money(amount=each.amount * charge.quantity, currency=each.currency)
        assert charge.money == due, "as it was quoted, to the last decimal"
    months = sum(it.quantity for it in told if it.kind == "number_month")
    assert months > len(numbers), "more than a month went by"
    set_ups = sum(it.quantity for it in told if it.kind == "set_up")
    assert set_ups == (len(numbers) if quote.set_up else 0)


def _today(far_side: SimulatedFarSide) -> date:
    return far_side.world.now().date()


def _next_month(day: date) -> date:
    """Its first day."""
    return (day.replace(day=1) + 31 * _DAY).replace(day=1)


def _wait_until(far_side: SimulatedFarSide, day: date) -> None:
    far_side.world.clock.advance((day - _today(far_side)).total_seconds())
