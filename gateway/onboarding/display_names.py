"""Meta's rules for display names, asked before a name is handed in.

Source: Meta's display name guidelines. What Meta alone can judge, whether the name belongs to the
business, is left to its review.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gateway.onboarding import display_name_words as words

SHORTEST, LONGEST = 3, 75
TRADE: Final = "Recruitment"
_PUNCTUATION: Final = "&'’.,-–()+/·"
_ADDRESS: Final = re.compile(
    r"https?://|www\.|\S@\S|\w\.(?:com|net|org|info|biz|io|co|app|jobs|ma|fr|dz|tn|es|eu)\b", re.I
)
_OF_ADDRESSES: Final = re.compile(
    r"https?://|www\.|\S+@|\.(?:com|net|org|info|biz|io|co|app|jobs|ma|fr|dz|tn|es|eu)\b", re.I
)
_LONGEST_ACRONYM: Final = 4


@dataclass(frozen=True, kw_only=True)
class NameRefusal:
    """Why Meta would refuse a name. `suggestion` is a display name that passes, if one is found."""

    reason: str
    detail: str
    suggestion: str | None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a name must not be. `mend` makes another one of it that may pass."""

    reason: str
    detail: str
    breaks: Callable[[str], bool]
    mend: Callable[[str], str]


def composed(company: str) -> str:
    """The display name of a company that chose none. Never a recruiter's."""
    return company if _words(company) & words.TRADES else f"{company} {TRADE}"


def refusal(
    company: str, chosen: str | None = None, legal_name: str | None = None
) -> NameRefusal | None:
    """What Meta would refuse in a company's name, or in the display name that it chose.

    A business may be called like a person where its legal name has a legal form.
    """
    name = chosen or company
    broken = _TOO_SHORT if chosen and len(chosen) < SHORTEST else _broken(name)
    if broken is None or (broken is _PERSON and _words(legal_name or "") & words.LEGAL_FORMS):
        return None
    return NameRefusal(reason=broken.reason, detail=broken.detail, suggestion=_suggestion(name))


def _broken(name: str) -> Rule | None:
    return next((rule for rule in RULES if rule.breaks(name)), None)


def _suggestion(name: str) -> str | None:
    """Mended rule after rule, for as long as that changes anything."""
    for _ in RULES:
        broken = _broken(name)
        if broken is None:
            break
        name = " ".join(broken.mend(name).split()).strip("&'’,-–/·+ ")
    whole = composed(name)
    return whole if _broken(name) is None and len(whole) <= LONGEST else None


def _words(name: str) -> set[str]:
    """The words of a name, small and without accents, so that they can be looked up."""
    spread = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in spread if unicodedata.category(letter)[0] != "M")
    return set(re.findall(r"[^\W_]+", plain))


def _letters(name: str) -> str:
    return "".join(letter for letter in name if letter.isalpha())


def _is_pictograph(letter: str) -> bool:
    return unicodedata.category(letter) in ("So", "Sk", "Cn", "Co") or letter in "\u200d\ufe0f"


def _is_foreign(letter: str) -> bool:
    return unicodedata.category(letter)[0] not in "LMNZ" and letter not in _PUNCTUATION


def _kept(*, without: Callable[[str], bool]) -> Callable[[str], str]:
    return lambda name: "".join(" " if without(letter) else letter for letter in name)


def _shouts(name: str) -> bool:
    return name.upper() == name != name.lower() and any(
        len(word) > _LONGEST_ACRONYM for word in re.findall(r"[^\W\d_]+", name)
    )


def _calmed(name: str) -> str:
    return re.sub(
        r"[^\W\d_]+",
        lambda word: word[0] if len(word[0]) <= _LONGEST_ACRONYM else word[0].capitalize(),
        name,
    )


def _is_a_person(name: str) -> bool:
    """A title or a usual first name, and then one or two words that say nothing of a business."""
    parts = [part for word in name.split() for part in sorted(_words(word))[:1]]
    titled = bool(parts) and parts[0] in words.TITLES
    rest = parts[1:] if titled else parts
    if set(rest) & (words.GENERIC | words.BUSINESSES):
        return False
    return (titled and 0 < len(rest) <= 3) or (1 < len(rest) <= 3 and rest[0] in words.FIRST_NAMES)


def _is_only(known: frozenset[str]) -> Callable[[str], bool]:
    return lambda name: bool(_words(name)) and _words(name) <= known


def _is_badly_set(name: str) -> bool:
    first, last = name[:1], name[-1:]
    return bool(
        re.search(r"\s\s|[\r\n\t]|([^\w\s])\1|([^\W\d_])\2\2\2", name)
        or (first in _PUNCTUATION and first != "(")
        or (last in _PUNCTUATION and last not in ").+")
    )


def _same(name: str) -> str:
    return name


_TOO_SHORT: Final = Rule(
    reason="too_short",
    detail=f"A display name has at least {SHORTEST} characters, and letters among them.",
    breaks=lambda name: len(composed(name)) < SHORTEST or len(name) < 2 or not _letters(name),
    mend=_same,
)
_PERSON: Final = Rule(
    reason="person",
    detail="Meta takes no person's name alone: say the business, its trade or its legal form.",
    breaks=_is_a_person,
    mend=lambda name: f"Cabinet {name}",
)
RULES: Final = (
    Rule(
        reason="emoji",
        detail="Meta takes no emoji and no pictographs such as ™ in a display name.",
        breaks=lambda name: any(map(_is_pictograph, name)),
        mend=_kept(without=_is_pictograph),
    ),
    Rule(
        reason="address",
        detail="Meta takes no web or mail address as a display name.",
        breaks=lambda name: bool(_ADDRESS.search(name)),
        mend=lambda name: _OF_ADDRESSES.sub(" ", name),
    ),
    Rule(
        reason="phone_number",
        detail="Meta takes no telephone number in a display name.",
        breaks=lambda name: bool(re.search(r"(?:\d[\s.-]*){7,}", name)),
        mend=lambda name: re.sub(r"\+?(?:\d[\s.-]*){7,}", " ", name),
    ),
    Rule(
        reason="characters",
        detail=f"A display name holds letters, digits, spaces and {' '.join(_PUNCTUATION)} alone.",
        breaks=lambda name: any(map(_is_foreign, name)),
        mend=_kept(without=_is_foreign),
    ),
    Rule(
        reason="formatting",
        detail="Meta takes no double spaces, repeated signs or letters, and no sign at either end.",
        breaks=_is_badly_set,
        mend=lambda name: re.sub(r"([^\w\s])\1+|([^\W\d_])\2{3,}", r"\1\2", name),
    ),
    _TOO_SHORT,
    Rule(
        reason="platform_word",
        detail="Meta takes no name that sounds like WhatsApp or another service of its own.",
        breaks=lambda name: any(one in _letters(name).casefold() for one in words.PLATFORMS),
        mend=lambda name: re.sub("|".join(words.PLATFORMS), " ", name, flags=re.I),
    ),
    Rule(
        reason="all_capitals",
        detail="Meta takes capitals throughout only in acronyms.",
        breaks=_shouts,
        mend=_calmed,
    ),
    Rule(
        reason="only_generic_words",
        detail="Generic words alone name no business: say which one.",
        breaks=_is_only(words.GENERIC),
        mend=_same,
    ),
    Rule(
        reason="only_a_place",
        detail="A place alone names no business: say which one.",
        breaks=_is_only(words.GENERIC | words.PLACES),
        mend=_same,
    ),
    _PERSON,
    Rule(
        reason="too_long",
        detail=f"A display name has at most {LONGEST} characters.",
        breaks=lambda name: len(composed(name)) > LONGEST,
        mend=_same,
    ),
)
"""In this order: the first that a name breaks is told."""
