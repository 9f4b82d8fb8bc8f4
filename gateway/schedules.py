"""What a plugin wants done again and again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """Run `run` about every `every`, on one worker at a time. A run that fails is due again."""

    name: str  # kebab-case, unique among all plugins
    every: timedelta
    run: Callable[[], None]
