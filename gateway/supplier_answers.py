"""What every supplier of numbers answers alike: to a search, to an order, of a paper."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from gateway.errors import Refused, TryAgain
from gateway.provisioning.contract import NumberOffer, NumberType

# Nobody expects a recruiter behind a toll-free number: only who asks for one gets it.
_USUAL: Final[tuple[NumberType, ...]] = ("local", "mobile", "national")
_ORDER: Final = "order:"  # before the id of an order that is no number yet


def types_wanted(number_type: NumberType | None) -> tuple[NumberType, ...]:
    """Which types a search is for, best first."""
    return (number_type,) if number_type else _USUAL


def searched(
    supplier: str,
    country: str,
    number_type: NumberType | None,
    *,
    sold: Collection[str],
    numbers: Callable[[NumberType], Iterable[NumberOffer]],
) -> Sequence[NumberOffer]:
    """The numbers of each wanted type that is `sold` in the country, or why there is none."""
    if not sold:
        raise country_not_sold(supplier, country)
    wanted = types_wanted(number_type)
    types = [kind for kind in wanted if kind in sold]
    if not types:
        raise Refused(
            "type_not_sold",
            f"Of {country} {supplier} sells {', '.join(sorted(sold))}, not {', '.join(wanted)}.",
        )
    return in_stock(supplier, country, [offer for kind in types for offer in numbers(kind)])


def country_not_sold(supplier: str, country: str) -> Refused:
    return Refused("country_not_sold", f"{supplier} sells no numbers of {country}.")


def in_stock(supplier: str, country: str, offers: Sequence[NumberOffer]) -> Sequence[NumberOffer]:
    """The offers. Refused `out_of_stock` where there is none."""
    if offers:
        return offers
    raise Refused(
        "out_of_stock",
        f"{supplier} has no number of {country} that hears codes at the moment.",
        who="supplier",
    )


def number_taken(provider_code: str | None = None) -> TryAgain:
    """The search was right when it was made; another one finds other numbers."""
    detail = "Somebody else took this number."
    return TryAgain("number_taken", detail, provider_code=provider_code)


def order_ref(order_id: str) -> str:
    """The `supplier_ref` of an order that is no number yet."""
    return f"{_ORDER}{order_id}"


def order_of(supplier_ref: str) -> str | None:
    """The order that `order_ref` named; None where it is a number's reference."""
    return supplier_ref.removeprefix(_ORDER) if supplier_ref.startswith(_ORDER) else None


def order_under_way(refused: Refused) -> TryAgain:
    """An order that cannot be called off any more will be a number soon, to be released then."""
    return TryAgain("order_under_way", refused.detail, provider_code=refused.provider_code)


def sentence(said: str) -> str:
    """What a supplier's people wrote, as a sentence."""
    said = said.strip()
    return said if said.endswith(".") else f"{said}."
