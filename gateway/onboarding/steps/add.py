"""Add the number to the WABA, under the client's name."""

from gateway.onboarding.step_contract import Done, Step, StepContext


class Add(Step):
    name = "add"
    title = "Add the number to WhatsApp"

    def look(self, ctx: StepContext) -> Done | None:
        found = ctx.registrar.find(
            waba_id=ctx.facts["waba_id"], phone_number=ctx.facts["phone_number"]
        )
        return self._added(ctx, found.phone_number_id) if found else None

    def do(self, ctx: StepContext) -> Done:
        ctx.registrar.subscribe(ctx.facts["waba_id"])
        phone_number_id = ctx.registrar.add(
            waba_id=ctx.facts["waba_id"],
            phone_number=ctx.facts["phone_number"],
            display_name=ctx.display_name(),
        )
        return self._added(ctx, phone_number_id)

    def undo(self, ctx: StepContext) -> None:
        """Meta knows the number from here on and no API makes it forget: it goes to quarantine."""
        found = ctx.registrar.find(
            waba_id=ctx.facts["waba_id"], phone_number=ctx.facts["phone_number"]
        )
        if found is None:
            return
        if found.connected:
            with ctx.counted("deregister"):
                ctx.registrar.deregister(found.phone_number_id)
        ctx.end_number("quarantined")
        ctx.note(quarantined="yes")

    def _added(self, ctx: StepContext, phone_number_id: str) -> Done:
        ctx.route(phone_number_id)
        return Done(facts={"phone_number_id": phone_number_id})
