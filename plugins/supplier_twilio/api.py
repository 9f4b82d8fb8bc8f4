"""Twilio's REST API: the calls, and what its refusals mean for us."""

from collections.abc import Mapping
from typing import Any

import requests

from gateway.plugin_api import AccountStopped, HttpClient, OutcomeUnknown, Refused, TryAgain

_REFUSED_CODES = {
    21421: "number_invalid",
    21615: "papers_missing",
    21631: "papers_missing",
    21649: "papers_missing",
}
_NUMBER_TAKEN = 21422


class TwilioApi:
    """Calls one account. Every method raises the errors of the provider contract only."""

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        self._http = http
        self._auth = (settings["account_sid"], settings["auth_token"])
        self._account = f"{settings['api_url']}/2010-04-01/Accounts/{settings['account_sid']}"
        self._pricing = f"{settings['pricing_url']}/v1/PhoneNumbers/Countries"
        self._regulations = f"{settings['numbers_url']}/v2/RegulatoryCompliance/Regulations"

    def get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any] | None:
        """A resource of the account; None where there is none."""
        return self._read(f"{self._account}/{path}", params)

    def prices(self, country: str) -> dict[str, Any] | None:
        """What numbers of a country cost; None where Twilio sells none."""
        return self._read(f"{self._pricing}/{country}")

    def regulations(self, country: str, number_type: str) -> dict[str, Any]:
        """What a business must hand in for numbers of a type; none where there are no such."""
        asked = {"IsoCountry": country, "NumberType": number_type, "EndUserType": "business"}
        return self._read(self._regulations, {**asked, "IncludeConstraints": "true"}) or {}

    def post(self, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        """Make or change a resource. OutcomeUnknown: it may have happened."""
        response = self._http.request(
            "POST", f"{self._account}/{path}", data=dict(form), auth=self._auth
        )
        if response.status_code >= 500:
            raise OutcomeUnknown(
                "supplier_failed", "Twilio failed over it.", provider_code=_code(response)
            )
        _raise_for_refusal(response)
        posted = _json(response)
        if posted is None:
            raise OutcomeUnknown("broken_answer", "Twilio's answer is unreadable.")
        return posted

    def delete(self, path: str) -> None:
        """Remove a resource; one that is gone already is fine."""
        response = self._http.request("DELETE", f"{self._account}/{path}", auth=self._auth)
        if response.status_code != 404:
            _raise_for_failure(response)
            _raise_for_refusal(response)

    def _read(self, url: str, params: Mapping[str, str] | None = None) -> dict[str, Any] | None:
        try:
            response = self._http.request("GET", url, params=params, auth=self._auth)
        except OutcomeUnknown as error:  # nothing happens by reading
            raise TryAgain(error.code, error.detail) from error
        if response.status_code == 404:
            return None
        _raise_for_failure(response)
        _raise_for_refusal(response)
        found = _json(response)
        if found is None:
            raise TryAgain("broken_answer", "Twilio's answer is unreadable.")
        return found


def _raise_for_failure(response: requests.Response) -> None:
    if response.status_code >= 500:
        raise TryAgain(
            "supplier_failed", "Twilio fails at the moment.", provider_code=_code(response)
        )


def _raise_for_refusal(response: requests.Response) -> None:
    if response.status_code < 300:
        return
    code = _code(response)
    if response.status_code in (401, 403):
        raise AccountStopped(
            "supplier_login_refused",
            "Twilio refuses the account: check its SID, its token and whether it is suspended.",
            provider_code=code,
        )
    if response.status_code == 429:
        raise TryAgain(
            "rate_limited",
            "Twilio takes no more calls at the moment.",
            provider_code=code,
            retry_after=_seconds(response.headers.get("Retry-After")),
        )
    if code == str(_NUMBER_TAKEN):
        # The search was right when it was made; another one finds other numbers.
        raise TryAgain("number_taken", "Somebody else took this number.", provider_code=code)
    said = (_json(response) or {}).get("message") or f"HTTP {response.status_code}"
    raise Refused(
        _REFUSED_CODES.get(int(code), "supplier_refused") if code else "supplier_refused",
        f"Twilio refused: {said}",
        provider_code=code,
    )


def _code(response: requests.Response) -> str | None:
    code = (_json(response) or {}).get("code")
    return str(code) if isinstance(code, int) else None


def _json(response: requests.Response) -> dict[str, Any] | None:
    try:
        body = response.json()
    except requests.exceptions.JSONDecodeError:
        return None
    return body if isinstance(body, dict) else None


def _seconds(header: str | None) -> float | None:
    return float(header) if header and header.isdecimal() else None
