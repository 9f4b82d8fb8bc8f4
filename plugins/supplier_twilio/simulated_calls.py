"""Calls and texts that the simulated Twilio brings to our webhooks."""

import ipaddress
import itertools
import re
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

from gateway.plugin_api import HttpClient, ProviderError, World
from plugins.supplier_twilio.signature import sign
from plugins.supplier_twilio.simulated_account import Account

_RING_SECONDS = 0.2
_PATIENCE_RINGS = 20  # while the gateway restarts: a robot lets it ring for a while
_PAUSE_BETWEEN_RINGS_SECONDS = 1.0
_TRANSCRIBE_SECONDS = 0.3
_ANSWER_SECONDS = 3.0  # the timers of the whole sandbox wait meanwhile

_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_DIGIT_WORDS = {word: str(digit) for digit, word in enumerate(_WORDS)}
_DIGIT = f"(?:[0-9]|{'|'.join(_WORDS)})"


class Lines:
    """Carries calls and texts to rented numbers, signed as Twilio signs."""

    def __init__(self, world: World, account: Account) -> None:
        self._world = world
        self._account = account
        self._http = HttpClient(pool=1, read_seconds=_ANSWER_SECONDS)
        world.on("twilio-call", self._call)
        world.on("twilio-transcription", self._transcribed)

    def ring(self, to: str, caller: str, speech: str) -> None:
        """Call a rented number; who answers with a recording gets a transcript of the speech."""
        call = self._facts(to, caller) | {"CallSid": f"CA{uuid.uuid4().hex}"}
        payload = {"call": call, "speech": speech, "rings": 1}
        self._world.later(_RING_SECONDS, "twilio-call", payload)

    def text(self, to: str, sender: str, body: str) -> bool:
        """Bring a text to a rented number; False where it hears none."""
        number = self._account.rented(to)
        if number is None or not number["capabilities"]["sms"]:
            return False
        if number["sms_url"]:
            sid = f"SM{uuid.uuid4().hex}"
            said = {"MessageSid": sid, "SmsSid": sid, "SmsStatus": "received", "Body": body}
            counts = {"NumMedia": "0", "NumSegments": "1"}
            self._post(number["sms_url"], self._facts(to, sender) | said | counts)
        return True

    def _call(self, payload: dict[str, Any]) -> None:
        call: dict[str, str] = payload["call"]
        number = self._account.rented(call["To"])
        if number is None or not number["voice_url"]:
            return
        state = {"CallStatus": "ringing", "Direction": "inbound"}
        answer = self._ask(number["voice_url"], call | state)
        if answer is None:
            if payload["rings"] < _PATIENCE_RINGS:
                again = payload | {"rings": payload["rings"] + 1}
                self._world.later(_PAUSE_BETWEEN_RINGS_SECONDS, "twilio-call", again)
            return
        record = ElementTree.fromstring(answer).find("Record")
        if record is not None:
            self._record(number, call, record.attrib, payload["speech"])

    def _record(
        self, number: Mapping[str, Any], call: dict[str, str], verb: Mapping[str, str], speech: str
    ) -> None:
        sid = f"RE{uuid.uuid4().hex}"
        url = f"{self._world.sandbox_url}/twilio/2010-04-01/Accounts/{self._account.sid}"
        recording = call | {
            "CallStatus": "completed",
            "Direction": "inbound",
            "RecordingSid": sid,
            "RecordingUrl": f"{url}/Recordings/{sid}",
        }
        ended = {"RecordingDuration": "12", "Digits": "hangup"}
        self._post(verb.get("action", number["voice_url"]), recording | ended)
        if verb.get("transcribe") == "true" and "transcribeCallback" in verb:
            transcript = {
                "TranscriptionSid": f"TR{uuid.uuid4().hex}",
                "TranscriptionStatus": "completed",
                "TranscriptionText": transcribe(speech),
            }
            payload = {"url": verb["transcribeCallback"], "form": recording | transcript}
            self._world.later(_TRANSCRIBE_SECONDS, "twilio-transcription", payload)

    def _transcribed(self, payload: dict[str, Any]) -> None:
        self._post(payload["url"], payload["form"])

    def _facts(self, to: str, caller: str) -> dict[str, str]:
        return {
            "AccountSid": self._account.sid,
            "ApiVersion": "2010-04-01",
            "From": caller,
            "To": to,
        }

    def _post(self, url: str, form: Mapping[str, str]) -> None:
        self._world.post(url, urlencode(form).encode(), self._headers(url, form))

    def _ask(self, url: str, form: Mapping[str, str]) -> bytes | None:
        host = urlsplit(url).hostname or ""
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise ValueError("the sandbox calls nobody outside this machine")
        try:
            body = urlencode(form).encode()
            answer = self._http.request("POST", url, data=body, headers=self._headers(url, form))
        except ProviderError:
            return None
        return answer.content if answer.status_code == 200 else None

    def _headers(self, url: str, form: Mapping[str, str]) -> dict[str, str]:
        return {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": sign(self._account.auth_token, url, list(form.items())),
        }


def transcribe(speech: str) -> str:
    """What a transcriber makes of it: spelled digits now as words, now run together."""
    runs = itertools.count()

    def heard(run: re.Match[str]) -> str:
        digits = [_DIGIT_WORDS.get(said, said) for said in re.findall(_DIGIT, run[0])]
        if next(runs) % 2:
            return "".join(digits[:3]) + "-" + "".join(digits[3:])
        return " ".join(_WORDS[int(digit)] for digit in digits)

    return re.sub(rf"\b{_DIGIT}(?:[\s,.-]*{_DIGIT})+\b", heard, speech)
