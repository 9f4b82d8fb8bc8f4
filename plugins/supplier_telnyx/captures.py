"""Hears verification codes on Telnyx numbers: a text as it is, a call by its transcript.

Telnyx tells of a call step by step and waits for commands: answer, transcribe, hang up. What
becomes of clients' papers it posts where the portal's notification "Requirement Group Status
Change" names this gateway's `/webhooks/suppliers/telnyx/papers`. Assumed, for it is not documented:
the event's name begins with `requirement_group.`, and its payload holds the group's `id`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.plugin_api import (
    ActsOnReports,
    CodeCapture,
    HeardCode,
    HearsOfPapers,
    HttpClient,
    InboundReport,
    Refused,
    ReportAnswer,
    find_code,
)
from plugins.supplier_telnyx.api import TelnyxApi
from plugins.supplier_telnyx.papers import Groups
from plugins.supplier_telnyx.settings import TelnyxSettings
from plugins.supplier_telnyx.signature import is_signed

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_GROUP_ID = re.compile(r"[0-9a-fA-F-]{36}")
_CALL_ID = re.compile(r"[A-Za-z0-9][\w:.~-]{0,199}", re.ASCII)
_COMMANDS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "call.initiated": ("answer", {}),
    "call.answered": ("transcription_start", {"transcription_tracks": "inbound"}),
}


class TelnyxCapture(CodeCapture, ActsOnReports, HearsOfPapers):
    """Answers calls, has them transcribed, reads texts, and hears what became of papers."""

    name = "telnyx"
    settings_schema = TelnyxSettings

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        super().__init__(settings, http)
        self._api = TelnyxApi(settings, http)

    def is_genuine(self, report: InboundReport) -> bool:
        return is_signed(self.settings["public_key"], report.headers, report.body)

    def answer(self, report: InboundReport) -> ReportAnswer:
        return ReportAnswer(body="", content_type="text/plain")

    def act(self, report: InboundReport) -> None:
        event, payload = _event(report)
        call = payload.get("call_control_id")
        incoming = payload.get("direction", "incoming") == "incoming"
        if not incoming or not isinstance(call, str) or not _CALL_ID.fullmatch(call):
            return
        command, body = _COMMANDS.get(event, ("", {}))
        if event == "call.transcription" and self.hear(report):
            command = "hangup"
        if command:
            self._command(call, command, body)

    def hear(self, report: InboundReport) -> Sequence[HeardCode]:
        event, payload = _event(report)
        if report.kind == "sms" and event == "message.received":
            to = payload.get("to")
            reached = to[0] if isinstance(to, list) and to else None
            number = reached.get("phone_number") if isinstance(reached, dict) else None
            said, method = payload.get("text"), "SMS"
        elif report.kind == "voice" and event == "call.transcription":
            heard = payload.get("transcription_data")
            final = isinstance(heard, dict) and heard.get("is_final")
            said = heard.get("transcript") if final and isinstance(heard, dict) else None
            number, method = payload.get("to"), "VOICE"
        else:
            return ()
        code = find_code(said) if isinstance(said, str) else None
        if code is None or not isinstance(number, str) or not _E164.fullmatch(number):
            return ()
        return (
            HeardCode(phone_number=number, code=code, method="SMS" if method == "SMS" else "VOICE"),
        )

    def papers_told(self, report: InboundReport) -> Sequence[str]:
        """Of a requirement group whose status changed. It names the group alone: Telnyx is asked
        under which reference it was handed in."""
        event, payload = _event(report)
        group = payload.get("id")
        if not event.startswith("requirement_group.") or not isinstance(group, str):
            return ()
        reference = Groups(self._api).reference(group) if _GROUP_ID.fullmatch(group) else None
        return (reference,) if reference else ()

    def _command(self, call: str, command: str, body: Mapping[str, str]) -> None:
        path = f"calls/{call}/actions/{command}"
        try:
            # A command of the same id is carried out once.
            self._api.post(path, {"command_id": f"{call}-{command}"[:250], **body})
        except Refused:  # the caller hung up meanwhile: nothing is left to be done
            return


def _event(report: InboundReport) -> tuple[str, Mapping[str, Any]]:
    """What happened, and its facts; nothing where the body is no event."""
    try:
        data = json.loads(report.body)["data"]
        event, payload = data["event_type"], data["payload"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return "", {}
    known = isinstance(event, str) and isinstance(payload, dict)
    return (event, payload) if known else ("", {})
