"""Which names Meta would refuse, why, and what to take instead."""

import pytest

from gateway.onboarding.display_names import composed, refusal


@pytest.mark.parametrize(
    ("name", "reason", "suggestion"),
    [
        ("ATLAS LOGISTICS", "all_capitals", "Atlas Logistics Recruitment"),
        ("MAROC EMPLOI ATLAS", "all_capitals", "Maroc Emploi Atlas"),
        ("www.atlas.ma", "address", "atlas Recruitment"),
        ("Atlas.ma", "address", "Atlas Recruitment"),
        ("contact@atlas.ma", "address", "atlas Recruitment"),
        ("Atlas 0522123456", "phone_number", "Atlas Recruitment"),
        ("Atlas 🚛", "emoji", "Atlas Recruitment"),
        ("Atlas™", "emoji", "Atlas Recruitment"),
        ("*Atlas*", "characters", "Atlas Recruitment"),
        ("Atlas!", "characters", "Atlas Recruitment"),
        ("Atlas--Rif", "formatting", "Atlas-Rif Recruitment"),
        ("Atlas  Rif", "formatting", "Atlas Rif Recruitment"),
        ("-Atlas", "formatting", "Atlas Recruitment"),
        ("WhatsApp Atlas", "platform_word", "Atlas Recruitment"),
        ("What's App Atlas", "platform_word", None),
        ("A", "too_short", None),
        ("123", "too_short", None),
        ("Atlas " * 12 + "Rif", "too_long", None),
        ("Recruitment Agency", "only_generic_words", None),
        ("شركة توظيف", "only_generic_words", None),
        ("Casablanca Jobs", "only_a_place", None),
        ("Karim Bennani", "person", "Cabinet Karim Bennani Recruitment"),
        ("Aïcha El Alaoui", "person", "Cabinet Aïcha El Alaoui Recruitment"),
        ("Mme Bennani", "person", "Cabinet Mme Bennani Recruitment"),
    ],
)
def test_what_meta_refuses(name: str, reason: str, suggestion: str | None) -> None:
    broken = refusal(name)
    assert broken is not None
    assert (broken.reason, broken.suggestion) == (reason, suggestion)
    assert broken.detail.endswith(".")
    if suggestion:
        assert refusal(name, suggestion) is None


@pytest.mark.parametrize(
    "name",
    [
        "Atlas Logistics", "OCP SA", "BMCE Bank", "DHL", "EY", "3M", "McDonald's", "L'Oréal Maroc",
        "Société Générale", "شركة الأطلس", "हिन्दी", "Omar Logistics", "Adidas (Maroc)", "Client 7",
        "Company A", "Inwi", "Label’Vie", "Sara & Fils Transport", "Aksal 2000",
    ],
)  # fmt: skip
def test_what_businesses_are_called(name: str) -> None:
    assert refusal(name) is None


def test_who_is_called_like_a_person_shows_a_legal_form() -> None:
    assert refusal("Pierre Fabre") is not None
    assert refusal("Pierre Fabre", legal_name="Pierre Fabre SA") is None
    assert refusal("Pierre Fabre", legal_name="Pierre Fabre") is not None


def test_a_name_that_says_already_what_it_is_for_stays() -> None:
    assert composed("Atlas") == "Atlas Recruitment"
    assert composed("Atlas Recrutement") == "Atlas Recrutement"
    short = refusal("Atlas", "At")
    assert short is not None
    assert short.reason == "too_short"
