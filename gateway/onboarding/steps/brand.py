"""Give the line its face: picture, about, description; and follow its name to Meta's decision."""

from gateway.onboarding.contract import Done, Step, StepContext
from gateway.provisioning.contract import Branding


class Brand(Step):
    name = "brand"
    title = "Brand the line"

    def look(self, ctx: StepContext) -> Done | None:
        wanted = ctx.branding()
        seen = ctx.registrar.profile(ctx.facts["phone_number_id"])
        if seen.about != wanted.about or seen.description != wanted.description:
            return None
        if wanted.picture is not None and not seen.has_picture:
            return None
        return self._recorded(ctx, wanted)

    def do(self, ctx: StepContext) -> Done:
        wanted = ctx.branding()
        ctx.registrar.brand(ctx.facts["phone_number_id"], wanted)
        return self._recorded(ctx, wanted)

    def _recorded(self, ctx: StepContext, branding: Branding) -> Done:
        number = ctx.registrar.number(ctx.facts["phone_number_id"])
        name = ctx.display_name()
        if name not in (number.display_name, number.new_display_name):  # it was of the pool
            ctx.registrar.rename(ctx.facts["phone_number_id"], display_name=name)
        ctx.record_branding(branding)
        ctx.follow_display_name(name)
        return Done()
