"""What Twilio posts to us: whether it is Twilio's, what it gets, which code is in it."""

import hashlib
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from gateway.plugin_api import HeardCode, HttpClient, InboundReport
from plugins.supplier_twilio.captures import TwilioCapture
from plugins.supplier_twilio.signature import sign

TOKEN = "sim_auth_token"
SMS_URL = "https://gw.test/suppliers/twilio/sms"
SMS_FIELDS = {
    "AccountSid": "AC00000000000000000000000000000001",
    "Body": "WhatsApp code 482-913",
    "From": "+14155550100",
    "MessageSid": "SM00000000000000000000000000000001",
    "NumMedia": "0",
    "NumSegments": "1",
    "To": "+212520000001",
}
SMS_SIGNATURE = "d6pPQ6YEDTybkFyK2aVXJOMbuZU="
JSON_BODY = b'{"a":1}'
JSON_URL = (
    f"https://gw.test/suppliers/twilio/evt?bodySHA256={hashlib.sha256(JSON_BODY).hexdigest()}"
)
JSON_SIGNATURE = "yAPRIvvty7wDyQgrLqTcnCWbdfE="


@pytest.fixture
def capture() -> TwilioCapture:
    return TwilioCapture({"auth_token": TOKEN}, HttpClient())


def report(
    kind: str = "sms",
    *,
    url: str = SMS_URL,
    fields: object = None,
    body: bytes | None = None,
    signature: str = SMS_SIGNATURE,
) -> InboundReport:
    form = urlencode(SMS_FIELDS if fields is None else fields, doseq=True)  # type: ignore[arg-type]
    return InboundReport(
        kind=kind,
        url=url,
        headers={"x-twilio-signature": signature},
        body=form.encode() if body is None else body,
    )


def test_the_published_vectors_hold(capture: TwilioCapture) -> None:
    assert capture.is_genuine(report())
    assert capture.is_genuine(report(url=JSON_URL, body=JSON_BODY, signature=JSON_SIGNATURE))


@pytest.mark.parametrize("signed", [SMS_URL, SMS_URL.replace("gw.test", "gw.test:443")])
@pytest.mark.parametrize("posted", [SMS_URL, SMS_URL.replace("gw.test", "gw.test:443")])
def test_the_default_port_may_be_in_the_url_or_not(
    capture: TwilioCapture, signed: str, posted: str
) -> None:
    signature = sign(TOKEN, signed, list(SMS_FIELDS.items()))
    assert capture.is_genuine(report(url=posted, signature=signature))


def test_another_port_is_another_url(capture: TwilioCapture) -> None:
    own = SMS_URL.replace("gw.test", "gw.test:8443")
    signature = sign(TOKEN, own, list(SMS_FIELDS.items()))
    assert capture.is_genuine(report(url=own, signature=signature))
    assert not capture.is_genuine(report(url=SMS_URL, signature=signature))


def test_repeated_fields_count_once_a_value_and_in_order(capture: TwilioCapture) -> None:
    signature = sign(TOKEN, SMS_URL, [("A", "1"), ("A", "2"), ("B", "")])
    fields = [("B", ""), ("A", "2"), ("A", "1"), ("A", "2")]
    shuffled = report(fields=fields, signature=signature)
    assert capture.is_genuine(shuffled)
    in_order = report(fields=sorted(fields), signature=signature)
    assert capture.identity(shuffled) == capture.identity(in_order)


@pytest.mark.parametrize(
    "forged",
    [
        report(signature=""),
        report(signature="é"),
        report(signature=SMS_SIGNATURE.lower()),
        report(fields=SMS_FIELDS | {"Body": "WhatsApp code 482-914"}),
        report(fields=SMS_FIELDS | {"Extra": "1"}),
        report(url=SMS_URL + "?x=1"),
        report(url="https://gw.test:none/", signature=SMS_SIGNATURE),
        report(body=b"\xff\xfe=&&=%zz"),
        report(url=JSON_URL, body=b'{"a":2}', signature=JSON_SIGNATURE),
        report(url=JSON_URL.split("?")[0], body=JSON_BODY, signature=JSON_SIGNATURE),
    ],
)
def test_forgeries_are_refused(capture: TwilioCapture, forged: InboundReport) -> None:
    assert not capture.is_genuine(forged)


def test_a_call_is_recorded_and_transcribed_to_the_url_beside_it(capture: TwilioCapture) -> None:
    url = "https://gw.test/webhooks/suppliers/twilio/voice"
    answer = capture.answer(report("voice", url=url, fields={"CallSid": "CA1"}))
    assert answer.content_type == "text/xml"
    record = ElementTree.fromstring(answer.body).find("Record")
    assert record is not None
    assert record.get("transcribe") == "true"
    assert record.get("playBeep") == "false"
    callback = "https://gw.test/webhooks/suppliers/twilio/transcription"
    assert record.get("transcribeCallback") == callback


def test_the_end_of_a_recording_is_not_recorded_again(capture: TwilioCapture) -> None:
    answer = capture.answer(report("voice", fields={"CallSid": "CA1", "RecordingSid": "RE1"}))
    assert [verb.tag for verb in ElementTree.fromstring(answer.body)] == ["Hangup"]


@pytest.mark.parametrize("kind", ["sms", "transcription"])
def test_other_reports_are_answered_with_nothing(capture: TwilioCapture, kind: str) -> None:
    assert len(ElementTree.fromstring(capture.answer(report(kind)).body)) == 0


def test_a_code_is_heard_in_a_text(capture: TwilioCapture) -> None:
    expected = HeardCode(phone_number="+212520000001", code="482913", method="SMS")
    assert list(capture.hear(report())) == [expected]


def test_a_code_is_heard_in_a_transcript(capture: TwilioCapture) -> None:
    fields = {"To": "+212520000001", "TranscriptionText": "four eight two nine one three"}
    expected = HeardCode(phone_number="+212520000001", code="482913", method="VOICE")
    assert list(capture.hear(report("transcription", fields=fields))) == [expected]


@pytest.mark.parametrize(
    "garbage",
    [
        report("voice"),
        report("unheard-of"),
        report(body=b""),
        report(body=b"\xff\xfe\x00=&Body=%ff%00&To"),
        report(body=JSON_BODY),
        report(fields=SMS_FIELDS | {"Body": "no code"}),
        report(fields=SMS_FIELDS | {"To": "whatsapp"}),
        report("transcription"),
    ],
)
def test_garbage_holds_no_code(capture: TwilioCapture, garbage: InboundReport) -> None:
    assert not capture.hear(garbage)
