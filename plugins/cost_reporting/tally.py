"""How much there was of something, and what it came to."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from gateway.plugin_api import Money


@dataclass(kw_only=True)
class Tally:
    """How many there were, how many of them free, and the exact sums by currency."""

    quantity: int = 0
    free: int = 0
    unpriced: int = 0  # the amount of so many is not known
    amounts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def add(self, quantity: int, amount: Decimal | None, currency: str | None, free: int) -> None:
        self.quantity += quantity
        self.free += free
        if amount is None or currency is None:
            self.unpriced += quantity
        else:
            self.amounts[currency] += amount

    @property
    def monies(self) -> Sequence[Money]:
        return [Money(amount=amount, currency=it) for it, amount in self.amounts.items()]
