"""Have the introduction approved, without which nobody can be written to first."""

from collections.abc import Sequence

from gateway.errors import Refused
from gateway.messaging.contract import TemplateDraft, TemplateState
from gateway.onboarding.step_contract import Done, Step, StepContext, Wait

_PENDING = "PENDING"


class Introduce(Step):
    name = "introduce"
    title = "Have the introduction approved"

    def look(self, ctx: StepContext) -> Done | None:
        states = [
            ctx.catalogue.find_template(ctx.facts["waba_id"], draft.name, draft.language)
            for draft in ctx.templates()
        ]
        return self._done(ctx, states)

    def do(self, ctx: StepContext) -> Done | Wait:
        waba_id = ctx.facts["waba_id"]
        states = [
            ctx.catalogue.find_template(waba_id, draft.name, draft.language)
            or _submitted(ctx, waba_id, draft)
            for draft in ctx.templates()
        ]
        return self._done(ctx, states) or Wait(
            code="waiting_for_approval", detail="Meta reviews the introduction.", who="meta"
        )

    def _done(self, ctx: StepContext, states: Sequence[TemplateState | None]) -> Done | None:
        for draft, state in zip(ctx.templates(), states, strict=True):
            if state is None:
                return None
            ctx.record_template(draft, state)
            if state.status == "REJECTED":
                raise Refused(
                    "template_rejected",
                    f"Meta rejected the introduction in {state.language}"
                    f" ({state.rejected_reason or 'no reason given'}).",
                )
        return Done() if all(state and state.status == "APPROVED" for state in states) else None


def _submitted(ctx: StepContext, waba_id: str, draft: TemplateDraft) -> TemplateState:
    """Templates hang on the WABA: another line of it may have handed this one in meanwhile."""
    try:
        return ctx.catalogue.submit_template(waba_id, draft)
    except Refused:
        found = ctx.catalogue.find_template(waba_id, draft.name, draft.language)
        if found is None:
            raise
        return found
