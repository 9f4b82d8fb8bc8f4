"""Clients' papers at Telnyx: a requirement group of a country, a type and the action `ordering`.

A group's customer reference is the reference it was handed in under; what is made for it is named
after it as well. Telnyx examines a group before numbers are ordered where it offers that: in most
countries, not in Italy. Where it does not, handing in is refused in its words.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from gateway.plugin_api import Paper, PapersState, Submission, sentence
from plugins.supplier_telnyx.api import TelnyxApi
from plugins.supplier_telnyx.requirements import Asked, check_complete

_GROUPS: Final = "requirement_groups"
_NOT_HANDED_IN: Final = "unapproved"
_STATUS: Final[Mapping[str, Literal["pending", "approved", "declined"]]] = {
    "pending-approval": "pending",
    "approved": "approved",
    "declined": "declined",
    "expired": "declined",
    "no-longer-eligible": "declined",
}
_REASONS: Final = {
    "expired": "A paper is not valid any more.",
    "no-longer-eligible": "Telnyx asks for other papers than when these were handed in.",
}


class Groups:
    """Submissions of one account."""

    def __init__(self, api: TelnyxApi) -> None:
        self._api = api

    def find(self, reference: str) -> PapersState | None:
        group = self._group(reference)
        handed_in = group and group["status"] != _NOT_HANDED_IN
        return self._state(group) if group and handed_in else None

    def submit(self, submission: Submission, wanted: Sequence[Asked]) -> PapersState:
        """Each part is looked for under its name before it is made, but for a group of now."""
        group = self._group(submission.reference)
        if group and group["status"] != _NOT_HANDED_IN:
            return self._state(group)
        check_complete(wanted, submission)
        parts = _Parts(self._api, submission, is_new=group is None)
        if group is None:
            group = self._api.post_bare(_GROUPS, _of_group(submission))
        path = f"{_GROUPS}/{group['id']}"
        # Within half an hour: Telnyx forgets a document that nothing names.
        values = [
            {"requirement_id": one.requirement_id, "field_value": parts.value(one)}
            for one in wanted
        ]
        self._api.patch(path, {"regulatory_requirements": values})
        return self._state(self._api.post_bare(f"{path}/submit_for_approval", {}))

    def is_approved(self, group_id: str) -> bool:
        group = self._api.get_bare(f"{_GROUPS}/{group_id}")
        return group is not None and group["status"] == "approved"

    def reference(self, group_id: str) -> str | None:
        """Under which reference a group was handed in; None where there is no such group."""
        group = self._api.get_bare(f"{_GROUPS}/{group_id}")
        return group.get("customer_reference") if group else None

    def _group(self, reference: str) -> Mapping[str, Any] | None:
        listed = self._api.get(_GROUPS, {"filter[customer_reference]": reference}) or ()
        return next((it for it in listed if it.get("customer_reference") == reference), None)

    def _state(self, group: Mapping[str, Any]) -> PapersState:
        status = _STATUS.get(group["status"], "pending")
        return PapersState(
            supplier_ref=group["id"],
            status=status,
            reasons=tuple(self._reasons(group)) if status == "declined" else (),
        )

    def _reasons(self, group: Mapping[str, Any]) -> Iterator[str]:
        """What Telnyx's reviewers wrote of the group."""
        if group["status"] in _REASONS:
            yield _REASONS[group["status"]]
        asked = {
            "filter[comment_record_type]": "requirement_group",
            "filter[comment_record_id]": group["id"],
        }
        for comment in self._api.get("comments", asked) or ():
            if comment["commenter_type"] == "admin":
                yield sentence(comment["body"])


class _Parts:
    """What a group consists of, each made once under a name of its own."""

    def __init__(self, api: TelnyxApi, submission: Submission, *, is_new: bool) -> None:
        self._api = api
        self._submission = submission
        self._is_new = is_new
        self._made: dict[str, str] = {}

    def value(self, wanted: Asked) -> str | None:
        """What is written into a requirement: a text, or the id of what was made for it."""
        if wanted.said is not None:
            return wanted.said(self._submission)
        if wanted.kind is None:
            return self._once("addresses", self._submission.reference)
        paper = self._submission.papers[wanted.kind]
        return self._once("documents", f"{self._submission.reference}:{wanted.kind}", paper)

    def _once(self, path: str, name: str, paper: Paper | None = None) -> str:
        if name not in self._made:
            found = None if self._is_new else self._there(path, name)
            self._made[name] = found or self._make(path, name, paper)
        return self._made[name]

    def _there(self, path: str, name: str) -> str | None:
        listed = self._api.get(path, {"filter[customer_reference][eq]": name}) or ()
        return next((it["id"] for it in listed if it.get("customer_reference") == name), None)

    def _make(self, path: str, name: str, paper: Paper | None) -> str:
        if paper is None:
            return str(self._api.post(path, _of_address(self._submission))["id"])
        return str(self._api.upload(path, name, paper)["id"])


def _of_group(submission: Submission) -> Mapping[str, str]:
    return {
        "action": "ordering",
        "country_code": submission.country,
        "phone_number_type": submission.number_type,
        "customer_reference": submission.reference,
    }


def _of_address(submission: Submission) -> Mapping[str, Any]:
    where = submission.business.address
    told = {
        "customer_reference": submission.reference,
        "business_name": submission.business.name,
        "street_address": where.street,
        "locality": where.city,
        "administrative_area": where.region,
        "postal_code": where.postal_code,
        "country_code": where.country,
    }
    # Of no use for emergency calls, which nobody makes from these numbers.
    return {name: it for name, it in told.items() if it} | {"validate_address": False}
