"""Register the number on the Cloud API, with a PIN of ours."""

from typing import ClassVar

from gateway.errors import OutcomeUnknown
from gateway.onboarding.step_contract import Done, Step, StepContext, Wait


class Register(Step):
    name = "register"
    title = "Register the number with its PIN"

    def look(self, ctx: StepContext) -> Done | Wait | None:
        connected = ctx.registrar.number(ctx.facts["phone_number_id"]).connected
        return Done() if connected else None

    def do(self, ctx: StepContext) -> Done | Wait:
        with ctx.counted("register"):
            ctx.registrar.register(ctx.facts["phone_number_id"], pin=ctx.pin())
        done = self.look(ctx)
        if done is None:
            raise OutcomeUnknown(
                "not_connected",
                "Meta took the registration but does not show the number connected.",
            )
        return done


class RegisterNeutral(Register):
    """A number of the pool: one that had a client is ready when it shows nothing of it any more."""

    HAD_CLIENT: ClassVar[str] = "had_client"  # noted of such a number

    def look(self, ctx: StepContext) -> Done | Wait | None:
        done = super().look(ctx)
        return _neutral(ctx) if done and ctx.facts.get(self.HAD_CLIENT) else done


def _neutral(ctx: StepContext) -> Done | Wait:
    """Texts about the platform are the same whoever has the number."""
    number_id = ctx.facts["phone_number_id"]
    number, seen = ctx.registrar.number(number_id), ctx.registrar.profile(number_id)
    name = number.new_display_name or number.display_name
    worn = (seen.description, seen.has_picture, seen.websites, seen.address, seen.email)
    if name == ctx.display_name() and not any(worn):
        return Done()
    return Wait(
        code="number_not_neutral",
        detail=f"Meta still shows {ctx.facts['phone_number']} as its client had it: clear name,"
        " picture and description in the WhatsApp Manager.",
        who="operator",
    )
