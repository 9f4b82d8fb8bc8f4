"""What only a client's own number takes; the common steps are handed over by the core."""

from gateway.plugin_api import Branding, Done, Step, StepContext, Wait


class SignUp(Step):
    """The client signs up at Meta; what it granted is certain before anything is done with it."""

    name = "signup"
    title = "Connect your number at Meta"

    def look(self, ctx: StepContext) -> Done | None:
        found = ctx.connection()
        if found is None:
            return None
        return Done(
            facts={
                "waba_id": found.waba_id,
                "portfolio_id": found.portfolio_id,
                "phone_number": found.phone_number,
                "phone_number_id": found.phone_number_id,
                "coexists": "yes" if found.coexists else "no",
            }
        )

    def do(self, ctx: StepContext) -> Wait:
        problem = ctx.signup_problem()
        if problem is not None:
            return Wait(code=problem.code, detail=problem.detail, who=problem.who)
        return Wait(
            code="waiting_for_signup",
            detail="Open Meta's sign-up: log in, choose your business portfolio, type the number,"
            " enter the 6-digit code.",
            who="client",
        )

    def undo(self, ctx: StepContext) -> None:
        ctx.leave()


class Subscribe(Step):
    """Meta tells us what happens in the client's account. Asked for again, nothing changes."""

    name = "subscribe"
    title = "Receive the number's messages"

    def look(self, ctx: StepContext) -> None:
        return None

    def do(self, ctx: StepContext) -> Done:
        ctx.registrar.subscribe(ctx.facts["waba_id"])
        return Done()


class RegisterOwn(Step):
    """The common registration, but for a number that stays in the WhatsApp Business app: that one
    is on the Cloud API by the sign-up itself, and Meta refuses to register it."""

    name = "register"
    title = "Register the number with its PIN"

    def __init__(self, common: Step) -> None:
        self._common = common

    def look(self, ctx: StepContext) -> Done | Wait | None:
        return self._common.look(ctx)

    def do(self, ctx: StepContext) -> Done | Wait:
        if ctx.facts["coexists"] == "yes":
            return Wait(
                code="app_not_linked",
                detail="The WhatsApp Business app is not linked yet: confirm it in the app.",
                who="client",
            )
        return self._common.do(ctx)


class Payment(Step):
    """Since October 2026 an account that Meta cannot charge may not even answer."""

    name = "payment"
    title = "Check your payment method at Meta"

    def look(self, ctx: StepContext) -> Done | None:
        has_one = ctx.has_payment_method()
        if has_one is False:
            return None
        return Done(facts={"payment_method": "there" if has_one else "not_known"})

    def do(self, ctx: StepContext) -> Wait:
        return Wait(
            code="payment_method_missing",
            detail="Add a payment method to your WhatsApp account in Meta's WhatsApp Manager:"
            " without one Meta delivers nothing.",
            who="client",
        )


class Present(Step):
    """The name is the one the client gave at Meta; of the profile only what is empty is filled."""

    name = "brand"
    title = "Check the line's name and profile"

    def look(self, ctx: StepContext) -> None:
        return None

    def do(self, ctx: StepContext) -> Done:
        number_id = ctx.facts["phone_number_id"]
        wanted, seen = ctx.face().branding, ctx.registrar.profile(number_id)
        branding = Branding(
            about=seen.about or wanted.about,
            description=seen.description or wanted.description,
            picture=None if seen.has_picture else wanted.picture,
            picture_type=wanted.picture_type,
        )
        lacks = not (seen.about and seen.description) or branding.picture is not None
        if lacks and ctx.facts["coexists"] == "no":  # of the app's number the app decides
            ctx.registrar.brand(number_id, branding)
        ctx.record_branding(branding)
        number = ctx.registrar.number(number_id)
        ctx.follow_display_name(number.display_name, number.name_status)
        return Done()
