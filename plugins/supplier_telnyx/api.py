"""Telnyx's REST API: the calls, and what its refusals mean for us."""

from collections.abc import Mapping
from typing import Any

import requests

from gateway.plugin_api import AccountStopped, HttpClient, OutcomeUnknown, Refused, TryAgain


class TelnyxApi:
    """Calls one account. Every method raises the errors of the provider contract only."""

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        self._http = http
        self._url = f"{settings['api_url']}/v2"
        self._headers = {"Authorization": f"Bearer {settings['api_key']}"}

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """The `data` of a resource or a list; None where there is none."""
        try:
            response = self._call("GET", path, params=params)
        except OutcomeUnknown as error:  # nothing happens by reading
            raise TryAgain(error.code, error.detail) from error
        if response.status_code == 404:
            return None
        if response.status_code >= 500:
            raise _failed(response)
        _raise_for_refusal(response)
        body = _json(response)
        if "data" not in body:
            raise TryAgain("broken_answer", "Telnyx's answer is unreadable.")
        return body["data"]

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make a resource or command an act. OutcomeUnknown: it may have happened."""
        response = self._call("POST", path, json=dict(body))
        if response.status_code >= 500:
            raise OutcomeUnknown(
                "supplier_failed", "Telnyx failed over it.", provider_code=_code(response)
            )
        _raise_for_refusal(response)
        data = _json(response).get("data")
        if not isinstance(data, dict):
            raise OutcomeUnknown("broken_answer", "Telnyx's answer is unreadable.")
        return data

    def patch(self, path: str, body: Mapping[str, Any]) -> None:
        """Change a resource; the same change twice is one."""
        response = self._call("PATCH", path, json=dict(body))
        if response.status_code >= 500:
            raise _failed(response)
        _raise_for_refusal(response)

    def delete(self, path: str) -> None:
        """Remove a resource; one that is gone already is fine."""
        response = self._call("DELETE", path)
        if response.status_code >= 500:
            raise _failed(response)
        if response.status_code != 404:
            _raise_for_refusal(response)

    def _call(self, method: str, path: str, **options: Any) -> requests.Response:
        return self._http.request(method, f"{self._url}/{path}", headers=self._headers, **options)


def _failed(response: requests.Response) -> TryAgain:
    return TryAgain("supplier_failed", "Telnyx fails at the moment.", provider_code=_code(response))


def _raise_for_refusal(response: requests.Response) -> None:
    if response.status_code < 300:
        return
    code = _code(response)
    if response.status_code in (401, 403):
        raise AccountStopped(
            "supplier_login_refused",
            "Telnyx refuses the account: check its API key and whether it is suspended.",
            provider_code=code,
        )
    if response.status_code == 429:
        after = response.headers.get("Retry-After", "")
        raise TryAgain(
            "rate_limited",
            "Telnyx takes no more calls at the moment.",
            provider_code=code,
            retry_after=float(after) if after.isdecimal() else None,
        )
    said = _error(response).get("detail") or _error(response).get("title")
    raise Refused(
        "supplier_refused",
        f"Telnyx refused: {said or f'HTTP {response.status_code}'}",
        provider_code=code,
    )


def _code(response: requests.Response) -> str | None:
    code = _error(response).get("code")
    return str(code) if code else None


def _error(response: requests.Response) -> Mapping[str, Any]:
    errors = _json(response).get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return first if isinstance(first, dict) else {}


def _json(response: requests.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except requests.exceptions.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}
