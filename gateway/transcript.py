"""Find the verification code in what a robot said or wrote."""

import re
from collections import Counter

_WORDS = {
    "zero": "0",
    "oh": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
}
# What a transcriber makes of a digit; a digit only between two that were said one by one.
_SOUNDALIKES = {"o": "0", "won": "1", "to": "2", "too": "2", "for": "4", "ate": "8"}
_LENGTH = 6


def find_code(text: str) -> str | None:
    """The six-digit code in a text or an English transcript; None where there is no clear one.

    Robots repeat the code: what was heard twice alike counts, also against a garbled third. What
    was heard once counts only if nothing else sounds like it.
    """
    heard: Counter[str] = Counter()
    garbled = False
    for run in _digit_runs(text):
        repeats, rest = divmod(len(run), _LENGTH)
        if not rest and run == run[:_LENGTH] * repeats:
            heard[run[:_LENGTH]] += repeats
        elif _LENGTH - 1 <= len(run) <= _LENGTH + 1:
            garbled = True
    twice = [code for code, times in heard.items() if times > 1]
    if len(twice) == 1:
        return twice[0]
    return next(iter(heard)) if len(heard) == 1 and not garbled else None


def _digit_runs(text: str) -> list[str]:
    words = re.findall(r"[0-9]+|[^\W\d_]+", text.lower())
    digits = [word if word[0] in "0123456789" else _WORDS.get(word) for word in words]
    for place in range(1, len(words) - 1):
        if digits[place] is None and _single(digits[place - 1]) and _single(digits[place + 1]):
            digits[place] = _SOUNDALIKES.get(words[place])
    return "".join(digit or " " for digit in digits).split()


def _single(digit: str | None) -> bool:
    return digit is not None and len(digit) == 1
