"""Twilio's REST API: the calls, and what its refusals mean for us."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.plugin_api import HttpClient, Paper, ProviderError, Refused, SupplierApi, number_taken

_REFUSED_CODES = {
    "21421": "number_invalid",
    "21615": "papers_missing",
    "21631": "papers_missing",
    "21649": "papers_missing",
}
_NUMBER_TAKEN = "21422"


class TwilioApi(SupplierApi):
    """Calls one account. Every method raises the errors of the provider contract only."""

    supplier = "Twilio"
    login = "its SID, its token"

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        super().__init__(http, auth=(settings["account_sid"], settings["auth_token"]))
        self._host = settings["api_url"]
        self._account = f"{self._host}/2010-04-01/Accounts/{settings['account_sid']}"
        self._pricing = f"{settings['pricing_url']}/v1/PhoneNumbers/Countries"
        self._compliance = f"{settings['numbers_url']}/v2/RegulatoryCompliance"
        self._uploads = f"{settings['numbers_upload_url']}/v2/RegulatoryCompliance"

    def get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any] | None:
        """A resource of the account; None where there is none."""
        return self.read(f"{self._account}/{path}", params)

    def pages(self, path: str, params: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        """A list of the account, page after page; one that is not there is refused."""
        page = self.get(path, params)
        while page:
            yield page
            following = page.get("next_page_uri")
            if not following:
                return
            page = self.read(f"{self._host}{following}")
        raise Refused("supplier_refused", f"Twilio shows this account no {path}.")

    def prices(self, country: str) -> dict[str, Any] | None:
        """What numbers of a country cost; None where Twilio sells none."""
        return self.read(f"{self._pricing}/{country}")

    def regulations(self, country: str, number_type: str) -> dict[str, Any]:
        """What a business must hand in for numbers of a type; none where there are no such."""
        asked = {"IsoCountry": country, "NumberType": number_type, "EndUserType": "business"}
        return self.compliance("Regulations", {**asked, "IncludeConstraints": "true"}) or {}

    def compliance(
        self, path: str, params: Mapping[str, str] | None = None
    ) -> dict[str, Any] | None:
        """A resource of the regulatory flow; None where there is none."""
        return self.read(f"{self._compliance}/{path}", params)

    def listed(
        self, path: str, params: Mapping[str, str] | None = None
    ) -> Iterator[Mapping[str, Any]]:
        """A list of the regulatory flow, page after page."""
        page = self.compliance(path, params)
        while page:
            yield from page["results"]
            following = page["meta"].get("next_page_url")
            page = self.read(following) if following else None

    def comply(
        self, path: str, form: Mapping[str, str], paper: Paper | None = None
    ) -> dict[str, Any]:
        """Make or change a resource of the regulatory flow; a paper is uploaded with it."""
        if paper is None:
            return self.make(f"{self._compliance}/{path}", data=dict(form))
        file = (paper.filename, paper.content, paper.content_type)
        return self.make(f"{self._uploads}/{path}", data=dict(form), files={"File": file})

    def address_named(self, name: str) -> str | None:
        """The SID of the account's address of this name."""
        found = self.get("Addresses.json", {"FriendlyName": name}) or {}
        sids = (it["sid"] for it in found.get("addresses", ()) if it["friendly_name"] == name)
        return next(sids, None)

    def post(self, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        """Make or change a resource. OutcomeUnknown: it may have happened."""
        return self.make(f"{self._account}/{path}", data=dict(form))

    def delete(self, path: str) -> None:
        """Remove a resource; one that is gone already is fine."""
        self.remove(f"{self._account}/{path}")

    def problem(self, body: Mapping[str, Any]) -> tuple[str | None, str | None]:
        code = body.get("code")
        return str(code) if isinstance(code, int) else None, body.get("message")

    def refusal(self, code: str | None, said: str) -> ProviderError:
        if code == _NUMBER_TAKEN:
            return number_taken(code)
        ours = _REFUSED_CODES.get(code or "", "supplier_refused")
        return Refused(ours, f"Twilio refused: {said}", provider_code=code)
