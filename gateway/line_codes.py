"""The error codes of lines: what each means, and what to do."""

from typing import Final

LINE_STATES: Final = (
    ("line_released", "The line was released; its conversations stay readable.",
     "Open a conversation on another line of the client."),
    ("line_state", "The line is in a state in which this cannot be done.",
     "See `state` and `detail`."),
    ("number_still_held", "Meta still shows the number that is said to be gone.",
     "Delete it in the WhatsApp Manager, then confirm again."),
)  # fmt: skip

LINE_HEALTH: Final = (
    ("release_requested", "The line is to be released; nothing leaves it any more.",
     "See its `release_at`: until then `POST …/release/cancel` keeps it."),
    ("number_gone", "Meta's account does not hold the line's number any more.",
     "See in the WhatsApp Manager what became of it; release the line if it stays gone."),
    ("number_not_connected", "The number is not registered on the Cloud API.",
     "Nothing: we register it again; if it stays so, look at it in the WhatsApp Manager."),
    ("sending_blocked", "Meta lets nothing leave the line.",
     "See `detail` for Meta's reason, and `do`; the line sends again once Meta lets it."),
    ("sending_limited", "Meta lets the line send, but not everything.",
     "See `detail` for Meta's reason, and `do`."),
    ("quality_low", "Many people block or report the line; Meta rates its quality low.",
     "Write only to people who expect it, and send fewer templates for a week."),
    ("quality_medium", "Some people block or report the line; Meta rates its quality medium.",
     "Write only to people who expect it, and send fewer templates for a week."),
    ("name_not_approved", "Meta does not let the line show its name.",
     "Give the company a name that fits Meta's rules."),
    ("account_rejected", "Meta's review rejected the WhatsApp account.",
     "Appeal in the WhatsApp Manager."),
    ("account_restricted", "Meta restricts what the WhatsApp account may do, for a time.",
     "Wait until then, or appeal in the WhatsApp Manager; `provider_code` names the restriction."),
    ("look_refused", "Meta does not show how the line stands.",
     "See in the WhatsApp Manager whether the account is still there."),
)  # fmt: skip
