"""Which of the numbers that a client let us see becomes its line's.

What the page said of account and number is held against what the platform says was granted. Where
several would do and none was named, the client is asked: nobody guesses.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from gateway.errors import Refused
from gateway.onboarding.models import Signup
from gateway.onboarding.signup_contract import Choice, Connection
from gateway.provisioning.connector_contract import ConnectedNumber, Connector, Grant

Numbers = Mapping[str, Sequence[ConnectedNumber]]
"""The numbers of each account."""

_AGAIN: Final = "open the sign-up again and choose it there."


class Unclear(Refused):
    """Refused, and the client may say which of these it means instead."""

    def __init__(self, code: str, what: str, choices: Iterable[Choice] = ()) -> None:
        self.choices = tuple(choices)
        offered = "; ".join(
            f"{one.phone_number} ({one.phone_number_id} of {one.waba_id})" for one in self.choices
        )
        do = f"name one of {offered}." if self.choices else _AGAIN
        super().__init__(code, f"{what}: {do}", who="client")


def chosen(connector: Connector, token: str, grant: Grant, signup: Signup) -> Connection:
    """The account and the number that the sign-up was for. Refused where that cannot be told."""
    said = signup.waba_id
    if said and said not in grant.accounts:
        raise Unclear("waba_not_granted", "The WhatsApp account is not one that was granted")
    if not grant.accounts:
        raise Unclear("waba_not_granted", "No WhatsApp account was granted")
    there = numbers(connector, token, [said] if said else grant.accounts)
    if signup.phone_number_id:
        return _named(there, signup.phone_number_id)
    return _only(there)


def numbers(connector: Connector, token: str, accounts: Iterable[str]) -> Numbers:
    return {waba_id: connector.numbers(token, waba_id) for waba_id in accounts}


def choices(there: Numbers) -> list[Choice]:
    return [
        Choice(
            waba_id=waba_id,
            phone_number_id=one.number.phone_number_id,
            phone_number=one.number.phone_number,
            display_name=one.number.display_name,
        )
        for waba_id, found in there.items()
        for one in found
    ]


def renewed(before: Connection, grant: Grant) -> Connection:
    if before.waba_id not in grant.accounts:
        raise Unclear("another_account", "This is another WhatsApp account than the line's")
    return before


def _named(there: Numbers, phone_number_id: str) -> Connection:
    for waba_id, found in there.items():
        for one in found:
            if one.number.phone_number_id == phone_number_id:
                return _connection(waba_id, one)
    raise Unclear("number_not_granted", "The number is not in the account")


def _only(there: Numbers) -> Connection:
    everything = [(waba_id, one) for waba_id, found in there.items() for one in found]
    if not everything:
        raise Unclear("signup_without_number", "The sign-up ended without a number")
    sieves = [everything]
    if len(there) == 1:
        sieves.append([it for it in everything if it[1].coexists])
        sieves.append([it for it in everything if not it[1].number.connected])
    for left in sieves:
        if len(left) == 1:
            return _connection(*left[0])
    what = "Several numbers were granted, and none was named"
    raise Unclear("number_not_said", what, choices(there))


def _connection(waba_id: str, found: ConnectedNumber) -> Connection:
    return Connection(
        waba_id=waba_id,
        portfolio_id=found.portfolio_id or waba_id,
        phone_number_id=found.number.phone_number_id,
        phone_number=found.number.phone_number,
        coexists=found.coexists,
    )
