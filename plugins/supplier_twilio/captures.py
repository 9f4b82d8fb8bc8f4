"""Hears verification codes on Twilio numbers: a text as it is, a call by its transcript."""

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urljoin
from xml.sax.saxutils import quoteattr

from gateway.plugin_api import (
    CodeCapture,
    CodeMethod,
    HeardCode,
    InboundReport,
    ReportAnswer,
    find_code,
)
from plugins.supplier_twilio.settings import TwilioSettings
from plugins.supplier_twilio.signature import is_signed

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_LONGEST_CALL_SECONDS = 40

# Where a kind of report says what was said, and how that reached the number.
_SAID: dict[str, tuple[str, CodeMethod]] = {
    "sms": ("Body", "SMS"),
    "transcription": ("TranscriptionText", "VOICE"),
}


class TwilioCapture(CodeCapture):
    """Answers calls with a recording that Twilio transcribes, and reads texts."""

    name = "twilio"
    settings_schema = TwilioSettings

    def is_genuine(self, report: InboundReport) -> bool:
        signature = report.headers.get("x-twilio-signature", "")
        try:
            return is_signed(
                self.settings["auth_token"], signature, report.url, report.body, _fields(report)
            )
        except ValueError:  # a URL or a body that Twilio never wrote
            return False

    def identity(self, report: InboundReport) -> str:
        """Its signature: fields in another order are the same report."""
        return report.headers["x-twilio-signature"]

    def answer(self, report: InboundReport) -> ReportAnswer:
        if report.kind != "voice":
            verbs = ""
        elif "RecordingSid" in dict(_fields(report)):
            # Twilio asks again when the recording ends: without this it would record for ever.
            verbs = "<Hangup/>"
        else:
            callback = quoteattr(urljoin(report.url, "transcription"))
            verbs = (
                f'<Record maxLength="{_LONGEST_CALL_SECONDS}" timeout="10" playBeep="false"'
                f' transcribe="true" transcribeCallback={callback}/>'
            )
        return ReportAnswer(
            body=f'<?xml version="1.0" encoding="UTF-8"?><Response>{verbs}</Response>',
            content_type="text/xml",
        )

    def hear(self, report: InboundReport) -> Sequence[HeardCode]:
        if report.kind not in _SAID:
            return ()
        field, method = _SAID[report.kind]
        fields = dict(_fields(report))
        code, number = find_code(fields.get(field, "")), fields.get("To", "")
        if code is None or not _E164.fullmatch(number):
            return ()
        return (HeardCode(phone_number=number, code=code, method=method),)


def _fields(report: InboundReport) -> list[tuple[str, str]]:
    return parse_qsl(report.body.decode(errors="replace"), keep_blank_values=True)
