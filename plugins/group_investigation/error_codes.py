"""Why a line may not use groups, for the reference of error codes."""

from gateway.plugin_api import ErrorCode

EXPLAINED = [
    ErrorCode(
        code="coexistence",
        means="The number stays in the WhatsApp Business app, and such numbers have no groups.",
        do="Take the number off the app, if groups are worth it.",
    ),
    ErrorCode(
        code="not_official",
        means="Meta opens groups to Official Business Accounts only.",
        do="Apply for one in the WhatsApp Manager; few companies pass.",
    ),
]
