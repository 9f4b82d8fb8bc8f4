"""A supplier's JSON API over HTTP: what its answers mean for whoever asked."""

from collections.abc import Mapping
from typing import Any, ClassVar

import requests

from gateway.errors import AccountStopped, OutcomeUnknown, ProviderError, Refused, TryAgain
from gateway.http_client import HttpClient


class SupplierApi:
    """Calls one account. Every method raises the errors of the provider contract only.

    `options` of every call (headers, auth) are given once.
    """

    supplier: ClassVar[str]  # as a person calls it
    login: ClassVar[str]  # what to check where it refuses the account

    def __init__(self, http: HttpClient, **options: Any) -> None:
        self._http = http
        self._options = options

    def problem(self, body: Mapping[str, Any]) -> tuple[str | None, str | None]:
        """The supplier's code and its words in an answer that refuses, as JSON:API has them."""
        errors = body.get("errors")
        first = errors[0] if isinstance(errors, list) and errors else None
        error = first if isinstance(first, dict) else {}
        code = error.get("code")
        return str(code) if code else None, error.get("detail") or error.get("title")

    def refusal(self, code: str | None, said: str) -> ProviderError:
        """What a refusal means that is about the request itself."""
        return Refused("supplier_refused", f"{self.supplier} refused: {said}", provider_code=code)

    def call(self, method: str, url: str, **options: Any) -> requests.Response:
        """One call, whatever it answers."""
        return self._http.request(method, url, **self._options, **options)

    def read(self, url: str, params: Mapping[str, str] | None = None) -> dict[str, Any] | None:
        """What is there; None where nothing is."""
        try:
            response = self.call("GET", url, params=params)
        except OutcomeUnknown as error:  # nothing happens by reading
            raise TryAgain(error.code, error.detail) from error
        if response.status_code == 404:
            return None
        return self.answered(response)

    def answered(self, response: requests.Response) -> dict[str, Any]:
        """What a call brought that may be repeated."""
        self._raise_for_failure(response)
        self._raise_for_refusal(response)
        found = _json(response)
        if not found:
            raise TryAgain("broken_answer", f"{self.supplier}'s answer is unreadable.")
        return found

    def make(self, url: str, **body: Any) -> dict[str, Any]:
        """Make a resource or command an act. OutcomeUnknown: it may have happened."""
        response = self.call("POST", url, **body)
        if response.status_code >= 500:
            code, _ = self.problem(_json(response))
            detail = f"{self.supplier} failed over it."
            raise OutcomeUnknown("supplier_failed", detail, provider_code=code)
        self._raise_for_refusal(response)
        made = _json(response)
        if not made:
            raise OutcomeUnknown("broken_answer", f"{self.supplier}'s answer is unreadable.")
        return made

    def change(self, url: str, **body: Any) -> None:
        """Change a resource; the same change twice is one."""
        response = self.call("PATCH", url, **body)
        self._raise_for_failure(response)
        self._raise_for_refusal(response)

    def remove(self, url: str) -> None:
        """Remove a resource; one that is gone already is fine."""
        response = self.call("DELETE", url)
        self._raise_for_failure(response)
        if response.status_code != 404:
            self._raise_for_refusal(response)

    def _raise_for_failure(self, response: requests.Response) -> None:
        if response.status_code >= 500:
            code, _ = self.problem(_json(response))
            detail = f"{self.supplier} fails at the moment."
            raise TryAgain("supplier_failed", detail, provider_code=code)

    def _raise_for_refusal(self, response: requests.Response) -> None:
        if response.status_code < 300:
            return
        code, said = self.problem(_json(response))
        if response.status_code in (401, 403):
            raise AccountStopped(
                "supplier_login_refused",
                f"{self.supplier} refuses the account: check {self.login} and whether it is"
                " suspended.",
                provider_code=code,
            )
        if response.status_code == 429:
            after = response.headers.get("Retry-After", "")
            raise TryAgain(
                "rate_limited",
                f"{self.supplier} takes no more calls at the moment.",
                provider_code=code,
                retry_after=float(after) if after.isdecimal() else None,
            )
        raise self.refusal(code, said or f"HTTP {response.status_code}")


def _json(response: requests.Response) -> dict[str, Any]:
    """The object in an answer, {} where there is none; a bare list is an object's `data`."""
    try:
        body = response.json()
    except requests.exceptions.JSONDecodeError:
        return {}
    if isinstance(body, list):
        return {"data": body}
    return body if isinstance(body, dict) else {}
