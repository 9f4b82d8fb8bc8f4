"""Which whole messages mean "stop", "go on", or perhaps "stop". Pure; never a part of a message.

Words that are everyday answers in Darija ("safi", "baraka", "la") only raise the question.
"""

import unicodedata
from collections.abc import Mapping
from typing import Final, Literal

Meaning = Literal["stop", "resume", "perhaps"]

_WORDS: Final[Mapping[Meaning, tuple[str, ...]]] = {
    "stop": (
        "stop",
        "stop all",
        "unsubscribe",
        "opt out",
        "arrêt",
        "arrête",
        "arrêter",
        "arrêtez",
        "désabonner",
        "désabonnement",
        "désinscrire",
        "désinscription",
        "se désabonner",
        "توقف",
        "توقفوا",
        "قف",
        "أوقف",
        "إيقاف",
        "إلغاء الاشتراك",
    ),
    "resume": ("start", "unstop", "reprendre", "reprise", "ابدأ", "استئناف"),
    "perhaps": (
        "safi",
        "baraka",
        "la",
        "صافي",
        "بركة",
        "باركا",
        "لا",
        "cancel",
        "annuler",
        "إلغاء",
    ),
}
_TATWEEL: Final = "\N{ARABIC TATWEEL}"


def fold(text: str) -> str:
    """Without case, accents, tashkeel and what stands around the words."""
    letters = unicodedata.normalize("NFKD", text.casefold()).replace(_TATWEEL, "")
    kept = "".join(
        letter if unicodedata.category(letter)[0] in "LN" else " "
        for letter in letters
        if unicodedata.category(letter) not in ("Mn", "Cf")
    )
    return " ".join(kept.split())


_MEANINGS: Final = {fold(word): meaning for meaning, words in _WORDS.items() for word in words}


def meaning_of(text: str) -> Meaning | None:
    """What a whole message means for being written to; None: nothing."""
    return _MEANINGS.get(fold(text))


def is_arabic(text: str) -> bool:
    """Whether most letters are of the Arabic script."""
    letters = [letter for letter in text if letter.isalpha()]
    arabic = [letter for letter in letters if unicodedata.name(letter, "").startswith("ARABIC")]
    return len(arabic) * 2 > len(letters)
