"""Whether a supplier could be bought from now, by what it says itself. Nothing is bought."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from gateway.errors import ProviderError, Refused
from gateway.provisioning import choosing
from gateway.provisioning.contract import CodeMethod, NumberSupplier, NumberType, Quote
from gateway.provisioning.papers_contract import HasPapers
from gateway.settings_values import NumberPolicy


@dataclass(frozen=True, kw_only=True)
class Sold:
    """What a supplier says of one type of number. `refused` None: it could be bought now."""

    number_type: NumberType
    offered: int = 0
    hears: tuple[CodeMethod, ...] = ()
    quote: Quote | None = None
    papers: tuple[str, ...] = ()
    refused: str | None = None  # a code
    detail: str = ""


def check(supplier: NumberSupplier, country: str, policy: NumberPolicy | None) -> Iterator[Sold]:
    """What it sells of a country, of each type that the policy wants.

    ProviderError where it cannot be asked at all.
    """
    wanted: tuple[NumberType, ...] = policy.types if policy else ()
    for number_type in wanted or get_args(NumberType):
        try:
            yield sold(supplier, country, number_type, policy)
        except Refused as refused:
            yield Sold(number_type=number_type, refused=refused.code, detail=refused.detail)


def sold(
    supplier: NumberSupplier,
    country: str,
    number_type: NumberType | None,
    policy: NumberPolicy | None,
) -> Sold:
    """What it sells of this type, or of any; Refused where that is nothing."""
    offers = supplier.search(country, number_type)
    audible = choosing.of_each_type(offers)
    if not audible:
        raise Refused("hears_no_code", "No verification code can reach these.")
    quote = supplier.quote(audible[0])
    objection = choosing.objection(supplier.name, quote, policy)
    return Sold(
        number_type=audible[0].number_type,
        offered=len(offers),
        hears=audible[0].hears,
        quote=quote,
        papers=_papers(supplier, country, audible[0].number_type),
        refused=objection.code if objection else None,
        detail=objection.detail if objection else "",
    )


def _papers(supplier: NumberSupplier, country: str, number_type: NumberType) -> tuple[str, ...]:
    if not isinstance(supplier, HasPapers):
        return ()
    try:
        return tuple(paper.title for paper in supplier.requirements(country, number_type))
    except ProviderError as error:
        return (error.detail,)
