"""Which code is in what was heard."""

import pytest

from gateway.plugin_api import find_code
from plugins.supplier_twilio.simulated_calls import transcribe


@pytest.mark.parametrize(
    "said",
    [
        "WhatsApp code 482-913",
        "Your WhatsApp Business code is 482 913. Don't share it with others.",
        "<#> 482-913 is your code.\n4sgLq1p5sV6",
        "Your code: 482-913\nOr tap this link to verify: v.whatsapp.com/482913",
        "Your verification code is 4 8 2 9 1 3.",
        "four eight two nine one three",
        "Your code is four, eight, two, nine, one, three. Again: 482-913.",
        "4. 8. 2. 9. 1. 3. 4. 8. 2. 9. 1. 3.",
        "Hello! For WhatsApp: 4 ate 2 9 won 3",
        "It is 482913 for 10 minutes, call 1 415 555 0100 for help.",
    ],
)
def test_a_clear_code_is_found(said: str) -> None:
    assert find_code(said) == "482913"


@pytest.mark.parametrize(
    "said",
    ["", "hello", "48291", "4829137", "Your order 12 34", "\x00\ud800 ٤٨٢٩١٣", "+212520000001"],
)
def test_nothing_is_made_up(said: str) -> None:
    assert find_code(said) is None


def test_what_was_heard_twice_wins_over_a_garbled_third() -> None:
    assert find_code("482913 again 482914 again 482913") == "482913"
    assert find_code("482913 again 48291 again 482913") == "482913"


def test_two_readings_that_differ_are_no_code() -> None:
    assert find_code("482913. Again: your code is 482914") is None
    assert find_code("482913. Again: your code is 48291") is None
    assert find_code("482913 482913 or 111111 111111 or") is None


def test_zero_is_heard_in_all_its_names() -> None:
    assert find_code("zero oh 2 o 1 3") == "002013"


@pytest.mark.parametrize("spelled", ["4 8 2, 9 1 3", "four, eight, two, nine, one, three"])
def test_what_the_simulator_transcribes_is_understood(spelled: str) -> None:
    speech = f"Hello someone. Your code is: {spelled}. Again, your code is: {spelled}."
    transcript = transcribe(speech)
    assert "someone" in transcript
    assert "four eight two nine one three" in transcript
    assert "482-913" in transcript
    assert find_code(transcript) == "482913"
