"""What a number that stays in the WhatsApp Business app cannot do, and what to do instead.

Source: onboarding WhatsApp Business app users, 4 February 2026, and the Groups API; that the link
ends where the app is not opened is told by vendors alone.
"""

from dataclasses import dataclass
from typing import Final

MESSAGES_A_SECOND: Final = 20


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What it cannot do (`text`), and the way around it (`do`)."""

    name: str
    text: str
    do: str


LIMITS: Final = (
    Limit(
        name="throughput",
        text=f"It sends {MESSAGES_A_SECOND} messages a second at most, instead of 80.",
        do="Nothing: what is more waits and leaves by itself. Begin a large batch early.",
    ),
    Limit(
        name="groups",
        text="It has no groups over the API, and the groups in the app do not come here.",
        do="Write to each person 1-on-1 here, or keep the group in the app alone.",
    ),
    Limit(
        name="official_account",
        text="It cannot become an Official Business Account.",
        do="Give the number a name and a picture in the app that candidates know; for the badge it"
        " must leave the app first.",
    ),
    Limit(
        name="profile",
        text="Its name, picture and profile cannot be changed from here.",
        do="Change them in the app, in its business profile.",
    ),
    Limit(
        name="app_features",
        text="In the app's chats, disappearing and view-once messages and live location are off,"
        " and broadcast lists can only be read.",
        do="Send a place as an ordinary message; write to many people by opening conversations"
        " here.",
    ),
    Limit(
        name="devices",
        text="The app's linked devices were unlinked, and what is written on Windows or Wear OS"
        " does not come here.",
        do="Link up to four devices again in the app, none of those two kinds.",
    ),
    Limit(
        name="reply_window",
        text="What the client writes in the app opens no reply window here and costs nothing.",
        do="Go on in the app, or send a template here: the person's answer opens the window.",
    ),
    Limit(
        name="past",
        text="What came along from the app reaches back six months at most, without its groups, and"
        " with the files of the last two weeks alone.",
        do="Look up what is older in the app.",
    ),
    Limit(
        name="app_must_be_opened",
        text="The app must be opened every two weeks at least, or the link ends.",
        do="Open it once a week on the phone that has the number.",
    ),
    Limit(
        name="leaving",
        text="Nobody but the owner of the phone can take it off the API for good.",
        do="Disconnect it here first; then end the link in the app, under Settings, Account,"
        " Business Platform.",
    ),
)
