"""Prove that we hear the number: have a code sent to it, catch it, hand it in."""

from typing import Final

from gateway.errors import Refused
from gateway.onboarding.contract import Done, Step, StepContext, Wait

MOST_REQUESTS: Final = 5  # of the 10 that Meta allows a number in 72 h
_ENGLISH: Final = "en_US"  # the language whose transcripts are the most reliable


class Code(Step):
    name = "code"
    title = "Verify the number by its code"

    def look(self, ctx: StepContext) -> Done | None:
        verified = ctx.registrar.number(ctx.facts["phone_number_id"]).code_verified
        return Done() if verified else None

    def do(self, ctx: StepContext) -> Done | Wait:
        code = ctx.take_code()
        if code is not None:
            try:
                ctx.registrar.verify_code(ctx.facts["phone_number_id"], code)
            except Refused as refused:
                if refused.code != "wrong_code":
                    raise
                heard = _count(ctx, "codes_heard") + 1
                ctx.note(codes_heard=str(heard))
                if heard >= _count(ctx, "code_requests"):
                    return self._request(ctx, after="wrong_code")
                # It may be late and of an earlier request: asking now would outdate the newest.
            else:
                return Done()
        waited = ctx.noted_seconds_ago("code_requested_at")
        if waited is None or waited > ctx.code_wait:
            return self._request(ctx, after="code_not_heard")
        return self._waiting(ctx)

    def _request(self, ctx: StepContext, *, after: str) -> Wait:
        requests = _count(ctx, "code_requests")
        spent = requests - _count(ctx, "code_requests_before")
        if spent >= MOST_REQUESTS:
            # Whoever retries the activation may ask as often again.
            ctx.note(code_requests_before=str(requests))
            raise Refused(
                after,
                f"{spent} codes were asked for and none was the right one. Check who hears the"
                " number, then retry the activation or enter the code by hand.",
            )
        number = ctx.number()
        method = number.hears[0] if number and number.hears else "VOICE"
        # Noted before the call: a crash in between may waste a request, never exceed the budget.
        ctx.note(code_requests=str(requests + 1), code_method=method)
        ctx.note_time("code_requested_at")
        ctx.registrar.request_code(ctx.facts["phone_number_id"], method=method, language=_ENGLISH)
        return self._waiting(ctx)

    def _waiting(self, ctx: StepContext) -> Wait:
        how = "call" if ctx.facts.get("code_method") == "VOICE" else "text"
        return Wait(
            code="waiting_for_code",
            detail=f"Meta sends a code to {ctx.facts['phone_number']} by {how}; we listen.",
            who="supplier",
        )


def _count(ctx: StepContext, name: str) -> int:
    return int(ctx.facts.get(name, "0"))
