"""What one check of the installation found."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warn", "FAIL"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One check. `remedy` says what to do where the verdict is not ok."""

    check: str
    verdict: Verdict
    detail: str
    remedy: str = ""
