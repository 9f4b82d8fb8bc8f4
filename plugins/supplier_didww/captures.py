"""Hears verification codes in the texts that reach DIDWW numbers.

DIDWW signs no text. Its HTTP IN trunk is set up once, at the panel: method POST, this gateway's
`/webhooks/suppliers/didww/sms`, a header `X-Sms-Token` with `sms_token`, and a body in JSON of
`{"id": "{SMS_UUID}", "to": "{SMS_DST_ADDR}", "text": "{SMS_TEXT_BASE64_ENCODED}"}`. Whoever knows
the token can write anything: keep it long, and let the proxy in front admit DIDWW's addresses only.

It has no transcripts either: calls are heard by whoever the voice trunk brings them to.
"""

import base64
import binascii
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, unquote

from gateway.plugin_api import (
    CodeCapture,
    CodeMethod,
    HeardCode,
    InboundReport,
    ReportAnswer,
    find_code,
)
from plugins.supplier_didww.settings import DidwwSettings
from plugins.supplier_didww.signature import HEADER, sign

SMS_TOKEN = "X-Sms-Token"
_NUMBER = re.compile(r"\+?([1-9][0-9]{6,14})")


class DidwwCapture(CodeCapture):
    """Reads texts, and takes what DIDWW calls back of orders: that is polled for, not believed."""

    name = "didww"
    settings_schema = DidwwSettings

    def listens(self, supplier: str) -> Sequence[CodeMethod]:
        return ("SMS",) if supplier == self.name and self.settings["sms_token"] else ()

    def is_genuine(self, report: InboundReport) -> bool:
        if report.kind == "sms":
            token = report.headers.get(SMS_TOKEN.lower(), "")
            return _same(self.settings["sms_token"], token) and bool(_text(report))
        fields = dict(parse_qsl(report.body.decode(errors="replace"), keep_blank_values=True))
        secret, signature = self.settings["callback_secret"], report.headers.get(HEADER.lower(), "")
        try:
            return bool(secret) and _same(sign(secret, report.url, fields), signature)
        except ValueError:  # a URL that DIDWW never called
            return False

    def identity(self, report: InboundReport) -> str:
        """A text's UUID: DIDWW repeats a text for an hour until it is taken."""
        return f"sms {_text(report)['id']}" if report.kind == "sms" else super().identity(report)

    def answer(self, report: InboundReport) -> ReportAnswer:
        return ReportAnswer(body="", content_type="text/plain")

    def hear(self, report: InboundReport) -> Sequence[HeardCode]:
        said = _text(report) if report.kind == "sms" else {}
        code = find_code(said["text"]) if said else None
        return (HeardCode(phone_number=said["to"], code=code, method="SMS"),) if code else ()


def _same(ours: str, theirs: str) -> bool:
    return bool(ours) and hmac.compare_digest(ours.encode(), theirs.encode(errors="replace"))


def _text(report: InboundReport) -> Mapping[str, str]:
    """Whom a text reached and what it says; nothing where the body is none."""
    try:
        posted = json.loads(report.body)
        number = _NUMBER.fullmatch(unquote(posted["to"]))
        text = base64.b64decode(posted["text"], validate=True).decode()
        uuid = str(posted["id"])
    except (ValueError, RecursionError, KeyError, TypeError, binascii.Error):
        return {}
    return {"id": uuid, "to": f"+{number[1]}", "text": text} if number else {}
