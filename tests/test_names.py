"""Names are kept as they are written, and can do no harm beside other words."""

import pytest
from marshmallow import ValidationError

from gateway.names import Name, beside, tidy

KEPT = [
    "Jean-François Lœuf",
    "D'Arcy O’Neill",
    "فاطمة الزهراء بنعلي",
    "مُحَمَّد",
    "Nguyễn Văn Ánh",
    "می\u200cخواهم",
    "株式会社",
]


@pytest.mark.parametrize("name", KEPT)
def test_every_script_and_mark_is_kept(name: str) -> None:
    assert Name().deserialize(name) == name
    assert tidy(name) == name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Sara \u00a0 El  Amrani ", "Sara El Amrani"),
        ("Franc\u0327ois", "Fran\u00e7ois"),
    ],
)
def test_white_space_is_collapsed_and_letters_are_composed(typed: str, kept: str) -> None:
    assert Name().deserialize(typed) == tidy(typed) == kept


@pytest.mark.parametrize(
    "name",
    [
        "Sara\u202egnirts",
        "Sa\u2066ra",
        "Sa\x07ra",
        "Sa\nra",
        "Sa\u200bra",
        "  ",
        "\u0301",
        "'-",
        "a" * 201,
    ],
)
def test_what_misleads_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Name().deserialize(name)


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [("Sa\u202era\n", "Sara"), ("\u202e", ""), ("x" * 300, "x" * 200), ("🦊", "🦊")],
)
def test_what_others_chose_is_tidied(chosen: str, shown: str) -> None:
    assert tidy(chosen) == shown


@pytest.mark.parametrize(
    ("name", "words", "isolated"),
    [
        ("Sara", "مرحباً", True),
        ("سارة", "Bonjour", True),
        ("Sara", "Bonjour", False),
        ("سارة", "مرحباً", False),
        ("3M", "Bonjour", False),
    ],
)
def test_a_name_of_the_other_direction_is_isolated(name: str, words: str, isolated: bool) -> None:
    assert beside(name, words) == (f"\u2068{name}\u2069" if isolated else name)
