"""Whether two addresses, each as somebody wrote it, are one. Pure; it advises a person."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

Verdict = Literal["same", "similar", "different"]

_WORDS: Final = {
    "avenue": "av ave aven شارع ش",
    "boulevard": "bd bld blvd boul bvd بوليفار",
    "rue": "r زنقه ز نهج",
    "route": "rte طريق",
    "place": "pl ساحه",
    "quartier": "qt qrt qu hay حي",
    "lotissement": "lot lott تجزءه",
    "residence": "res resid اقامه",
    "immeuble": "imm immeub عماره ع",
    "appartement": "app appt apt شقه",
    "etage": "etg ايط طابق الطابق",
    "angle": "ang زاويه",
    "bureau": "bur مكتب",
    "casablanca": "casa البيضاء",
    "rabat": "الرباط",
    "tanger": "tangier طنجه",
    "fes": "fez فاس",
    "marrakech": "marrakesh مراكش",
    "agadir": "اكادير",
    "meknes": "مكناس",
    "oujda": "وجده",
    "kenitra": "القنيطره",
    "tetouan": "تطوان",
    "sale": "سلا",
    "saint": "st",
}
_MEANING: Final = {short: word for word, all_ in _WORDS.items() for short in all_.split()}
_ARTICLES: Final = "de du des la le les l d al el et numero num no n maroc morocco"
_SILENT: Final = frozenset(f"{_ARTICLES} رقم الدار المغرب".split())
_LETTERS: Final = str.maketrans("أإآٱىةؤئ", "اااايهوي")
_APART: Final = re.compile(r"(?<=\d)(?=[^\W\d])|(?<=[^\W\d])(?=\d)|[\W_]+")
_POSTAL_CODE: Final = re.compile(r"\b(\d\d) (\d{3})\b")
_ZONE: Final = re.compile(r"\bz\W?i\b")
_ENOUGH: Final = 0.6


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two addresses side by side, and the words that only one of them has, as they compare."""

    verdict: Verdict
    registered: str
    on_paper: str
    only_registered: tuple[str, ...]
    only_on_paper: tuple[str, ...]


def compare(registered: str, on_paper: str) -> Comparison:
    """Accents, abbreviations in French and Arabic, and the order of the words do not matter."""
    ours, theirs = Counter(words(registered)), Counter(words(on_paper))
    missing, more = ours - theirs, theirs - ours
    common = (ours & theirs).total()
    return Comparison(
        verdict=_verdict(common, missing.total(), more.total()),
        registered=registered,
        on_paper=on_paper,
        only_registered=tuple(missing.elements()),
        only_on_paper=tuple(more.elements()),
    )


def words(address: str) -> list[str]:
    """What an address consists of, folded: no accents, no abbreviations, no articles."""
    marked = unicodedata.normalize("NFKD", address.translate(_LETTERS).casefold())
    folded = "".join(_digit(mark) for mark in marked if not unicodedata.combining(mark))
    folded = _ZONE.sub("zone industrielle", _POSTAL_CODE.sub(r"\1\2", folded.replace("ـ", "")))
    parts = [_MEANING.get(part, part) for part in _APART.split(folded) if part]
    return [part.lstrip("0") or "0" for part in parts if part not in _SILENT]


def _verdict(common: int, missing: int, more: int) -> Verdict:
    if not common:
        return "different"
    if not missing and not more:
        return "same"
    # One of them may say more: a floor, a district.
    return "similar" if common / (common + min(missing, more)) >= _ENOUGH else "different"


def _digit(mark: str) -> str:
    """Arabic-Indic digits count as the digits they are."""
    return str(unicodedata.digit(mark)) if mark.isdigit() else mark
