"""What every supplier of numbers keeps to, whatever is behind it."""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any, ClassVar, get_args

import pytest

from gateway.errors import Refused, TryAgain
from gateway.provisioning.contract import (
    Adopts,
    ConfiguresInbound,
    InboundUrls,
    ListsPrices,
    NumberOffer,
    NumberSupplier,
    NumberType,
    OwnedNumber,
    PendingOrder,
    Quote,
    Reserves,
)
from gateway.provisioning.papers_contract import HasPapers
from gateway.testing.far_side import FarSide, Simulated, SimulatedFarSide, played
from gateway.testing.serving import eventually

_REFERENCES = count(1)


class SupplierContract:
    """Inherit, and name what is `simulated` or override the fixture `far_side`.

    `country` is in stock, `empty_country` is sold and out of stock, `unsold_country` is not sold,
    and of `country` no number of `unsold_type` is.
    """

    simulated: ClassVar[Simulated]
    country: ClassVar[str] = "MA"
    empty_country: ClassVar[str] = "SN"
    unsold_country: ClassVar[str] = "NO"
    unsold_type: ClassVar[NumberType] = "toll_free"

    @pytest.fixture
    def far_side(self) -> Iterator[FarSide]:
        with played(self.simulated) as far_side:
            yield far_side

    @pytest.fixture
    def reference(self) -> str:
        return f"line_{next(_REFERENCES)}"

    @pytest.fixture
    def offer(self, far_side: FarSide) -> NumberOffer:
        return far_side.supplier.search(self.country)[0]

    @pytest.fixture
    def number(self, far_side: FarSide, offer: NumberOffer, reference: str) -> OwnedNumber:
        return rent(far_side, offer, reference)

    def test_what_is_offered_is_described(self, far_side: FarSide) -> None:
        offers = far_side.supplier.search(self.country)

        assert offers
        assert len({offer.phone_number for offer in offers}) == len(offers)
        for offer in offers:
            assert re.fullmatch(r"\+[1-9][0-9]{6,14}", offer.phone_number)
            assert offer.country == self.country
            assert offer.number_type in get_args(NumberType)
            assert offer.hears
            assert set(offer.hears) <= {"VOICE", "SMS"}
            by_text_first = offer.hears[0] == "SMS" and len(offer.hears) > 1
            assert by_text_first <= (offer.number_type == "mobile"), "others hear a call better"

    def test_a_search_for_a_type_finds_that_type(
        self, far_side: FarSide, offer: NumberOffer
    ) -> None:
        found = far_side.supplier.search(self.country, offer.number_type)
        assert {it.number_type for it in found} == {offer.number_type}

    def test_why_there_is_no_number_is_told(self, far_side: FarSide) -> None:
        for code, country, number_type in (
            ("country_not_sold", self.unsold_country, None),
            ("out_of_stock", self.empty_country, None),
            ("type_not_sold", self.country, self.unsold_type),
        ):
            with pytest.raises(Refused) as refused:
                far_side.supplier.search(country, number_type)
            assert refused.value.code == code
            assert refused.value.detail.endswith(".")

    def test_a_quote_is_exact_and_buys_nothing(self, far_side: FarSide, offer: NumberOffer) -> None:
        _check_quote(far_side.supplier.quote(offer))
        assert far_side.rented() == []

    def test_an_order_is_found_by_its_reference(
        self, far_side: FarSide, number: OwnedNumber, offer: NumberOffer, reference: str
    ) -> None:
        assert far_side.supplier.find(reference) == number
        assert (number.phone_number, number.hears) == (offer.phone_number, offer.hears)
        assert far_side.supplier.find(f"{reference}0") is None
        assert far_side.rented() == [reference]

    def test_a_number_is_sold_once(
        self, far_side: FarSide, number: OwnedNumber, offer: NumberOffer, reference: str
    ) -> None:
        with pytest.raises(TryAgain) as taken:
            rent(far_side, offer, f"{reference}-other")
        assert taken.value.code == "number_taken"
        assert far_side.rented() == [reference]

    def test_what_is_rented_is_offered_to_nobody(
        self, far_side: FarSide, number: OwnedNumber
    ) -> None:
        offered = far_side.supplier.search(self.country)
        assert number.phone_number not in {offer.phone_number for offer in offered}

    def test_a_number_can_be_released_twice(
        self, far_side: FarSide, number: OwnedNumber, reference: str
    ) -> None:
        for _ in range(2):
            far_side.supplier.release(number.supplier_ref)
            assert far_side.rented() == []
        assert far_side.supplier.find(reference) is None

    def test_a_reserved_number_is_kept_from_others_and_not_bought(
        self, far_side: FarSide, offer: NumberOffer, reference: str
    ) -> None:
        reserving = _able(far_side.supplier, Reserves)
        for _ in range(2):
            reserving.reserve(offer, reference=reference)
        with pytest.raises(TryAgain) as taken:
            reserving.reserve(offer, reference=f"{reference}-other")
        assert taken.value.code == "number_taken"
        assert far_side.rented() == []
        rent(far_side, offer, reference)
        assert far_side.rented() == [reference]

    def test_papers_that_are_asked_for_are_named_and_then_suffice(
        self, far_side: FarSide, reference: str
    ) -> None:
        asking = _able(far_side.supplier, HasPapers)
        assert isinstance(far_side, SimulatedFarSide)
        [country] = far_side.simulated.papers
        offer = far_side.supplier.search(country)[0]
        required = asking.requirements(country, offer.number_type)
        assert required
        assert all(paper.title and paper.who in ("operator", "client") for paper in required)
        assert not asking.requirements(self.country, offer.number_type)
        with pytest.raises(Refused) as refused:
            rent(far_side, offer, reference)
        assert refused.value.code == "papers_missing"
        if isinstance(far_side.supplier, Reserves):
            with pytest.raises(Refused) as unkept:
                far_side.supplier.reserve(offer, reference=f"{reference}-other")
            assert unkept.value.code == "papers_missing"
        assert far_side.rented() == []

        far_side.supplier = far_side.made(far_side.simulated.with_papers)
        rent(far_side, offer, reference)
        assert far_side.rented() == [reference]

    def test_the_price_sheet_agrees_with_the_quotes(
        self, far_side: FarSide, offer: NumberOffer
    ) -> None:
        listing = _able(far_side.supplier, ListsPrices)
        sheet = listing.price_sheet(self.country)
        assert sheet[offer.number_type] == far_side.supplier.quote(offer)
        for quote in sheet.values():
            _check_quote(quote)
        assert not listing.price_sheet(self.unsold_country)

    def test_a_number_can_be_pointed_at_us_later(
        self, far_side: FarSide, offer: NumberOffer, reference: str
    ) -> None:
        pointing = _able(far_side.supplier, ConfiguresInbound)
        here = far_side.inbound
        far_side.inbound = InboundUrls(voice=f"{here.voice}/away", sms=f"{here.sms}/away")
        number = rent(far_side, offer, reference)
        for _ in range(2):
            pointing.configure_inbound(number.supplier_ref, here)
        assert far_side.supplier.find(reference) == number
        assert far_side.say(number, "482913", number.hears[0])

    def test_a_number_that_was_ported_in_is_adopted(
        self, far_side: FarSide, number: OwnedNumber, offer: NumberOffer, reference: str
    ) -> None:
        adopting = _able(far_side.supplier, Adopts)
        ours, inbound = f"{reference}-ours", far_side.inbound
        for _ in range(2):
            found = adopting.adopt(number.phone_number, reference=ours, inbound=inbound)
            assert found == number
        assert far_side.supplier.find(ours) == number
        assert far_side.supplier.find(reference) is None
        [other, *_] = far_side.supplier.search(self.country)
        assert adopting.adopt(other.phone_number, reference=ours, inbound=inbound) is None


def rent(far_side: FarSide, offer: NumberOffer, reference: str) -> OwnedNumber:
    """Order, and ask how the order stands until it is a number; point at us what is found."""
    supplier = far_side.supplier
    ordered = supplier.order(offer, reference=reference, inbound=far_side.inbound)
    number = settled(supplier, reference, ordered)
    if isinstance(ordered, PendingOrder) and isinstance(supplier, ConfiguresInbound):
        supplier.configure_inbound(number.supplier_ref, far_side.inbound)
    return number


def settled(
    supplier: NumberSupplier, reference: str, ordered: OwnedNumber | PendingOrder | None
) -> OwnedNumber:
    """The number that an order becomes."""
    found = [ordered]

    def is_settled() -> bool:
        if isinstance(found[-1], PendingOrder):
            assert found[-1].detail.endswith(".")
            found.append(supplier.find(reference))
        return not isinstance(found[-1], PendingOrder)

    eventually(is_settled)
    assert isinstance(found[-1], OwnedNumber)
    return found[-1]


def _able(supplier: NumberSupplier, ability: type[Any]) -> Any:
    if not isinstance(supplier, ability):
        pytest.skip(f"{supplier.name} is none that {ability.__name__}")
    return supplier


def _check_quote(quote: Quote) -> None:
    for price in (quote.monthly, quote.set_up):
        if price is not None:
            assert isinstance(price.amount, Decimal)
            assert price.amount.is_finite()
            assert price.amount >= 0
            assert re.fullmatch(r"[A-Z]{3}", price.currency)
