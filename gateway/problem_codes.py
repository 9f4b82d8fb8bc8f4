"""Every error code of the gateway itself: where it is met, what it means, what to do.

What plugins' providers raise is explained by the plugins (`register_error_codes`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.cost_codes import STATEMENT_STATES
from gateway.errors import ErrorCode
from gateway.line_codes import LINE_HEALTH, LINE_STATES, SIGNUP, SIGNUP_STATES
from gateway.shown_codes import SHOWN


def _codes(status: int | None, *rows: tuple[str, str, str]) -> dict[str, ErrorCode]:
    return {
        code: ErrorCode(code=code, status=status, means=means, do=do) for code, means, do in rows
    }


_WHO_MAY_BE_WRITTEN_TO: Final = _codes(
    409,
    ("candidate_opted_out", "The candidate asked for no more messages.",
     "If they write again, answer within 24 hours in free text; or record a new opt-in."),
    ("template_not_approved", "The template is not approved for this line.",
     "Choose one of those listed in `templates`."),
    ("marketing_stopped", "The candidate wants no marketing messages.",
     "Send none; a template that Meta charges as utility may be sent."),
    ("opt_in_missing", "Meta charges this template as marketing, and no opt-in is recorded.",
     "Record the candidate's opt-in first, with how and when it was obtained."),
    ("budget_reached", "The month's budget is used up, and it stops marketing.",
     "Answer who writes, send a template that Meta charges as utility, or set another budget."),
    ("too_many_unanswered_templates", "The candidate has not answered the last templates.",
     "Wait until they write."),
    ("reply_window_closed", "More than 24 hours have passed since the candidate last wrote, or they"
     " never did.", "Send one of the templates listed in `templates`."),
)  # fmt: skip

POLICY: Final = tuple(_WHO_MAY_BE_WRITTEN_TO)
"""The rules by which a message is refused."""

_ANSWERS: Final = {
    **_codes(
        400,
        ("malformed_request", "The request cannot be read: its body is no JSON, or too deep.",
         "Correct the body; every JSON library writes one that can be read."),
        ("invalid_cursor", "What `after` gives is no cursor of ours.",
         "Give an earlier page's `next_cursor`, as it came."),
        ("idempotency_key_malformed", "The `Idempotency-Key` is no key.",
         "Send 1 to 255 printable ASCII characters."),
    ),
    **_codes(
        401,
        ("invalid_api_key", "The API key is missing, mistyped or revoked.",
         "Send `Authorization: Bearer <api key>` with a key that is valid."),
        ("invalid_signature", "A webhook was not signed by who it claims to come from.",
         "Configure the secret or token of that supplier; nothing of the body was kept."),
    ),
    **_codes(
        404,
        ("not_found", "There is no such thing, or it is somebody else's.",
         "Check the id and under which client it is; ids mean nothing under another client."),
        ("not_investigated", "Nobody has asked what groups would be for this line.",
         "POST to the same address first."),
    ),
    **_codes(
        405,
        ("method_not_allowed", "This address does not take this method.",
         "Use one of those in the header `Allow`."),
    ),
    **_codes(
        409,
        ("line_not_ready", "The line has no number at WhatsApp yet.",
         "Wait for its activation."),
        ("sandbox_only", "This is done in the sandbox alone: real people would be written to.",
         "Do it on a gateway with `sandbox.enabled`."),
        ("activation_state", "The activation is in a state in which this cannot be done.",
         "See `state`: a failed one can be retried, an unfinished one cancelled."),
        ("case_not_offered", "This way to a line cannot be started now.",
         "See the case's `blockers`, or choose another case."),
        ("nothing_to_confirm", "The paper has no address that waits for a confirmation.",
         "See `detail` for what it lacks; only the newest utility bill is confirmed."),
        ("conversation_unassigned", "Nobody is assigned to the conversation.",
         "Assign it to a recruiter first."),
        ("endpoint_disabled", "The webhook endpoint is disabled; nothing is sent to it.",
         "See its `disabled_reason`, then enable it."),
        ("idempotency_in_flight", "A request with this `Idempotency-Key` is still being worked on.",
         "Send this one again later; it will get the other's answer."),
        ("not_replaceable", "The number of this line cannot be replaced now.",
         "See `detail`."),
        ("rent_not_moved", "The supplier does not have this number in our account.",
         "Port the number there first, or choose a supplier that takes numbers from elsewhere."),
        ("supplier_in_use", "Numbers or activations depend on the supplier.",
         "Release what `detail` names, or move it to another supplier, first."),
        ("supplier_not_paused", "Something may be ordered at the supplier meanwhile.",
         "Pause the supplier first."),
        ("line_not_active", "Only an active line can write.",
         "See the line's `status` and `activation`: who must act is named there."),
        *LINE_STATES,
        *SIGNUP_STATES,
        *STATEMENT_STATES,
        ("media_expired", "WhatsApp no longer has the file.",
         "Ask the candidate to send it again."),
        ("media_failed", "The file could not be fetched.", "Ask the candidate to send it again."),
        ("media_pending", "The file is being fetched from WhatsApp.", "Ask again in a moment."),
        ("message_state", "The message is in a state in which this cannot be done.",
         "See its `status`: only what has not left can be cancelled (an introduction never), only"
         " what reached WhatsApp can be answered to, only what was received can be read."),
        ("phone_of_another_candidate", "The phone is another candidate's of this client.",
         "Correct that candidate's phone first; `detail` names it."),
        ("recruiter_exists", "A recruiter with this e-mail is here already.",
         "Use that one, or another e-mail."),
        ("recruiter_left", "This recruiter has left and can do nothing any more.",
         "Name a colleague."),
    ),
    **_WHO_MAY_BE_WRITTEN_TO,
    **_codes(
        413,
        ("body_too_large", "The body is larger than this call may be.",
         "Send less; files have a limit of their own (`web.max_upload_bytes`)."),
    ),
    **_codes(
        415,
        ("unsupported_media_type", "The body is not of the kind this call takes.",
         "Send it as `application/json`, a file as `multipart/form-data`."),
    ),
    **_codes(
        422,
        ("unknown_line", "The client has no line of this id that was ever active.",
         "Name one of its lines, or none for all of them together."),
        ("no_exchange_rate", "Costs are in USD, and no rate to this currency is known today.",
         "Choose USD, or import a card with that exchange rate."),
        ("expired", "The moment is in the past.", "Give one that is to come."),
        ("display_name_refused", "Meta would refuse this name as what candidates see of a line.",
         "See `reason`; give the client the `suggestion`, or another, as its `display_name`."),
        ("logo_not_an_image", "The logo is no image we can read.",
         "Give a PNG, JPEG, WebP, GIF or BMP file."),
        ("logo_is_svg", "The logo is an SVG drawing, which WhatsApp does not show.",
         "Export it as PNG."),
        ("logo_too_large", "The logo has too many pixels or bytes.", "Give a smaller one."),
        ("logo_url_refused", "The logo's address may not be called.",
         "Give a public https address, without user and password; or upload the logo."),
        ("timezone_missing", "The country has more than one timezone.",
         "Say which one the quiet hours go by."),
        ("endpoint_url_refused", "The address may not be called.",
         "Give a public https address, without user and password; `detail` says what is wrong."),
        ("hand_over_to_oneself", "Whoever leaves cannot take over.",
         "Name a colleague, or nobody."),
        ("idempotency_key_reused", "This `Idempotency-Key` was used for another request.",
         "Take a new key for each request."),
        ("invalid_phone_number", "This is no phone number.",
         "Write it as +212612345678, or as it is dialled in the client's country."),
        ("invalid_request", "The request's content is wrong.",
         "Correct what `errors` names; each `pointer` says where."),
        ("media_too_large", "The file is larger than such a message may carry.",
         "Send a smaller one; `detail` has the limit."),
        ("message_too_old", "A reaction does not reach back that far.",
         "Answer with a message instead."),
        ("template_parameters", "The values do not fit the blanks of the approved template.",
         "See the template's `components`; `errors` says where."),
        ("too_many_events", "More events happened between these times than are sent at once.",
         "Take the times closer together."),
        ("unknown_adapter", "There is no such ATS adapter.",
         "Choose one of those that `detail` lists, or enable its plugin."),
        ("unknown_case", "There is no such way to a line.",
         "Choose one of `GET /v1/cases`."),
        ("unknown_message", "The conversation has no such message.",
         "Name one of this conversation, by our id or its wamid."),
        ("unknown_rate_card", "There is no such rate card.",
         "Choose one of those that `detail` lists."),
        ("unsupported_media", "No message carries files of this type.",
         "Send one of the types that `detail` lists."),
        ("unusable_media", "The file cannot be sent in this message.",
         "See `detail`; hand in a file of the right kind with `POST …/media`."),
        ("unsupported_document", "The file is no PDF, PNG or JPEG, whatever its name says.",
         "Send it in one of these forms."),
        ("document_active", "The file is a program as well, or does something when it is opened.",
         "Print the paper to a plain PDF, or send a picture of it."),
        ("document_unreadable", "The PDF is encrypted, or packed so that nobody can look into it.",
         "Print the paper to a plain PDF, or send a picture of it."),
        ("paper_number_invalid", "A number of this kind of paper does not look like this.",
         "Write it as the paper shows it; `detail` says which form it has."),
        ("paper_expired", "The paper counts no longer: it has expired, or the bill is older than"
         " three months.", "Send a newer one."),
        ("paper_of_the_future", "The paper's date has not come yet.", "Correct `issued_on`."),
    ),
    **_codes(
        429,
        ("batches_in_flight", "Other batches are still being worked on.",
         "Send this one again when they are answered; send one batch at a time."),
    ),
    **_codes(
        500,
        ("internal_error", "Something went wrong in the gateway.",
         "Try again; if it stays, quote the `request_id` to whoever runs the gateway."),
    ),
    **_codes(
        503,
        ("adapter_not_enabled", "The plugin of this connection's ATS is not enabled now.",
         "The ATS sends again; enable the plugin, or remove the connection."),
    ),
    **_codes(
        501,
        ("no_pricing", "No plugin that knows prices is enabled.",
         "Enable one, such as `cost-reporting`."),
        ("no_investigation", "Nothing that is enabled investigates groups.",
         "Enable `group-investigation`, and a messaging provider that knows groups."),
    ),
}  # fmt: skip

_SUPPLIERS: Final = _codes(
    None,
    ("country_not_sold", "The supplier sells no numbers of this country.",
     "An operator prefers another supplier; or ask for a line of another country."),
    ("type_not_sold", "The supplier sells numbers of this country, but none of a type that can be a"
     " line.", "An operator prefers another supplier."),
    ("out_of_stock", "The supplier has no such number at the moment.",
     "Nothing: the step goes on when there is one; or an operator prefers another supplier."),
    ("no_supplier", "No supplier is on offer for this country.",
     "An operator lists one in the configuration, or prefers one; the step goes on then."),
    ("supplier_paused", "An operator has paused the supplier: nothing is ordered there.",
     "An operator resumes it or prefers another one; the step goes on then."),
    ("supplier_unwell", "The supplier failed several times in a row and is left alone for a while.",
     "Nothing: it is tried again by itself, and others are asked meanwhile."),
    ("hears_no_code", "No verification code can reach the numbers that the supplier offers.",
     "An operator prefers another supplier."),
    ("too_expensive", "The supplier's numbers cost more than the policy of this country allows.",
     "An operator raises `most_monthly`, or prefers another supplier."),
    ("price_not_comparable", "The policy of this country limits the price, and the supplier tells"
     " none in that currency.", "An operator limits it in the supplier's currency, or not at all."),
    ("order_unconfirmed", "An order left whose answer was lost; whether it arrived is not certain.",
     "Nothing: within half a minute it is, and the step goes on."),
    ("papers_missing", "The country asks for papers that are not there, or do not count yet.",
     "Hand in what `detail` names; the step goes on when the supplier has them."),
    ("papers_in_review", "The supplier examines the papers.",
     "Nothing: the step goes on when it has approved them."),
    ("papers_declined", "The supplier declined the papers, for the reasons in `detail`.",
     "A client uploads others: they are handed in by themselves. Of the platform's own an operator"
     " gives the supplier others, and names them in its settings."),
    ("number_taken", "Somebody else took the number between search and order.",
     "Nothing: the step finds another number by itself."),
    ("order_failed", "The supplier took the order and could not carry it out.",
     "Retry the activation to order another number."),
    ("waiting_for_supplier", "The supplier took the order and has not carried it out yet.",
     "See `detail` for what it waits for; the step goes on by itself."),
    ("order_under_way", "The supplier carries the order out and cannot call it off now.",
     "Nothing: the number is given back when it is there."),
    ("broken_answer", "The supplier's answer is unreadable.",
     "Nothing: the step looks what happened and goes on by itself."),
    ("rate_limited", "The supplier takes no more calls at the moment.",
     "Nothing: the step goes on by itself."),
    ("supplier_failed", "The supplier fails at the moment.",
     "Nothing: the step goes on by itself."),
    ("supplier_login_refused", "The supplier refuses the account.",
     "Check its name, its token and whether it is suspended, then retry the activation."),
    ("supplier_refused", "The supplier refused for a reason of its own.",
     "See its words in `detail`; mend what they name, then retry the activation."),
)  # fmt: skip

_SHOWN: Final = _codes(None, *LINE_HEALTH, *SIGNUP, *SHOWN)

CODES: Final[Mapping[str, ErrorCode]] = MappingProxyType({**_ANSWERS, **_SUPPLIERS, **_SHOWN})

OF_STATUS: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "malformed_request",
        404: "not_found",
        405: "method_not_allowed",
        413: "body_too_large",
        415: "unsupported_media_type",
        422: "invalid_request",
    }
)
"""The code of an answer that was refused before any of our own code saw the request."""
