"""Prove that we hear the number: have a code sent to it, catch it, hand it in.

Whoever listens to the number gets some tries; then a person is asked for the code.
"""

from typing import ClassVar, Final

from gateway.errors import OutcomeUnknown, ProviderError, Refused
from gateway.onboarding.step_contract import Done, ReceivedCode, Step, StepContext, Wait
from gateway.provisioning import codes
from gateway.provisioning.contract import CodeMethod

_ENGLISH: Final = "en_US"  # the language whose transcripts are the most reliable
_HOW: Final = {"VOICE": "call", "SMS": "text"}


class Code(Step):
    name = "code"
    title = "Verify the number by its code"

    BY_HAND: ClassVar[str] = "code_by_hand"  # noted once a person is to enter the code
    WANTED: ClassVar[str] = "code_wanted"  # noted when that person wants a new one

    def look(self, ctx: StepContext) -> Done | None:
        verified = ctx.registrar.number(ctx.facts["phone_number_id"]).code_verified
        return Done() if verified else None

    def do(self, ctx: StepContext) -> Done | Wait:
        received = ctx.newest_code()
        if received is not None and _proves(ctx, received):
            return Done()
        if ctx.facts.get(self.BY_HAND):
            return self._ask_by_hand(ctx) if ctx.facts.get(self.WANTED) else _for_a_person(ctx)
        if _count(ctx, "code_tries") and not _in_vain(ctx):
            return _listening(ctx)
        return self._next_try(ctx)

    def _next_try(self, ctx: StepContext) -> Wait:
        tries, begun = ctx.code_tries(), _count(ctx, "code_tries")
        while begun < len(tries):
            method, begun = tries[begun], begun + 1
            if _ask(ctx, method, code_tries=str(begun)):
                return _listening(ctx)
            while begun < len(tries) and tries[begun] == method:
                begun += 1
        if ctx.facts.get("code_requested_at"):
            ctx.note(**{self.BY_HAND: "yes"})
            return _for_a_person(ctx)
        return self._ask_by_hand(ctx)

    def _ask_by_hand(self, ctx: StepContext) -> Wait:
        number = ctx.number()
        method = codes.by_hand(number.hears if number else ())
        _ask(ctx, method, **{self.BY_HAND: "yes", self.WANTED: ""})
        return _for_a_person(ctx)


def _proves(ctx: StepContext, received: ReceivedCode) -> bool:
    try:
        ctx.registrar.verify_code(ctx.facts["phone_number_id"], received.code)
    except Refused as refused:
        if refused.code != "wrong_code":
            raise
        wrong = "code_mistyped" if received.entered else "code_misheard"
        ctx.forget_code(received, **{wrong: str(_count(ctx, wrong) + 1)})
        return False
    ctx.forget_code(received)
    return True


def _in_vain(ctx: StepContext) -> bool:
    """Whether nothing is to be expected any more of what was asked for.

    A wrong code may be a late one of an earlier request: asking now would outdate the newest.
    """
    waited = ctx.noted_seconds_ago("code_requested_at")
    late = waited is None or waited > ctx.code_wait
    return late or _count(ctx, "code_misheard") >= _count(ctx, "code_requests")


def _ask(ctx: StepContext, method: CodeMethod, **begun: str) -> bool:
    """Have a code sent; False where Meta sends none this way."""
    asked = str(_count(ctx, "code_requests") + 1)
    begun |= {"code_method": method, "code_requests": asked, "code_mistyped": "0"}
    before = {name: ctx.facts.get(name, "") for name in (*begun, "code_requested_at")}
    with ctx.counted("request_code"):
        # Noted before the call: whatever happens, nobody asks again before the code had its time.
        ctx.note(**begun)
        ctx.note_time("code_requested_at")
        try:
            phone_number_id = ctx.facts["phone_number_id"]
            ctx.registrar.request_code(phone_number_id, method=method, language=_ENGLISH)
        except OutcomeUnknown:
            raise
        except ProviderError as error:
            if error.code == "code_not_sent":
                ctx.note(code_requested_at="", code_requests=before["code_requests"])
                return False
            ctx.note(**before)
            raise
    return True


def _listening(ctx: StepContext) -> Wait:
    said = f"Meta sends a code to {_sent_to(ctx)}; we listen."
    if _count(ctx, "code_mistyped"):
        said += " The code that was entered is not the one that Meta sent last."
    return Wait(code="waiting_for_code", detail=said, who="supplier")


def _for_a_person(ctx: StepContext) -> Wait:
    number = ctx.facts["phone_number"]
    if not ctx.facts.get("code_requested_at"):
        return Wait(
            code="code_not_sent",
            detail=f"Meta sends no code to {number} now. Wait some hours, then have one sent with"
            " POST …/activation/retry, or on the line's page.",
            who="operator",
        )
    wrong = _count(ctx, "code_mistyped")
    detail = f"Meta sent a code to {_sent_to(ctx)}, and we did not hear it."
    if wrong:
        times = "once" if wrong == 1 else f"{wrong} times"
        detail = (
            f"A wrong code was entered, {times} by now: only the newest that Meta sent to"
            f" {_sent_to(ctx)} counts, and for ten minutes."
        )
    return Wait(
        code="wrong_code" if wrong else "code_needed",
        detail=f"{detail} Enter it on the line's page, with POST …/activation/code or with"
        f" `gateway lines code {number} 123456`; POST …/activation/retry has a new one sent.",
        who="operator",
    )


def _sent_to(ctx: StepContext) -> str:
    return f"{ctx.facts['phone_number']} by {_HOW[ctx.facts['code_method']]}"


def _count(ctx: StepContext, name: str) -> int:
    return int(ctx.facts.get(name) or 0)
