"""Give the line its face, and follow its name to Meta's decision."""

from gateway.onboarding import dressing
from gateway.onboarding.contract import Done, Step, StepContext
from gateway.onboarding.dressing import Missing
from gateway.provisioning.contract import Face


class Brand(Step):
    name = "brand"
    title = "Brand the line"

    def __init__(self) -> None:
        self._looked: tuple[Face, Missing] | None = None  # a click waits for each call to Meta

    def look(self, ctx: StepContext) -> Done | None:
        face = ctx.face()
        missing = dressing.look(ctx.registrar, ctx.facts["phone_number_id"], face)
        self._looked = face, missing
        return None if missing else self._recorded(ctx, face)

    def do(self, ctx: StepContext) -> Done:
        if self._looked is None:
            raise LookupError("A step looks before it acts.")
        face, missing = self._looked
        dressing.put_on(ctx.registrar, ctx.facts["phone_number_id"], face, missing)
        return self._recorded(ctx, face)

    def _recorded(self, ctx: StepContext, face: Face) -> Done:
        ctx.record_branding(face.branding)
        ctx.follow_display_name(face.display_name)
        return Done()
