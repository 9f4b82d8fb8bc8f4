"""What a line on a number of the platform's would wait for now. Pure."""

from collections.abc import Iterator

from gateway.plugin_api import CaseBlocker, CaseFacts, SupplierSeen


def obstacles(facts: CaseFacts) -> Iterator[CaseBlocker]:
    """Of a number that is kept ready, none: it is bought and placed, and has its papers."""
    if facts.ready:
        return
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


def sellers(facts: CaseFacts) -> list[SupplierSeen]:
    """Who sells a number, as far as anybody knows."""
    return [one for one in facts.suppliers if one.refusal is None]


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
