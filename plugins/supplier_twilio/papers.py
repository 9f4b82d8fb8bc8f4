"""Clients' papers in Twilio's regulatory flow: who the business is, its papers, one bundle.

A bundle's friendly name is the reference it was handed in under. Names of documents and of their
attributes are Twilio's own, by country; what a country wants is in its regulation.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from gateway.plugin_api import Paper, PaperKind, PapersState, Submission, sentence
from plugins.supplier_twilio.api import TwilioApi

# Which of a client's papers serves as a document of this type.
_KINDS: Final[Mapping[str, PaperKind]] = {
    "utility_bill": "utility_bill",
    "commercial_registrar_excerpt": "rc",
    "business_registration": "rc",
    "tax_document": "tax_id",
}
_STATUS: Final[Mapping[str, Literal["pending", "approved", "declined"]]] = {
    "pending-review": "pending",
    "in-review": "pending",
    "provisionally-approved": "approved",
    "twilio-approved": "approved",
    "twilio-rejected": "declined",
}


def required(regulation: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], PaperKind | None]]:
    """What a regulation asks for, each with the paper that serves: first who the business is."""
    asked = regulation["requirements"]
    for entry in asked.get("end_user", ()):
        yield entry, None
    for entry in (it for group in asked.get("supporting_document", ()) for it in group):
        types = [document["type"] for document in entry.get("accepted_documents", ())]
        yield entry, next((_KINDS[it] for it in types if it in _KINDS), None)


class Bundles:
    """Submissions of one account."""

    def __init__(self, api: TwilioApi, email: str | None) -> None:
        self._api = api
        self._email = email

    def find(self, reference: str) -> PapersState | None:
        bundle = self._bundle(reference)
        if bundle is None:
            return None
        if bundle["status"] == "draft":
            return self._found_wanting(bundle, self._evaluations(bundle))
        return self._state(bundle)

    def submit(self, submission: Submission, regulation: Mapping[str, Any]) -> PapersState:
        """Each part is looked for under its name before it is made, but in a bundle of now."""
        bundle = self._bundle(submission.reference)
        parts = _Parts(self._api, submission.reference, is_new=bundle is None)
        if bundle is None:
            bundle = self._api.comply("Bundles", _bundle_form(submission, self._email))
        if bundle["status"] != "draft":
            return self._state(bundle)
        address = parts.address(submission)
        sids = [parts.business(submission), *parts.papers(submission, regulation, address)]
        there = {it["object_sid"] for it in self._assigned(bundle)}
        for sid in sids:
            if sid not in there:
                self._api.comply(f"Bundles/{bundle['sid']}/ItemAssignments", {"ObjectSid": sid})
        evaluation = self._api.comply(f"Bundles/{bundle['sid']}/Evaluations", {})
        wanting = self._found_wanting(bundle, [evaluation])
        if wanting:
            return wanting
        bundle = self._api.comply(f"Bundles/{bundle['sid']}", {"Status": "pending-review"})
        return self._state(bundle)

    def _bundle(self, reference: str) -> Mapping[str, Any] | None:
        listed = self._api.listed("Bundles", {"FriendlyName": reference})
        return next((it for it in listed if it["friendly_name"] == reference), None)

    def _state(self, bundle: Mapping[str, Any]) -> PapersState:
        status = _STATUS.get(bundle["status"], "pending")
        address = self._api.address_named(bundle["friendly_name"])
        return PapersState(
            supplier_ref="/".join(filter(None, (bundle["sid"], address))),
            status=status,
            reasons=tuple(self._reasons(bundle)) if status == "declined" else (),
        )

    def _reasons(self, bundle: Mapping[str, Any]) -> Iterator[str]:
        if bundle.get("failure_reason"):
            yield sentence(bundle["failure_reason"])
        for item in self._assigned(bundle):
            if item["object_sid"].startswith("RD"):
                found = self._api.compliance(f"SupportingDocuments/{item['object_sid']}") or {}
                if found.get("failure_reason"):
                    yield sentence(found["failure_reason"])

    def _found_wanting(
        self, bundle: Mapping[str, Any], evaluations: Sequence[Mapping[str, Any]]
    ) -> PapersState | None:
        """Twilio takes no bundle for review that its own check finds incomplete."""
        if not evaluations or evaluations[0]["status"] == "compliant":
            return None
        reasons = tuple(
            sentence(result["failure_reason"])
            for result in evaluations[0]["results"]
            if not result["passed"]
        )
        return PapersState(supplier_ref=bundle["sid"], status="declined", reasons=reasons)

    def _evaluations(self, bundle: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        found = self._api.listed(f"Bundles/{bundle['sid']}/Evaluations")
        return sorted(found, key=lambda it: str(it["date_created"]), reverse=True)

    def _assigned(self, bundle: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        return self._api.listed(f"Bundles/{bundle['sid']}/ItemAssignments")


class _Parts:
    """What a bundle consists of, each made once under a name of its own."""

    def __init__(self, api: TwilioApi, reference: str, *, is_new: bool) -> None:
        self._api = api
        self._reference = reference
        self._is_new = is_new

    def address(self, submission: Submission) -> str:
        found = None if self._is_new else self._api.address_named(self._reference)
        if found:
            return found
        where = submission.business.address
        form = {
            "FriendlyName": self._reference,
            "CustomerName": submission.business.name,
            "Street": where.street,
            "City": where.city,
            "Region": where.region or where.city,
            "PostalCode": where.postal_code or "00000",
            "IsoCountry": where.country,
        }
        return str(self._api.post("Addresses.json", form)["sid"])

    def business(self, submission: Submission) -> str:
        business = submission.business
        attributes = {
            "business_name": business.name,
            "business_registration_number": business.register_number,
            "business_identity": "DIRECT_CUSTOMER",
            "tax_number": business.tax_number,
        }
        form = self._form(self._reference, "business", attributes)
        return self._made("EndUsers", form)

    def papers(
        self, submission: Submission, regulation: Mapping[str, Any], address: str
    ) -> Iterator[str]:
        for entry, kind in required(regulation):
            paper = submission.papers.get(kind) if kind else None
            if paper is None:
                continue
            accepted = (document["type"] for document in entry["accepted_documents"])
            type_ = next(it for it in accepted if _KINDS.get(it) == kind)
            form = self._form(f"{self._reference}:{kind}", type_, _attributes(paper, address))
            yield self._made("SupportingDocuments", form, paper)

    def _form(self, name: str, type_: str, attributes: Mapping[str, Any]) -> dict[str, str]:
        told = {key: value for key, value in attributes.items() if value}
        return {"FriendlyName": name, "Type": type_, "Attributes": json.dumps(told)}

    def _made(self, path: str, form: Mapping[str, str], paper: Paper | None = None) -> str:
        if not self._is_new:
            for there in self._api.listed(path):
                if there["friendly_name"] == form["FriendlyName"]:
                    return str(there["sid"])
        return str(self._api.comply(path, form, paper)["sid"])


def _attributes(paper: Paper, address: str) -> dict[str, Any]:
    return {
        "document_number": paper.number,
        "issue_date": paper.issued_on.isoformat() if paper.issued_on else None,
        "address_sids": [address],
    }


def _bundle_form(submission: Submission, email: str | None) -> dict[str, str]:
    return {
        "FriendlyName": submission.reference,
        "Email": email or "",
        "IsoCountry": submission.country,
        "NumberType": submission.number_type.replace("_", "-"),
        "EndUserType": "business",
    }
