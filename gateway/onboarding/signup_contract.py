"""What a case is handed of a client's sign-up."""

from dataclasses import dataclass

from gateway.errors import Actor


@dataclass(frozen=True, kw_only=True)
class Connection:
    """What a client really granted, as the platform itself says."""

    waba_id: str
    portfolio_id: str
    phone_number_id: str
    phone_number: str  # E.164
    coexists: bool  # it stays in the WhatsApp Business app


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A number that a client let us see, and may mean."""

    waba_id: str
    phone_number_id: str
    phone_number: str  # E.164
    display_name: str


@dataclass(frozen=True, kw_only=True)
class SignupProblem:
    """Why a sign-up does not go on; `detail` says what to do."""

    code: str
    detail: str
    who: Actor
    step: str | None = None  # of the platform's page, where it was left
    choices: tuple[Choice, ...] = ()  # naming one of them lets it go on
