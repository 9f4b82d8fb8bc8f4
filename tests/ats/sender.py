"""An ATS that delivers events, signed by an implementation of Standard Webhooks not ours."""

import itertools
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from standardwebhooks import Webhook

from tests.harness import Desk

EVENTS = itertools.count(1)
SETTINGS = {
    "mapping": {
        "candidate.name": "/candidate/full_name",
        "candidate.phone": "/candidate/phones/0/value",
        "candidate.ats_candidate_id": "/candidate/id",
        "candidate.language": "/candidate/locale",
        "candidate.opt_in.source": "/consent/form",
        "candidate.opt_in.obtained_at": "/consent/at",
        "application_ref": "/job~1ref",
        "recruiter.email": "/owner/email",
    },
    "only": {"/event": ["application.created"]},
}


def event(phone: str, **changes: Any) -> dict[str, Any]:
    """Somebody applied, as this ATS says it."""
    candidate = {"full_name": "Imane Tazi", "phones": [{"value": phone}], "id": 4711}
    return {
        "event": "application.created",
        "candidate": candidate,
        "job/ref": "DRIVER-118",
        **changes,
    }


@dataclass(frozen=True, kw_only=True)
class Ats:
    """One connection of the desk's client, seen from the other side."""

    desk: Desk
    id: str
    url: str
    secret: str

    def deliver(
        self,
        content: Any,
        *,
        event_id: str | None = None,
        late: timedelta = timedelta(),
        sent: bytes | None = None,
        **headers: str,
    ) -> requests.Response:
        """Post an event; `sent` are other bytes than those that were signed."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        event_id = event_id or f"evt_{next(EVENTS)}"
        at = datetime.now(UTC) - late
        signed = {
            "webhook-id": event_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(event_id, at, body.decode()),
        }
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = body if sent is None else sent
        return requests.post(self.url, data=sent, headers={**signed, **named}, timeout=30)

    def deliveries(self) -> list[Any]:
        found: list[Any] = self.desk.get(f"/ats-connections/{self.id}/deliveries")["data"]
        return found

    def settled(self) -> Any:
        """What the newest event came to."""
        return self.desk.gateway.until(
            lambda: self.deliveries()[0], lambda found: found["state"] != "pending"
        )

    def came_to(self, content: Any, **how: Any) -> Any:
        assert self.deliver(content, **how).status_code == 202
        return self.settled()


def request(desk: Desk, **changes: Any) -> dict[str, Any]:
    """What a client asks for to be connected."""
    return {
        "adapter": "generic",
        "line_id": desk.line["id"],
        "recruiter_id": desk.recruiter,
        "settings": SETTINGS,
        **changes,
    }


def connected(desk: Desk, **changes: Any) -> Ats:
    made = desk.post("/ats-connections", request(desk, **changes))
    return Ats(desk=desk, id=made["id"], url=made["webhook_url"], secret=made["secret"])
