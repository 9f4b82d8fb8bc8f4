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
class SignupProblem:
    """Why a sign-up does not go on; `detail` says what to do."""

    code: str
    detail: str
    who: Actor
