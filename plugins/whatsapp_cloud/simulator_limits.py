"""How fast a simulated number may send, and to how many new people a portfolio may write."""

import threading
import time
from collections import OrderedDict

from .simulator_decisions import TIERS
from .simulator_errors import GraphError
from .simulator_platform import Platform

_DAY = 24 * 3600.0


class Buckets:
    """Token buckets by key, in real time: full at first, refilled steadily."""

    def __init__(self, *, size: float, per_second: float) -> None:
        self._size = size
        self._rate = per_second
        self._levels: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, key: str) -> bool:
        """Whether there was a token left."""
        now = time.monotonic()
        with self._lock:
            level, at = self._levels.get(key, (self._size, now))
            level = min(self._size, level + (now - at) * self._rate)
            taken = level >= 1
            self._levels[key] = (level - 1 if taken else level, now)
        return taken


class Limits:
    """Meta's limits on messages.

    Source: throughput (80 messages a second and number, 20 where it is in the app), pair rate (one
    message in six seconds, 45 at once), messaging limits (people written to first in 24 hours, by
    portfolio).
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._throughput = Buckets(size=80, per_second=80)
        self._of_apps = Buckets(size=20, per_second=20)
        self._pairs = Buckets(size=45, per_second=1 / 6)
        self._first_contacts: dict[str, OrderedDict[str, float]] = {}
        held = platform.world.store.all("graph_first_contact")
        for key, contact in sorted(held, key=lambda item: float(item[1]["at"])):
            portfolio_id, phone = key.split(":")
            self._people(portfolio_id)[phone] = contact["at"]

    def spend(self, number_id: str, phone: str, *, on_app: bool) -> None:
        """Take one message off the number's and the pair's rate, or refuse it."""
        if on_app and not self._of_apps.take(number_id):
            raise GraphError(130429, "A number of the app sends 20 messages a second at most.")
        if not self._throughput.take(number_id):
            raise GraphError(130429, "The number sends more than 80 messages a second.")
        if not self._pairs.take(f"{number_id}:{phone}"):
            raise GraphError(131056, "Too many messages to this one person in a short time.")

    def write_first(self, portfolio_id: str, phone: str) -> bool:
        """Count a person written to outside the reply window; False where the budget is spent."""
        with self._platform.lock:
            people = self._people(portfolio_id)
            if phone in people:
                return True
            limit = TIERS[self._platform.decisions.messaging_limit()]
            if limit is not None and len(people) >= limit:
                return False
            people[phone] = self._platform.world.now().timestamp()
            document = {"at": people[phone]}
            self._platform.world.store.put(
                "graph_first_contact", f"{portfolio_id}:{phone}", document
            )
            return True

    def people_reached(self) -> int:
        """How many people were written to first in the last 24 hours, in all portfolios."""
        with self._platform.lock:
            return sum(len(self._people(portfolio_id)) for portfolio_id in self._first_contacts)

    def _people(self, portfolio_id: str) -> OrderedDict[str, float]:
        """Who was written to first in the last 24 hours, the longest ago first."""
        people = self._first_contacts.setdefault(portfolio_id, OrderedDict())
        since = self._platform.ago(_DAY)
        while people and next(iter(people.values())) <= since:
            people.popitem(last=False)
        return people
