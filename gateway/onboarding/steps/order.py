"""Rent a number: of the first supplier that can deliver, and never of two."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from gateway.costs.contract import Money
from gateway.errors import OutcomeUnknown, ProviderError, Refused, TryAgain
from gateway.onboarding.step_contract import Done, Seller, Step, StepContext, Wait
from gateway.onboarding.steps import papers
from gateway.provisioning import choosing
from gateway.provisioning.choosing import Reason
from gateway.provisioning.contract import (
    ConfiguresInbound,
    NumberOffer,
    OwnedNumber,
    PendingOrder,
    Reserves,
)
from gateway.provisioning.papers_contract import HasPapers

SETTLED: Final = 30.0  # seconds after which an order whose answer was lost is there, or never was


class Order(Step):
    name = "order"
    title = "Order a number"

    def look(self, ctx: StepContext) -> Done | Wait | None:
        recorded = ctx.number()
        if recorded is not None:
            return Done(facts={"phone_number": recorded.phone_number})
        chosen = ctx.market.chosen
        if chosen is None:
            return None
        with ctx.market.asking(chosen.name):
            found = chosen.supplier.find(ctx.request.line_id)
            if isinstance(found, OwnedNumber) and isinstance(chosen.supplier, ConfiguresInbound):
                chosen.supplier.configure_inbound(found.supplier_ref, chosen.inbound)
        return _ordered(ctx, chosen, found) if found else None

    def do(self, ctx: StepContext) -> Done | Wait:
        if ctx.facts.get("order_pending"):
            ctx.note(order_pending="")  # whoever retries the activation orders anew
            ctx.market.leave()
            raise Refused(
                "order_failed",
                "The supplier took the order and could not carry it out. Retry the activation to"
                " order another number.",
                who="supplier",
            )
        if ctx.market.chosen:
            return _again(ctx, ctx.market.chosen)
        return _anew(ctx)

    def undo(self, ctx: StepContext) -> None:
        """Give the number back, also one whose order was never confirmed; not one Meta holds."""
        chosen = ctx.market.chosen
        if ctx.facts.get("quarantined") or chosen is None:
            return
        number = ctx.number() or chosen.supplier.find(ctx.request.line_id)
        if number is not None:
            chosen.supplier.release(number.supplier_ref)
            ctx.end_number("released")


def _anew(ctx: StepContext) -> Done | Wait:
    """Ask one after the other. Why each gives none is kept: it is told if nobody gives one."""
    reasons: list[Reason] = []
    failing: set[str] = set()
    for seller in ctx.market.sellers():
        if isinstance(seller, Reason):
            reasons.append(seller)
            continue
        if seller.name in failing:
            continue
        try:
            return _ordered(ctx, seller, _buy(ctx, seller))
        except ProviderError as error:
            if ctx.market.chosen:
                if isinstance(error, OutcomeUnknown):
                    raise
                found = seller.supplier.find(ctx.request.line_id)
                if found is not None:
                    return _ordered(ctx, seller, found)
                ctx.market.leave()
            if error.code == "number_taken":  # the next search finds another one there
                raise
            reasons.append(Reason.of(seller.name, error))
            if not isinstance(error, Refused):
                failing.add(seller.name)
    return _nobody(list(dict.fromkeys(reasons)))


def _again(ctx: StepContext, seller: Seller) -> Done | Wait:
    """An order may have left, and nothing is seen of it: nobody else is asked before it is certain
    that there is none."""
    try:
        return _ordered(ctx, seller, _buy(ctx, seller))
    except ProviderError as error:
        if error.retryable:
            raise
        left = SETTLED - ctx.market.seconds_since_order()
        if left > 0:
            raise TryAgain(
                "order_unconfirmed",
                f"An order left for {seller.name} and its answer was lost; it is looked for there"
                " a little longer before anybody else is asked.",
                who="supplier",
                retry_after=left,
            ) from error
    ctx.market.leave()
    return _anew(ctx)


def _buy(ctx: StepContext, seller: Seller) -> OwnedNumber | PendingOrder:
    """Order there what the policy allows. Once an order may have left, the seller is chosen."""
    reference = ctx.request.line_id
    with ctx.market.asking(seller.name):
        offer = _offer(ctx, seller)
        try:
            if isinstance(seller.supplier, Reserves):
                seller.supplier.reserve(offer, reference=reference)
            if not ctx.market.choose(seller.name):
                raise Refused("supplier_paused", f"Nothing is ordered at {seller.name} any more.")
            return seller.supplier.order(offer, reference=reference, inbound=seller.inbound)
        except Refused as refused:
            if refused.code != "papers_missing" or not isinstance(seller.supplier, HasPapers):
                raise
            asked = seller.supplier.requirements(offer.country, offer.number_type)
            titles = ", ".join(paper.title for paper in asked) or "papers that it does not name"
            detail = f"{refused.detail} It asks for: {titles}."
            raise Refused("papers_missing", detail, who=refused.who) from refused


def _offer(ctx: StepContext, seller: Seller) -> NumberOffer:
    """The first offer that a code can reach, at a price that the policy allows."""
    offers = seller.supplier.search(ctx.request.country, seller.number_type)
    refused = Refused("hears_no_code", "No verification code can reach the numbers it offers.")
    for offer in choosing.of_each_type(offers):
        price = seller.supplier.quote(offer)
        objection = choosing.objection(seller.name, price, seller.policy)
        if objection is None:
            ctx.may_rent(price.monthly)
            ctx.note(**_noted("monthly", price.monthly), **_noted("set_up", price.set_up))
            return papers.approved(ctx, seller.supplier, offer)
        refused = Refused(objection.code, objection.detail, who=objection.who)
    raise refused


def _nobody(reasons: Sequence[Reason]) -> Wait:
    """What it waits for; TryAgain where somebody may be well again soon, else Refused."""
    first = next((reason for reason in reasons if reason.passing), reasons[0])
    detail = first.detail
    if len(reasons) > 1:
        detail = " ".join(f"{reason.supplier}: {reason.detail}" for reason in reasons)
    soon = [reason.retry_after for reason in reasons if reason.retry_after is not None]
    if soon:
        raise TryAgain(
            first.code,
            detail,
            provider_code=first.provider_code,
            retry_after=min(soon) or None,
            who=first.who,
        )
    if not first.passing:
        raise Refused(first.code, detail, provider_code=first.provider_code, who=first.who)
    return Wait(code=first.code, detail=detail, who=first.who)


def _ordered(ctx: StepContext, seller: Seller, number: OwnedNumber | PendingOrder) -> Done | Wait:
    if isinstance(number, PendingOrder):
        ctx.note(order_pending=number.supplier_ref)
        waits = Wait(code="waiting_for_supplier", detail=number.detail, who=number.who)
        return replace(waits, code=number.code) if number.code else waits
    ctx.remember_number(seller.name, _priced(ctx, number))
    return Done(facts={"phone_number": number.phone_number})


def _priced(ctx: StepContext, number: OwnedNumber) -> OwnedNumber:
    """The number at what was quoted for it, where the supplier does not tell its price."""
    return replace(
        number,
        monthly_price=number.monthly_price or _quoted(ctx, "monthly"),
        set_up_price=number.set_up_price or _quoted(ctx, "set_up"),
    )


def _noted(what: str, price: Money | None) -> dict[str, str]:
    return {
        f"{what}_amount": format(price.amount, "f") if price else "",
        f"{what}_currency": price.currency if price else "",
    }


def _quoted(ctx: StepContext, what: str) -> Money | None:
    amount = ctx.facts.get(f"{what}_amount")
    if not amount:
        return None
    return Money(amount=Decimal(amount), currency=ctx.facts[f"{what}_currency"])
