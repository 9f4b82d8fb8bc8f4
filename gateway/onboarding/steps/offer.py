"""Have a number of the house offered to those who sign up by themselves at Meta's."""

from gateway.errors import Refused
from gateway.onboarding.step_contract import Done, Step, StepContext
from gateway.onboarding.steps.code import Code
from gateway.provisioning.pre_verified_contract import PreVerifiedNumber, PreVerifies


class Offer(Step):
    name = "offer"
    title = "Add the number to those that sign-up offers"

    def look(self, ctx: StepContext) -> Done | None:
        found = _found(ctx)
        return _offered(found.pre_verified_id) if found else None

    def do(self, ctx: StepContext) -> Done:
        return _offered(
            _registrar(ctx).add_pre_verified(
                portfolio_id=ctx.facts["portfolio_id"], phone_number=ctx.facts["phone_number"]
            )
        )

    def undo(self, ctx: StepContext) -> None:
        """Unlike a number of a WABA, Meta forgets it. One that is gone from there may have been
        picked by a client meanwhile, whose account holds it: it goes to quarantine."""
        found = _found(ctx)
        if found is not None:
            _registrar(ctx).remove_pre_verified(found.pre_verified_id)
        elif ctx.facts.get("phone_number_id"):
            ctx.end_number("quarantined")
            ctx.note(quarantined="yes")


class VerifyOffered(Code):
    """Prove that we hear it, as of any number; only where that is to be seen differs."""

    def look(self, ctx: StepContext) -> Done | None:
        found = _found(ctx)
        return Done() if found and found.is_verified else None


def _offered(pre_verified_id: str) -> Done:
    return Done(facts={"phone_number_id": pre_verified_id})  # by which its code is asked for


def _found(ctx: StepContext) -> PreVerifiedNumber | None:
    offered = _registrar(ctx).pre_verified(ctx.facts["portfolio_id"])
    phone_number = ctx.facts["phone_number"]
    return next((one for one in offered if one.phone_number == phone_number), None)


def _registrar(ctx: StepContext) -> PreVerifies:
    if not isinstance(ctx.registrar, PreVerifies):
        raise Refused(
            "pre_verified_unknown",
            f"{ctx.registrar.name} holds no pre-verified numbers: set another registrar.",
        )
    return ctx.registrar
