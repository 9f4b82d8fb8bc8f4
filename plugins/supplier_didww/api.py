"""DIDWW's JSON:API, in its version 2026-11-19.

That version is the one that can route texts by API, and it takes short-lived bearer tokens alone;
the API key buys them and nothing else. Older versions, with the key on every call, stay in service,
but leave each number's texts to a person at the panel.

Unverified, for no source that was read tells it: that the token service wants no body, and answers
`access_token` and `expires_in`; that the account's own version is 2026-11-19, which a token
inherits.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import requests

from gateway.plugin_api import HttpClient, OutcomeUnknown, SupplierApi, TryAgain

Resource = Mapping[str, Any]  # `id, type, attributes, relationships, meta`

_JSON_API = "application/vnd.api+json"
_PAGE, _MOST_PAGES = 100, 10
_SHORTEST_SECONDS = 60.0
_EARLY_SECONDS = 15.0  # longer than a call lasts


class Document:
    """What an answer holds, and what it includes beside."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        if "data" not in body:
            raise TryAgain("broken_answer", "DIDWW's answer is unreadable.")
        data = body["data"]
        self.resources: Sequence[Resource] = data if isinstance(data, list) else [data]
        self._included = {(it["type"], it["id"]): it for it in body.get("included", ())}

    def related(self, resource: Resource, name: str) -> Sequence[Resource]:
        """The included resources that this one is related to."""
        linked = resource.get("relationships", {}).get(name, {}).get("data") or []
        links = [
            (it["type"], it["id"]) for it in (linked if isinstance(linked, list) else [linked])
        ]
        return [self._included[link] for link in links if link in self._included]


class DidwwApi(SupplierApi):
    """Calls one account. Every method raises the errors of the provider contract only."""

    supplier = "DIDWW"
    login = "its API key and the addresses that may use it"

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        super().__init__(http)
        self._url = f"{settings['api_url']}/v3"
        self._tokens = f"{settings['auth_url']}/token"
        self._api_key = settings["api_key"]
        self._token, self._stale_at = "", 0.0

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Document | None:
        """A resource, or a page of a list; None where there is none."""
        found = self.read(f"{self._url}/{path}", params)
        return None if found is None else Document(found)

    def pages(self, path: str, params: Mapping[str, str]) -> Iterator[Document]:
        """A list, page by page."""
        for number in range(1, _MOST_PAGES + 1):
            page = self.get(path, {**params, "page[number]": str(number), "page[size]": str(_PAGE)})
            if page is None:
                return
            yield page
            if len(page.resources) < _PAGE:
                return

    def post(
        self, kind: str, attributes: Mapping[str, Any], **related: Resource | Sequence[Resource]
    ) -> Resource:
        """Make a resource. OutcomeUnknown: it may have happened."""
        made = self.make(f"{self._url}/{kind}", json=_written(kind, attributes, related))
        if not isinstance(made.get("data"), dict):
            raise OutcomeUnknown("broken_answer", "DIDWW's answer is unreadable.")
        resource: Resource = made["data"]
        return resource

    def patch(
        self, kind: str, resource_id: str, attributes: Mapping[str, Any], **related: Resource | None
    ) -> None:
        """Change a resource; the same change twice is one."""
        written = _written(kind, attributes, related)
        written["data"]["id"] = resource_id
        self.change(f"{self._url}/{kind}/{resource_id}", json=written)

    def delete(self, path: str) -> None:
        """Remove a resource; one that is gone already is fine."""
        self.remove(f"{self._url}/{path}")

    def call(self, method: str, url: str, **options: Any) -> requests.Response:
        response = super().call(method, url, headers=self._headers(), **options)
        if response.status_code == 401:  # withdrawn before its time; nothing was done
            self._stale_at = 0.0
            response = super().call(method, url, headers=self._headers(), **options)
        return response

    def _headers(self) -> dict[str, str]:
        token = self._token if time.monotonic() < self._stale_at else self._bought()
        return {
            "Authorization": f"Bearer {token}",
            "Accept": _JSON_API,
            "Content-Type": _JSON_API,
        }

    def _bought(self) -> str:
        asked = time.monotonic()
        try:
            response = self._http.request("POST", self._tokens, headers={"Api-Key": self._api_key})
        except OutcomeUnknown as error:  # a token more does no harm
            raise TryAgain(error.code, error.detail) from error
        answer = self.answered(response)
        token, lives = answer.get("access_token"), answer.get("expires_in", _SHORTEST_SECONDS)
        if not isinstance(token, str) or not isinstance(lives, int | float):
            raise TryAgain("broken_answer", "DIDWW's answer is unreadable.")
        self._token, self._stale_at = token, asked + lives - _EARLY_SECONDS
        return token


def link(kind: str, resource_id: str) -> Resource:
    """How a resource is named in a relationship."""
    return {"type": kind, "id": resource_id}


def _written(
    kind: str,
    attributes: Mapping[str, Any],
    related: Mapping[str, Resource | Sequence[Resource] | None],
) -> dict[str, Any]:
    data: dict[str, Any] = {"type": kind, "attributes": dict(attributes)}
    if related:
        data["relationships"] = {name: {"data": linked} for name, linked in related.items()}
    return {"data": data}
