"""What this plugin's steps wait for."""

from gateway.plugin_api import ErrorCode

CODES = [
    ErrorCode(
        code="app_not_linked",
        means="The number stays in the WhatsApp Business app, which is not linked yet.",
        do="Confirm the link in the app; the step looks again by itself.",
    ),
    ErrorCode(
        code="payment_method_missing",
        means="Meta cannot charge the client's WhatsApp account, and so delivers nothing.",
        do="Add a payment method in Meta's WhatsApp Manager; the step looks again by itself.",
    ),
]
