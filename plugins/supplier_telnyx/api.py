"""Telnyx's REST API: the calls, and what its refusals mean for us."""

from collections.abc import Mapping
from typing import Any

from gateway.plugin_api import HttpClient, OutcomeUnknown, Paper, SupplierApi, TryAgain


class TelnyxApi(SupplierApi):
    """Calls one account. Every method raises the errors of the provider contract only."""

    supplier = "Telnyx"
    login = "its API key"

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        super().__init__(http, headers={"Authorization": f"Bearer {settings['api_key']}"})
        self._url = f"{settings['api_url']}/v2"

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """The `data` of a resource or a list; None where there is none."""
        body = self.read(f"{self._url}/{path}", params)
        if body is None:
            return None
        if "data" not in body:
            raise TryAgain("broken_answer", "Telnyx's answer is unreadable.")
        return body["data"]

    def get_bare(self, path: str) -> dict[str, Any] | None:
        """A resource that comes without `data` around it: a requirement group."""
        return self.read(f"{self._url}/{path}")

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make a resource or command an act. OutcomeUnknown: it may have happened."""
        return _made(self.make(f"{self._url}/{path}", json=dict(body)).get("data"))

    def post_bare(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The same with a resource that comes without `data` around it."""
        made = self.make(f"{self._url}/{path}", json=dict(body))
        return _made(made if "id" in made else None)

    def upload(self, path: str, name: str, paper: Paper) -> dict[str, Any]:
        """Make a document of a paper under a name of ours."""
        file = (paper.filename, paper.content, paper.content_type)
        form = {"customer_reference": name, "filename": paper.filename}
        return _made(self.make(f"{self._url}/{path}", data=form, files={"file": file}).get("data"))

    def patch(self, path: str, body: Mapping[str, Any]) -> None:
        """Change a resource; the same change twice is one."""
        self.change(f"{self._url}/{path}", json=dict(body))

    def delete(self, path: str) -> None:
        """Remove a resource; one that is gone already is fine."""
        self.remove(f"{self._url}/{path}")


def _made(resource: Any) -> dict[str, Any]:
    if not isinstance(resource, dict):
        raise OutcomeUnknown("broken_answer", "Telnyx's answer is unreadable.")
    return resource
