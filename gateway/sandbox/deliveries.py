"""Webhooks of the simulated world, delivered until they are answered 200."""

import base64
import threading
from collections.abc import Mapping
from typing import Any

from gateway.errors import ProviderError
from gateway.http_client import HttpClient
from gateway.sandbox.agenda import Agenda
from gateway.sandbox.contract import Store
from gateway.sandbox.faults import FaultPanel

THREADS = 8
FIRST_REPEAT_SECONDS = 0.2
LAST_REPEAT_SECONDS = 10.0
REORDER_SECONDS = 0.5


class Deliveries:
    """Posts webhooks, several at once, and repeats them with a growing pause, also after a restart.

    Under the webhook faults some are posted twice, late, out of order, or lost at an attempt.
    """

    def __init__(self, store: Store, faults: FaultPanel) -> None:
        self._faults = faults
        self._http = HttpClient(pool=THREADS)
        self._agenda = Agenda(store, "delivery", self._attempt, threads=THREADS)
        self._counts = {"attempts": 0, "delivered": 0}
        self._counting = threading.Lock()
        self.start = self._agenda.start
        self.close = self._agenda.close

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Deliver this, soon."""
        faults = self._faults.webhooks
        webhook = {
            "url": url,
            "body": base64.b64encode(body).decode(),
            "headers": dict(headers),
            "pause": FIRST_REPEAT_SECONDS,
        }
        for _ in range(2 if self._faults.happens(faults.duplicate_rate) else 1):
            late = self._faults.scatter(REORDER_SECONDS) if faults.reorder else 0
            self._agenda.add(faults.delay_ms / 1000 + late, webhook)

    def stats(self) -> dict[str, int]:
        """Attempts and deliveries of this process, and what waits."""
        return self._counts | {"pending": self._agenda.pending()}

    def _attempt(self, webhook: dict[str, Any]) -> float | None:
        arrived = self._arrives(webhook)
        with self._counting:
            self._counts["attempts"] += 1
            self._counts["delivered"] += arrived
        if arrived:
            return None
        pause = float(webhook["pause"])
        webhook["pause"] = min(2 * pause, LAST_REPEAT_SECONDS)
        return pause

    def _arrives(self, webhook: Mapping[str, Any]) -> bool:
        if self._faults.happens(self._faults.webhooks.drop_rate):
            return False
        try:
            response = self._http.request(
                "POST",
                webhook["url"],
                data=base64.b64decode(webhook["body"]),
                headers=webhook["headers"],
            )
        except ProviderError:
            return False
        return response.status_code == 200
