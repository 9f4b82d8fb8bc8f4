"""Hears the texts that reach a SIM card in a modem, posted by whatever reads the modem.

`POST /webhooks/suppliers/operator-sim/sms` with `{"to": "+212612345678", "text": "…"}`, and two
headers: `X-Modem-Timestamp` (Unix seconds) and `X-Modem-Signature`, the HMAC-SHA256 in hex of
`<timestamp>.<body>` under `modem_secret`. Without a secret a person hands the code in.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Sequence

from gateway.plugin_api import (
    CodeCapture,
    CodeMethod,
    HeardCode,
    InboundReport,
    ReportAnswer,
    find_code,
)
from plugins.supplier_operator_sim.settings import OperatorSimSettings

REPLAY_SECONDS = 300
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class ModemCapture(CodeCapture):
    """Takes what a modem of ours posts."""

    name = "operator-sim"
    settings_schema = OperatorSimSettings

    def listens(self, supplier: str) -> Sequence[CodeMethod]:
        return ("SMS",) if supplier == self.name and self.settings["modem_secret"] else ()

    def is_genuine(self, report: InboundReport) -> bool:
        secret = self.settings["modem_secret"]
        timestamp = report.headers.get("x-modem-timestamp", "")
        if not secret or not re.fullmatch(r"[0-9]{1,12}", timestamp):
            return False
        if abs(time.time() - int(timestamp)) > REPLAY_SECONDS:
            return False
        given = report.headers.get("x-modem-signature", "")
        ours = sign(secret, timestamp, report.body)
        return hmac.compare_digest(ours.encode(), given.encode(errors="replace"))

    def identity(self, report: InboundReport) -> str:
        """Its signature: the same words at another time are another text."""
        return report.headers["x-modem-signature"]

    def answer(self, report: InboundReport) -> ReportAnswer:
        return ReportAnswer(body="", content_type="text/plain")

    def hear(self, report: InboundReport) -> Sequence[HeardCode]:
        if report.kind != "sms":
            return ()
        try:
            said = json.loads(report.body)
        except (ValueError, RecursionError):
            return ()
        if not isinstance(said, dict):
            return ()
        number, text = said.get("to"), said.get("text")
        if not isinstance(number, str) or not isinstance(text, str) or not _E164.fullmatch(number):
            return ()
        code = find_code(text)
        return [HeardCode(phone_number=number, code=code, method="SMS")] if code else ()


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a post."""
    signed = timestamp.encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
