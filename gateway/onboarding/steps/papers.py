"""Hand in the client's papers where a supplier wants those of whoever uses the number."""

from dataclasses import replace

from gateway.errors import Refused
from gateway.onboarding.papers import reference_of
from gateway.onboarding.step_contract import Done, Step, StepContext, Wait
from gateway.provisioning.contract import NumberOffer, NumberSupplier
from gateway.provisioning.papers_contract import OF_PAPERS, PapersState, TakesPapers


class Papers(Step):
    """Done at once where the number is sold against the platform's own papers, or against none."""

    name = "papers"
    title = "See to the company's papers"

    def look(self, ctx: StepContext) -> Done | Wait | None:
        return Done() if ctx.number() else None

    def do(self, ctx: StepContext) -> Done | Wait:
        country, waits = ctx.request.country, []
        sellers = ctx.market.candidates()
        if not all(_asks_clients(seller.supplier, country) for seller in sellers):
            return Done()  # the order finds whoever delivers
        for seller in sellers:
            try:
                with ctx.market.asking(seller.name):
                    offers = seller.supplier.search(country, seller.number_type)
                    approved(ctx, seller.supplier, offers[0])
            except Refused as refused:
                if refused.code in OF_PAPERS:
                    waits.append(Wait(code=refused.code, detail=refused.detail, who=refused.who))
            else:
                return Done()
        return waits[0] if waits else Done()  # that there is no number is for the order to say


def approved(ctx: StepContext, supplier: NumberSupplier, offer: NumberOffer) -> NumberOffer:
    """The offer with the client's papers as the supplier approved them; as it is where it wants
    none of the client's. Refused `papers_missing`, `papers_in_review` or `papers_declined`."""
    if not isinstance(supplier, TakesPapers) or not supplier.asks_clients(offer.country):
        return offer
    required = supplier.requirements(offer.country, offer.number_type)
    asked = [paper for paper in required if paper.who == "client"]
    if not asked:
        return offer
    kinds = frozenset(paper.kind for paper in asked if paper.kind)
    papers = ctx.papers(kinds)
    if papers.lacking:
        lacking = "; ".join(papers.lacking)
        raise Refused("papers_missing", f"Still to be handed in: {lacking}.", who="client")
    reference = reference_of(
        ctx.request.client_id, offer.country, offer.number_type, papers.version
    )
    state = supplier.find_papers(reference)
    if state is None:
        state = supplier.submit_papers(
            ctx.submission(
                kinds, reference=reference, country=offer.country, number_type=offer.number_type
            )
        )
    return replace(offer, papers=_judged(state))


def _asks_clients(supplier: NumberSupplier, country: str) -> bool:
    return isinstance(supplier, TakesPapers) and supplier.asks_clients(country)


def _judged(state: PapersState) -> str:
    if state.status == "approved":
        return state.supplier_ref
    if state.status == "pending":
        raise Refused(
            "papers_in_review", "The supplier examines the company's papers.", who="supplier"
        )
    reasons = " ".join(state.reasons) or "It gives no reason."
    raise Refused(
        "papers_declined",
        f"The supplier declined the company's papers. {reasons} Upload others; they are handed in"
        " by themselves.",
        who="client",
    )
