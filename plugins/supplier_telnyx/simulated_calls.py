"""Calls and texts that the simulated Telnyx brings to our webhooks, event by event."""

import hashlib
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.plugin_api import World, hears_texts
from plugins.supplier_telnyx.signature import sign
from plugins.supplier_telnyx.simulated_account import Account, TelnyxError

_CALLS = "telnyx-call"
_TRANSCRIBE_SECONDS = 0.3


def signing_key(api_key: str) -> Ed25519PrivateKey:
    """The key that the simulated account signs with; its public half belongs into the settings."""
    seed = hashlib.sha256(f"simulated telnyx {api_key}".encode()).digest()
    return Ed25519PrivateKey.from_private_bytes(seed)


class Reports:
    """Posts events, signed as Telnyx signs."""

    def __init__(self, world: World, account: Account) -> None:
        self._world = world
        self._account = account

    def post(self, url: str, event: str, payload: Mapping[str, Any]) -> None:
        data = {
            "record_type": "event",
            "id": str(uuid.uuid4()),
            "event_type": event,
            "occurred_at": self._world.now().isoformat(),
            "payload": dict(payload),
        }
        body = json.dumps({"data": data, "meta": {"attempt": 1, "delivered_to": url}}).encode()
        key = signing_key(self._account.settings["api_key"])
        headers = sign(key, str(int(time.time())), body)
        self._world.post(url, body, {"Content-Type": "application/json", **headers})


class Lines:
    """Carries calls and texts to rented numbers."""

    def __init__(self, world: World, account: Account, reports: Reports) -> None:
        self._world = world
        self._account = account
        self._reports = reports
        world.on("telnyx-transcription", self._transcribed)

    def ring(self, to: str, caller: str, speech: str) -> None:
        """Call a rented number; who answers and wants a transcript gets one of the speech."""
        call = {
            "call_control_id": f"v3:{uuid.uuid4().hex}",
            "call_session_id": str(uuid.uuid4()),
            "from": caller,
            "to": to,
            "direction": "incoming",
        }
        document = {"call": call, "speech": speech, "done": []}
        self._world.store.put(_CALLS, call["call_control_id"], document)
        self._tell(call, "call.initiated", {"state": "parked"})

    def text(self, to: str, sender: str, body: str) -> bool:
        """Bring a text to a rented number; False where it hears none."""
        number = self._account.rented(to)
        if number is None or not hears_texts(to):
            return False
        message = {
            "id": str(uuid.uuid4()),
            "direction": "inbound",
            "type": "SMS",
            "from": {"phone_number": sender},
            "to": [{"phone_number": to, "status": "webhook_delivered"}],
            "text": body,
            "messaging_profile_id": number["messaging_profile_id"],
        }
        url = self._account.pointed_at("texts", number["messaging_profile_id"])
        self._post(url, "message.received", message)
        return True

    def command(self, call_id: str, command: str, command_id: str) -> None:
        """Do what the callee commands; a command of a known id was done already."""
        document = self._world.store.get(_CALLS, call_id)
        if document is None or document["call"].get("ended"):
            raise TelnyxError(422, "90018", "The call has ended")
        if command_id in document["done"]:
            return
        document["done"].append(command_id)
        call = document["call"]
        if command == "hangup":
            call["ended"] = True
        self._world.store.put(_CALLS, call_id, document)
        if command == "answer":
            self._tell(call, "call.answered", {"state": "answered"})
        elif command == "transcription_start":
            payload = {"call": call, "speech": document["speech"]}
            self._world.later(_TRANSCRIBE_SECONDS, "telnyx-transcription", payload)

    def _transcribed(self, payload: dict[str, Any]) -> None:
        speech = payload["speech"]
        half = speech[: len(speech) // 2]
        for transcript, is_final in ((half, False), (speech, True)):
            said = {"transcript": transcript, "confidence": 0.9, "is_final": is_final}
            self._tell(payload["call"], "call.transcription", {"transcription_data": said})

    def _tell(self, call: Mapping[str, Any], event: str, facts: Mapping[str, Any]) -> None:
        number = self._account.rented(call["to"])
        if number is not None:
            url = self._account.pointed_at("calls", number["connection_id"])
            self._post(url, event, {**call, **facts, "connection_id": number["connection_id"]})

    def _post(self, url: str | None, event: str, payload: Mapping[str, Any]) -> None:
        if url is not None:
            self._reports.post(url, event, payload)
