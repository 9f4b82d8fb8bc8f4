"""What a line on a number of the platform's would wait for now. Pure."""

from collections.abc import Iterator
from typing import Final

from gateway.plugin_api import VERIFIED, CaseBlocker, CaseFacts, PortfolioSeen, SupplierSeen

_LEAST: Final = 250  # people in 24 h


def obstacles(facts: CaseFacts) -> Iterator[CaseBlocker]:
    """Of a number that is kept ready, only what limits its use: it is bought and placed."""
    if not facts.ready:
        yield from _on_the_way(facts)
    if facts.client and facts.client.logo_error:
        yield CaseBlocker(
            code="logo_not_usable",
            detail=f"The line cannot wear the client's logo: {facts.client.logo_error}",
            who="client",
            stops=False,
        )
    if facts.portfolios and all(_is_least(one) for one in facts.portfolios):
        yield _unverified(facts.portfolios[0])


def sellers(facts: CaseFacts) -> list[SupplierSeen]:
    """Who sells a number, as far as anybody knows."""
    return [one for one in facts.suppliers if one.refusal is None]


def _on_the_way(facts: CaseFacts) -> Iterator[CaseBlocker]:
    if not sellers(facts):
        yield _no_number(facts)
    elif all(seller.lacking for seller in sellers(facts)):
        wanting = sellers(facts)[0]
        yield CaseBlocker(
            code="papers_missing",
            detail=f"Still to be handed in: {'; '.join(wanting.lacking)}.",
            who="client",
            stops=False,
        )
    if facts.room <= 0:
        yield CaseBlocker(
            code="portfolio_full",
            detail="Every portfolio holds all the numbers that Meta allows, or its accounts take"
            " none now: ask Meta for more, or add a portfolio.",
            who="operator",
            stops=False,
        )


def _is_least(one: PortfolioSeen) -> bool:
    """Not verified, and with no more than Meta lets anybody have."""
    is_limited = one.people is not None and one.people <= _LEAST
    return is_limited and one.verification not in (None, VERIFIED)


def _unverified(portfolio: PortfolioSeen) -> CaseBlocker:
    return CaseBlocker(
        code="portfolio_unverified",
        detail="Meta has not verified the business that lends the number"
        f" ({portfolio.verification}): until then all of its lines together write to"
        f" {portfolio.people} new people in 24 h, and it may hold few numbers.",
        who="operator",
        stops=False,
        seen_at=portfolio.seen_at,
    )


def _no_number(facts: CaseFacts) -> CaseBlocker:
    seen = {one.name: one.seen_at for one in facts.suppliers}
    reasons = [one.refusal for one in facts.suppliers if one.refusal] + list(facts.left_out)
    if not reasons:
        return CaseBlocker(
            code="no_supplier",
            detail="No supplier of numbers is on offer for this country.",
            who="operator",
            stops=False,
        )
    first = reasons[0]
    return CaseBlocker(
        code=first.code,
        detail=" ".join(f"{reason.supplier}: {reason.detail}" for reason in reasons),
        who=first.who,
        stops=False,
        seen_at=seen.get(first.supplier),
    )
