"""Choose the portfolio and the WABA in which the number is to live."""

from gateway.errors import Refused
from gateway.onboarding.step_contract import Done, Step, StepContext, Wait


class Place(Step):
    name = "place"
    title = "Choose a WhatsApp Business Account"

    def look(self, ctx: StepContext) -> Done | None:
        return None

    def do(self, ctx: StepContext) -> Done | Wait:
        try:
            return Done(facts=ctx.place())
        except Refused as full:
            if full.code != "portfolio_full":
                raise
            return Wait(code=full.code, detail=full.detail, who=full.who)
