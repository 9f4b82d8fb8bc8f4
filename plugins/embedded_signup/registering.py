"""Registering a client's own number without wasting Meta's ten tries in 72 hours."""

from typing import Final

from gateway.plugin_api import Done, Refused, Step, StepContext, Wait

RELEASED_WITHIN: Final = 180.0  # seconds that WhatsApp takes to free a number
_IN_USE, _FREED = "number_was_in_use_at", "number_freed_at"


class RegisterClean(Step):
    """The registration, made only where it can succeed as far as anybody can see beforehand."""

    name = "register"
    title = "Register the number with its PIN"

    def __init__(self, own: Step) -> None:
        self._own = own

    def look(self, ctx: StepContext) -> Done | Wait | None:
        return self._own.look(ctx)

    def do(self, ctx: StepContext) -> Done | Wait:
        if ctx.facts["coexists"] == "yes":
            return self._own.do(ctx)
        if not ctx.registrar.number(ctx.facts["phone_number_id"]).code_verified:
            return Wait(
                code="not_verified",
                detail="The number is not confirmed by its 6-digit code: open the sign-up again.",
                who="client",
            )
        if self._is_being_freed(ctx):
            return Wait(
                code="number_releasing",
                detail="WhatsApp takes up to three minutes to free the number.",
                who="gateway",
            )
        try:
            return self._own.do(ctx)
        except Refused as error:
            if error.code == "number_in_use":
                ctx.note(**{_FREED: ""})
                ctx.note_time(_IN_USE)
            if error.code == "pin_mismatch":
                ctx.forget_pin()
            error.who = "client"  # nobody else can mend what keeps it from being registered
            raise

    def _is_being_freed(self, ctx: StepContext) -> bool:
        """Whoever tries again says that the number was freed just now, at the worst."""
        if ctx.noted_seconds_ago(_IN_USE) is None:
            return False
        freed = ctx.noted_seconds_ago(_FREED)
        if freed is None:
            ctx.note_time(_FREED)
        return freed is None or freed < RELEASED_WITHIN
