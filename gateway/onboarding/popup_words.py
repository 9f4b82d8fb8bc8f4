"""What Meta's page said, in its own words, as a problem of ours: it tells no codes.

Source: Embedded Signup, errors (November 2025); the texts are matched by what they must speak of.
"""

import re
from typing import Final

from gateway.onboarding.signup_contract import SignupProblem

_MEANT: Final = (
    (
        r"ban(ned)?\b",
        SignupProblem(
            code="number_banned",
            detail="Meta does not take the number: it is banned.",
            who="client",
        ),
    ),
    (
        r"already .*(your|this) (list|account|business)|already (added|exists) ",
        SignupProblem(
            code="number_already_added",
            detail="The number is in the WhatsApp account already: choose it there.",
            who="client",
        ),
    ),
    (
        r"registered (with|to|on)|existing whatsapp account|already registered",
        SignupProblem(
            code="number_in_use",
            detail="The number still has a WhatsApp account: it must leave it first.",
            who="client",
        ),
    ),
    (
        r"too many .*codes?|codes? .*too many",
        SignupProblem(code="too_many_codes", detail="Too many codes were asked for.", who="client"),
    ),
    (
        r"too many (tries|attempts|times)|try again in \d+ hours",
        SignupProblem(
            code="too_many_tries", detail="Too many wrong codes were typed.", who="client"
        ),
    ),
    (
        r"(maximum|limit).*(phone )?numbers|numbers.*(maximum|limit)",
        SignupProblem(
            code="number_limit_reached",
            detail="The business holds as many numbers as Meta allows.",
            who="client",
        ),
    ),
    (
        r"display name",
        SignupProblem(
            code="name_against_rules", detail="Meta does not take this display name.", who="client"
        ),
    ),
    (
        r"\bivr\b|not a valid (phone )?number|invalid (phone )?number|interactive voice",
        SignupProblem(
            code="number_not_reachable",
            detail="Meta cannot send a code to this number.",
            who="client",
        ),
    ),
)


def meant(words: str) -> SignupProblem | None:
    """What these words mean; None where they say nothing of a number that we know."""
    for pattern, problem in _MEANT:
        if re.search(pattern, words, re.IGNORECASE):
            return problem
    return None
