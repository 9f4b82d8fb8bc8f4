"""The numbers on a company's papers. Pure.

Morocco: the common identifier of enterprises (ICE, decree 2-11-63 of 2011) has 15 digits, 9 of the
enterprise, 4 of the establishment, 2 of control, and is divisible by 97 as a whole. A tax number
(IF) has up to 8 digits. Each court keeps a trade register (RC) of its own (law 15-95, articles 27
and following): a number there means nothing without the court.
"""

import re
from typing import Final

_BLANKS: Final = re.compile(r"[\s./-]+")
_ICE_DIGITS: Final = 15
_IF: Final = re.compile(r"\d{5,8}\Z", re.ASCII)
_RC: Final = re.compile(r"\d{1,9}\Z", re.ASCII)
_ANY: Final = re.compile(r"[\w./ -]{1,40}\Z")


def checked(kind: str, written: str, country: str) -> str:
    """The number of a paper of this kind as it is kept; ValueError says what is wrong with it."""
    if country != "MA":
        if not _ANY.match(written):
            raise ValueError("Write the number as the paper shows it, in up to 40 characters.")
        return written
    number = _BLANKS.sub("", written)
    if kind == "rc":
        return _register_number(number)
    return _common_identifier(number) if len(number) > 8 else _tax_number(number)


def is_common_identifier(number: str) -> bool:
    """Whether a tax id is an ICE, not an IF."""
    return len(number) == _ICE_DIGITS


def _register_number(number: str) -> str:
    if not _RC.match(number):
        raise ValueError("A number of the trade register has up to 9 digits and nothing else.")
    return number


def _tax_number(number: str) -> str:
    if not _IF.match(number):
        raise ValueError("A tax number (IF) has 5 to 8 digits; an ICE has 15.")
    return number


def _common_identifier(number: str) -> str:
    if not (number.isascii() and number.isdecimal() and len(number) == _ICE_DIGITS):
        raise ValueError("An ICE has 15 digits and nothing else; a tax number (IF) has up to 8.")
    if int(number) % 97 or not int(number):
        raise ValueError("The control digits of this ICE do not fit the rest: look for a mistype.")
    return number
