"""Give the line its face, and follow its name to Meta's decision."""

from dataclasses import replace

from gateway.onboarding import dressing
from gateway.onboarding.dressing import Missing
from gateway.onboarding.step_contract import Done, Step, StepContext
from gateway.provisioning.registrar_contract import Face


class Brand(Step):
    name = "brand"
    title = "Brand the line"

    def __init__(self) -> None:
        self._looked: tuple[Face, Missing] | None = None  # a click waits for each call to Meta

    def look(self, ctx: StepContext) -> Done | None:
        face = ctx.face()
        if ctx.first_try and ctx.facts.get("kept_by"):  # a number of the pool wears no face yet
            missing = Missing(name=True, profile=True)
        else:
            missing = dressing.look(ctx.registrar, ctx.facts["phone_number_id"], face)
        self._looked = face, missing
        if missing:
            return None
        ctx.follow_display_name(face.display_name)
        return self._recorded(ctx, face)

    def do(self, ctx: StepContext) -> Done:
        if self._looked is None:
            raise LookupError("A step looks before it acts.")
        face, missing = self._looked
        number_id = ctx.facts["phone_number_id"]
        dressing.put_on(ctx.registrar, number_id, face, replace(missing, profile=False))
        ctx.follow_display_name(face.display_name)  # Meta reviews it while the rest is put on
        dressing.put_on(ctx.registrar, number_id, face, replace(missing, name=False))
        return self._recorded(ctx, face)

    def _recorded(self, ctx: StepContext, face: Face) -> Done:
        ctx.record_branding(face.branding)
        return Done()
