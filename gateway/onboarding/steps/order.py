"""Rent a number."""

from gateway.onboarding.contract import Done, Step, StepContext


class Order(Step):
    name = "order"
    title = "Order a number"

    def look(self, ctx: StepContext) -> Done | None:
        number = ctx.number() or ctx.supplier.find(ctx.request.line_id)
        if number is None:
            return None
        ctx.remember_number(number)
        return Done(facts={"phone_number": number.phone_number})

    def do(self, ctx: StepContext) -> Done:
        offers = ctx.supplier.search(ctx.request.country)
        number = ctx.supplier.order(offers[0], reference=ctx.request.line_id, inbound=ctx.inbound)
        ctx.remember_number(number)
        return Done(facts={"phone_number": number.phone_number})

    def undo(self, ctx: StepContext) -> None:
        """Give the number back, also one whose order was never confirmed; not one Meta holds."""
        if ctx.facts.get("quarantined"):
            return
        number = ctx.number() or ctx.supplier.find(ctx.request.line_id)
        if number is not None:
            ctx.supplier.release(number.supplier_ref)
            ctx.end_number("released")
