"""Whether a number can be connected as it is: where it may live today, and the way out of each.

A number that has a WhatsApp account, or another provider, cannot be connected beside it. Facts of
Meta's documentation, February 2026: an account deleted in the app frees its number within three
minutes; coexistence is for the WhatsApp Business app alone, and closed in Nigeria and South Africa.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.onboarding.clean_number import arabic, english, french
from gateway.onboarding.clean_number.texts import (
    Advice,
    Language,
    Place,
    Way,
    with_unbroken_signs,
)

PLACES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "consumer_app": ("delete_account", "become_business_app"),
        "business_app": ("coexist", "delete_account"),
        "other_provider": ("provider_releases", "migrate"),
        "landline": ("hear_a_call",),
        "behind_ivr": ("let_calls_through",),
        "nowhere": ("ready",),
    }
)
"""Where a number may live, and by which ways it can be connected; the gentlest way first."""

SAID: Final = (
    "number_in_use",
    "number_already_added",
    "number_banned",
    "number_not_reachable",
    "number_limit_reached",
    "name_against_rules",
    "too_many_tries",
    "too_many_codes",
)
"""What Meta's page may say of a number, in words alone: nothing of it is told to us."""

KEEP: Final = "coexist"
"""The way on which the number stays in the app."""

_CLOSED: Final = ("NG", "ZA")
_LANGUAGES: Final[Mapping[str, Language]] = MappingProxyType(
    {"ar": arabic.LANGUAGE, "en": english.LANGUAGE, "fr": with_unbroken_signs(french.LANGUAGE)}
)


def language(code: str | None) -> Language:
    """The language of this code; English where there is none."""
    return _LANGUAGES.get(code or "", english.LANGUAGE)


def places(spoken: Language, country: str) -> list[Place]:
    """The question's answers, each with the ways that are open to a number of this country."""
    closed = (KEEP, "become_business_app") if country in _CLOSED else ()
    return [
        Place(
            code=code,
            title=spoken.places[code],
            ways=tuple(
                Way(code=way, title=spoken.ways[way][0], steps=spoken.ways[way][1])
                for way in ways
                if way not in closed
            ),
        )
        for code, ways in PLACES.items()
    ]


def advice(spoken: Language, code: str) -> Advice | None:
    """What a refusal means for the client and what to do next; None: nothing of this kind."""
    found = spoken.answers.get(code)
    if found is None:
        return None
    means, do = found
    return Advice(code=code, means=means, do=do)


def said(spoken: Language) -> list[tuple[str, Advice]]:
    """What Meta's page may say, in its words, and the answer to each."""
    return [
        (spoken.said[code], found) for code in SAID if (found := advice(spoken, code)) is not None
    ]
