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

SIGNUP_STATES: Final = (
    ("no_signup", "The line's number is not one that a client connects.",
     "Nothing: its activation goes on by itself."),
    ("not_own_number", "The line has no number of the client's own.",
     "Release the line, or cancel its activation, instead."),
    ("signup_code_used", "The sign-up's code was used before.", "Sign up again for another."),
)  # fmt: skip

SIGNUP: Final = (
    ("signup_not_configured", "The operator has not configured Meta's sign-up.",
     "An operator sets `signup_config_id` of `whatsapp-cloud`."),
    ("waiting_for_signup", "A person of the client's is to sign up at Meta.",
     "Have somebody open the activation's `signup_url`."),
    ("signup_cancelled", "The sign-up was left before its end.", "Open it again."),
    ("signup_failed", "Meta's sign-up page failed, or somebody reported a problem there.",
     "Open it again; else write to Meta's support with the session that `detail` names."),
    ("signup_without_number", "The sign-up ended without a number.",
     "Open it again and give it the number."),
    ("waba_not_granted", "The WhatsApp account named was not granted to us.",
     "Open the sign-up again and choose it there."),
    ("waba_of_another_client", "The WhatsApp account is connected by another client.",
     "Disconnect that line, or choose another account."),
    ("number_not_granted", "The number is not in the account that was granted.",
     "Open the sign-up again and choose it there."),
    ("number_not_said", "Several accounts or numbers were granted, and the sign-up named none.",
     "Open the sign-up again, choose the number, and leave the page open until it ends."),
    ("number_of_another_line", "The number is another line's already.",
     "Disconnect that line, or choose another number."),
    ("another_account", "The client renewed the access to another account than the line's.",
     "Sign up again and choose the line's own account."),
    ("app_link_lost", "The number's link with the WhatsApp Business app has ended.",
     "Have the client link it again in the app, or sign up once more at the line's `signup_url`."),
    ("disconnecting", "The client disconnects its number; nothing leaves the line any more.",
     "Nothing: the line is released in a moment."),
    ("authorisation_expiring", "The client's authorisation ends soon.",
     "Have the client sign up once more at the line's `signup_url`; its number stays."),
    ("authorisation_lost", "The client's authorisation has ended or was taken back.",
     "Have the client sign up once more at the line's `signup_url`; its number stays."),
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
