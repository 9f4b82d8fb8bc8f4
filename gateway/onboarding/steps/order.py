"""Rent a number."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from gateway.costs.contract import Money
from gateway.errors import Refused
from gateway.onboarding.contract import Done, Step, StepContext, Wait
from gateway.provisioning.contract import (
    ConfiguresInbound,
    HasPapers,
    OwnedNumber,
    PendingOrder,
    Reserves,
)

# Somebody can change these meanwhile: the step waits for them. All else is for an operator.
_PASSING: Final = ("out_of_stock", "papers_missing")


class Order(Step):
    name = "order"
    title = "Order a number"

    def look(self, ctx: StepContext) -> Done | Wait | None:
        recorded = ctx.number()
        if recorded is not None:
            return Done(facts={"phone_number": recorded.phone_number})
        found = ctx.supplier.find(ctx.request.line_id)
        if found is None:
            return None
        if isinstance(found, OwnedNumber) and isinstance(ctx.supplier, ConfiguresInbound):
            ctx.supplier.configure_inbound(found.supplier_ref, ctx.inbound)
        return self._ordered(ctx, found)

    def do(self, ctx: StepContext) -> Done | Wait:
        if ctx.facts.get("order_pending"):
            ctx.note(order_pending="")  # whoever retries the activation orders anew
            raise Refused(
                "order_failed",
                "The supplier took the order and could not carry it out. Retry the activation to"
                " order another number.",
                who="supplier",
            )
        try:
            return self._ordered(ctx, _order(ctx))
        except Refused as refused:
            if refused.code not in _PASSING:
                raise
            return Wait(code=refused.code, detail=refused.detail, who=refused.who)

    def undo(self, ctx: StepContext) -> None:
        """Give the number back, also one whose order was never confirmed; not one Meta holds."""
        if ctx.facts.get("quarantined"):
            return
        number = ctx.number() or ctx.supplier.find(ctx.request.line_id)
        if number is not None:
            ctx.supplier.release(number.supplier_ref)
            ctx.end_number("released")

    def _ordered(self, ctx: StepContext, number: OwnedNumber | PendingOrder) -> Done | Wait:
        if isinstance(number, PendingOrder):
            ctx.note(order_pending=number.supplier_ref)
            return Wait(code="waiting_for_supplier", detail=number.detail, who=number.who)
        ctx.remember_number(_priced(ctx, number))
        return Done(facts={"phone_number": number.phone_number})


def _order(ctx: StepContext) -> OwnedNumber | PendingOrder:
    reference = ctx.request.line_id
    offer = ctx.supplier.search(ctx.request.country)[0]
    price = ctx.supplier.quote(offer).monthly
    ctx.note(
        monthly_amount=format(price.amount, "f") if price else "",
        monthly_currency=price.currency if price else "",
    )
    if isinstance(ctx.supplier, Reserves):
        ctx.supplier.reserve(offer, reference=reference)
    try:
        return ctx.supplier.order(offer, reference=reference, inbound=ctx.inbound)
    except Refused as refused:
        if refused.code != "papers_missing" or not isinstance(ctx.supplier, HasPapers):
            raise
        asked = ctx.supplier.requirements(offer.country, offer.number_type)
        titles = ", ".join(paper.title for paper in asked) or "papers that it does not name"
        detail = f"{refused.detail} It asks for: {titles}."
        raise Refused("papers_missing", detail, who=refused.who) from refused


def _priced(ctx: StepContext, number: OwnedNumber) -> OwnedNumber:
    """The number at what was quoted for it, where the supplier does not tell its price."""
    amount = ctx.facts.get("monthly_amount")
    if number.monthly_price is not None or not amount:
        return number
    quoted = Money(amount=Decimal(amount), currency=ctx.facts["monthly_currency"])
    return replace(number, monthly_price=quoted)
