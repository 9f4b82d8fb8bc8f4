"""Register the number on the Cloud API, with a PIN of ours."""

from gateway.errors import OutcomeUnknown
from gateway.onboarding.step_contract import Done, Step, StepContext


class Register(Step):
    name = "register"
    title = "Register the number with its PIN"

    def look(self, ctx: StepContext) -> Done | None:
        connected = ctx.registrar.number(ctx.facts["phone_number_id"]).connected
        return Done() if connected else None

    def do(self, ctx: StepContext) -> Done:
        with ctx.counted("register"):
            ctx.registrar.register(ctx.facts["phone_number_id"], pin=ctx.pin())
        done = self.look(ctx)
        if done is None:
            raise OutcomeUnknown(
                "not_connected",
                "Meta took the registration but does not show the number connected.",
            )
        return done
