"""What this plugin's steps wait for."""

from gateway.plugin_api import ErrorCode

CODES = [
    ErrorCode(
        code="app_not_linked",
        means="The number stays in the WhatsApp Business app, which is not linked yet.",
        do="Confirm the link in the app; the step looks again by itself.",
    ),
    ErrorCode(
        code="not_tech_provider",
        means="Meta does not let the operator's app act for other businesses.",
        do="An operator has the business verified, then both permissions of WhatsApp approved for"
        " advanced access in App Review.",
    ),
    ErrorCode(
        code="number_releasing",
        means="WhatsApp takes up to three minutes to free a number.",
        do="Nothing: the number is registered by itself when they are over.",
    ),
    ErrorCode(
        code="payment_method_missing",
        means="Meta cannot charge the client's WhatsApp account, and so delivers nothing.",
        do="Add a payment method in Meta's WhatsApp Manager; the step looks again by itself.",
    ),
]
