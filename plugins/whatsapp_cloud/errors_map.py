"""Every error of Meta's platform that we know, and what it means for a queue of messages.

Source: Meta's error code reference (12 Dec 2025) and the reference of each call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.plugin_api import (
    AccountStopped,
    Actor,
    MarketingStopped,
    MarketingWithheld,
    OutcomeUnknown,
    ProviderError,
    RecipientUnreachable,
    Refused,
    SlowDown,
    TemplateNeeded,
    TryAgain,
)

_MINUTES, _HOURS = 60.0, 3600.0


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What one of Meta's codes means here. Waits are as in `TryAgain`."""

    kind: type[ProviderError]
    code: str
    detail: str
    who: Actor
    retry_after: float | None = None
    growth: float = 1.0


def _row(
    codes: Sequence[int],
    kind: type[ProviderError],
    code: str,
    detail: str,
    who: Actor = "operator",
    retry_after: float | None = None,
    growth: float = 1.0,
) -> dict[int, Meaning]:
    meaning = Meaning(
        kind=kind, code=code, detail=detail, who=who, retry_after=retry_after, growth=growth
    )
    return dict.fromkeys(codes, meaning)


# A paused template, or marketing switched off, stops a kind of message and not the line: those
# rows are Refused, although Meta files them with what concerns an account.
MEANINGS: Mapping[int, Meaning] = {
    **_row((0, 190), AccountStopped, "token_invalid",
           "Meta no longer takes the access token: put a new one into the configuration."),
    **_row((3, 10, *range(200, 300), 131005), AccountStopped, "permission_missing",
           "The access token may not do this: grant the app its permissions again."),
    **_row((4, 80007), SlowDown, "management_rate_limit",
           "Too many management calls for this hour: wait some minutes.", "gateway", 5 * _MINUTES),
    **_row((130429,), SlowDown, "throughput_limit",
           "The line sends faster than it may: slow down.", "gateway", 1.0, growth=2.0),
    **_row((131056,), TryAgain, "pair_rate_limit",
           "Too many messages to this one person: wait, for this person only.",
           "gateway", 4.0, growth=4.0),
    **_row((131048,), AccountStopped, "spam_limit",
           "Meta limits this line after blocks and reports: stop and look at its quality."),
    **_row((131064,), AccountStopped, "template_category_violations",
           "Meta limits the account for templates in the wrong category: correct them."),
    **_row((133016,), TryAgain, "register_limit",
           "Ten such calls for this number in 72 hours are used up: wait until they have passed.",
           "gateway", 72 * _HOURS),
    **_row((368, 131031), AccountStopped, "account_locked",
           "Meta restricted or locked the account: see the WhatsApp Manager and appeal there."),
    **_row((130497,), RecipientUnreachable, "country_not_allowed",
           "The business may not write to this country: use another channel."),
    **_row((131042,), AccountStopped, "payment_required",
           "Meta cannot charge the account: repair its payment method in the WhatsApp Manager."),
    **_row((131045, 133010), AccountStopped, "not_registered",
           "The number is not registered on the Cloud API: run its registration again."),
    **_row((131037,), AccountStopped, "display_name_unapproved",
           "The number needs an approved display name before it may send: wait for the review."),
    **_row((131057, 2494100), SlowDown, "maintenance",
           "The line is in maintenance over there: wait some minutes.", "meta", 2 * _MINUTES),
    **_row((1, 2, 131000, 131016, 133004), OutcomeUnknown, "meta_unavailable",
           "Meta failed and does not say whether it acted: look before repeating.", "meta"),
    **_row((33,), Refused, "no_such_object",
           "Meta has no such object, or the token may not see it: check the id and the access."),
    **_row((100, 131008, 131009, 135000), Refused, "bad_request",
           "Meta does not take this request: correct what it names.", "gateway"),
    **_row((131021,), Refused, "sent_to_self",
           "Sender and recipient are the same number: choose another recipient.", "client"),
    **_row((131026,), RecipientUnreachable, "undeliverable",
           "WhatsApp cannot reach this person: use another channel."),
    **_row((131030,), Refused, "not_on_test_list",
           "A test number writes only to listed people: add this one in the app dashboard."),
    **_row((131047,), TemplateNeeded, "reply_window_closed",
           "The person last wrote more than 24 hours ago: send a template.", "client"),
    **_row((131049,), MarketingWithheld, "marketing_withheld",
           "Meta withheld the marketing message from this person: send none for a day at least.",
           "client"),
    **_row((131050,), MarketingStopped, "marketing_stopped",
           "This person wants no marketing from the business: send none.", "client"),
    **_row((130472,), RecipientUnreachable, "user_in_experiment",
           "Meta delivers no marketing to this person for an experiment: use another channel."),
    **_row((131051,), Refused, "unsupported_type",
           "WhatsApp does not carry this kind of message: send another kind.", "client"),
    **_row((131052,), Refused, "media_download_failed",
           "The media could not be fetched: have it sent again, or repair its address.", "client"),
    **_row((131053,), Refused, "media_upload_failed",
           "Meta does not take this file: check its type and size.", "client"),
    **_row((131055, 134100, 134101, 134102, 1752041), Refused, "marketing_api_only",
           "This belongs to the Marketing Messages API: send it as an ordinary template."),
    **_row((131059,), Refused, "bad_cursor",
           "The page asked for no longer exists: begin with the first one.", "gateway"),
    **_row((131060,), Refused, "unsupported_device",
           "The message came from a device that WhatsApp does not pass on: ask for it again."),
    **_row((131061,), Refused, "max_price_endpoint",
           "A template with a price limit cannot go this way: send one without."),
    **_row((131062,), Refused, "phone_needed",
           "This message needs the person's phone number: ask for it.", "client"),
    **_row((131063,), Refused, "marketing_disabled",
           "Marketing over the Cloud API is switched off for this account: send none."),
    **_row((130403,), RecipientUnreachable, "blocked_by_us",
           "The business blocked this person: unblock them first.", "client"),
    **_row((132000,), Refused, "template_parameter_count",
           "The template wants another number of parameters: give as many as it has.", "client"),
    **_row((132001,), Refused, "template_missing",
           "No approved template of this name and language: synchronise and choose again.",
           "client"),
    **_row((132005, 132007, 132012, 132018), Refused, "template_parameters",
           "The parameters do not fit the template: correct their text or form.", "client"),
    **_row((132008,), Refused, "template_invalid",
           "The template itself is not valid: correct it and have it approved again.", "client"),
    **_row((132015,), Refused, "template_paused",
           "Meta paused this template for its quality: use another one.", "client"),
    **_row((132016,), Refused, "template_disabled",
           "Meta disabled this template for good: write a new one.", "client"),
    **_row((132068, 132069), Refused, "flow_blocked",
           "The flow is blocked or throttled: repair it in the WhatsApp Manager."),
    **_row((133000,), Refused, "half_deregistered",
           "An earlier deregistration stopped half-way: deregister, then register again."),
    **_row((133005,), Refused, "pin_mismatch",
           "The number has another PIN: give that one, or reset it in the WhatsApp Manager."),
    **_row((133006,), Refused, "not_verified",
           "The number must be verified by a code first: request one.", "gateway"),
    **_row((133008, 133009), TryAgain, "pin_tries",
           "Too many or too fast PIN tries: wait before the next one.", "gateway", _HOURS),
    **_row((133015,), TryAgain, "recently_deleted",
           "The number was deleted moments ago: wait five minutes.", "gateway", 5 * _MINUTES),
    **_row((2388001,), Refused, "number_in_use",
           "The number still has a WhatsApp account: delete that account in its app, or have the "
           "old provider release it.", "client"),
    **_row((2388012,), Refused, "number_already_added",
           "The account has this number already: use the one it has.", "gateway"),
    **_row((2388091, 2388093, 2388103), Refused, "migration_refused",
           "The number cannot be moved as it stands: settle what Meta names first."),
    **_row((136024,), Refused, "code_not_sent",
           "Meta sends this number no code now: try the other method, or wait."),
    **_row((136025,), Refused, "wrong_code",
           "This is not the code that was sent, or it is too old: request another.", "gateway"),
    **_row((134011,), AccountStopped, "payment_terms",
           "The terms of payments are not accepted: accept them in the WhatsApp Manager."),
    **_row((137000,), Refused, "identity_changed",
           "The person's identity changed: confirm it before writing on.", "client"),
    **_row(range(138000, 139000), Refused, "calling_refused",
           "Meta refused this call: see the calling settings of the number."),
    **_row((139100, 139101, 139102, 139103), Refused, "block_list",
           "The list of blocked people was not changed: check whom it names.", "client"),
    **_row((139200, 2388330, 2388318), TemplateNeeded, "direct_send_refused",
           "Messages without a template are not allowed here: send a template.", "client"),
    **_row(range(147001, 147006), Refused, "username_refused",
           "Meta does not give this username: choose another or link its page first.", "client"),
    **_row((2388019, 2388039, 2388040, 2388047, 2388072, 2388073, 2388293, 2388299), Refused,
           "template_refused",
           "Meta does not take this template: correct the part it names.", "client"),
    **_row((131020, 131041, *range(131201, 131205), 131207, *range(131209, 131216)), Refused,
           "group_refused",
           "Meta refused this for the group: see what it names.", "client"),
    **_row((131208,), TryAgain, "group_rate_limit",
           "Too many calls for groups: wait a little.", "gateway", 1.0),
    **_row((2593107,), Refused, "app_data_asked",
           "The app was asked for this before, and shares it once: wait for it. If nothing comes"
           " within a day, end the link in the app and sign up again.", "gateway"),
    **_row((2593108,), Refused, "app_data_late",
           "The app shares this within 24 hours of the sign-up: end the link in the app and sign up"
           " again.", "client"),
    **_row((2593109,), Refused, "history_not_shared",
           "The client chose in the app not to share its history: end the link in the app, sign up"
           " again and share it there.", "client"),
}  # fmt: skip

UNKNOWN = Meaning(
    kind=Refused,
    code="graph_error",
    detail="Meta refused this for a reason we do not know: see its own words.",
    who="operator",
)
UNKNOWN_OUTCOME = Meaning(
    kind=OutcomeUnknown,
    code="graph_error",
    detail="Meta failed in a way we do not know: look before repeating.",
    who="meta",
)


def meaning_of(error: Mapping[str, Any], status: int = 400) -> Meaning:
    """What an error object means. Its subcode decides only where the code is 100, the catch-all."""
    code, subcode = error.get("code"), error.get("error_subcode")
    if code == 100 and isinstance(subcode, int) and subcode in MEANINGS:
        return MEANINGS[subcode]
    if isinstance(code, int) and code in MEANINGS:
        return MEANINGS[code]
    return UNKNOWN_OUTCOME if status >= 500 or error.get("is_transient") else UNKNOWN


def provider_error(error: Mapping[str, Any], status: int) -> ProviderError:
    """The error to raise for an answer of this HTTP status that carries this error object."""
    meaning = meaning_of(error, status)
    return meaning.kind(
        meaning.code,
        explain(meaning, error),
        provider_code=code_of(error),
        retry_after=meaning.retry_after,
        growth=meaning.growth,
        who=meaning.who,
    )


def code_of(error: Mapping[str, Any]) -> str:
    """Meta's own code as support asks for it: `131047`, or `100/2388001`."""
    code, subcode = error.get("code"), error.get("error_subcode")
    return f"{code}/{subcode}" if subcode else str(code)


def explain(meaning: Meaning, error: Mapping[str, Any]) -> str:
    """Our sentence, and Meta's words where it has any."""
    if meaning.code == "token_invalid":
        # Meta's words may repeat the token, which must reach no log and no page.
        return f"{meaning.detail} (Meta {code_of(error)})"
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, Mapping) else None
    words = details or error.get("error_user_msg") or error.get("message") or error.get("title")
    return f"{meaning.detail} (Meta {code_of(error)}: {words})" if words else meaning.detail
