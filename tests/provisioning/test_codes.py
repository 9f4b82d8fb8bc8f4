"""How a code is to reach us follows from what a number hears and who listens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.provisioning import codes
from gateway.provisioning.contract import CodeMethod

FIXED: tuple[CodeMethod, ...] = ("VOICE", "SMS")
MOBILE: tuple[CodeMethod, ...] = ("SMS", "VOICE")


@dataclass(frozen=True)
class Ear:
    name: str
    heard: dict[str, tuple[CodeMethod, ...]]

    def listens(self, supplier: str) -> Sequence[CodeMethod]:
        return self.heard.get(supplier, ())


@pytest.mark.parametrize(
    ("hears", "listened", "tries", "by_hand"),
    [
        (FIXED, "VOICE SMS", "VOICE VOICE SMS", "SMS"),
        (MOBILE, "VOICE SMS", "SMS VOICE VOICE", "SMS"),
        (("VOICE",), "VOICE SMS", "VOICE VOICE", "VOICE"),
        (MOBILE, "SMS", "SMS", "SMS"),
        (FIXED, "", "", "SMS"),
        ((), "VOICE SMS", "", "SMS"),
    ],
)
def test_the_best_way_first_then_the_other_then_a_person(
    hears: tuple[CodeMethod, ...], listened: Any, tries: str, by_hand: str
) -> None:
    assert codes.tries(hears, listened.split()) == tuple(tries.split())
    assert codes.by_hand(hears) == by_hand


def test_who_sells_a_number_is_not_always_who_hears_it() -> None:
    ears: Any = [
        Ear("recorder", {"didww": ("VOICE",), "twilio": ("VOICE",)}),
        Ear("twilio", {"twilio": ("VOICE", "SMS")}),
    ]

    def addresses(supplier: str) -> list[str]:
        urls = codes.inbound(ears, supplier, "https://g")
        return [url.removeprefix("https://g/webhooks/suppliers/") for url in (urls.voice, urls.sms)]

    assert codes.listened(ears, "didww") == {"VOICE"}
    assert addresses("didww") == ["recorder/voice", "didww/sms"]
    assert codes.listened(ears, "twilio") == {"VOICE", "SMS"}
    assert addresses("twilio") == ["twilio/voice", "twilio/sms"], "its own ears before others'"
    assert codes.listened(ears, "operator-sim") == frozenset()
