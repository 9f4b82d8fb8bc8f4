"""What our codes for Twilio's refusals mean, for the reference of error codes."""

from gateway.plugin_api import ErrorCode

EXPLAINED = (
    ErrorCode(
        code="number_invalid",
        means="The supplier does not take the number for one.",
        do="Cancel the activation and request a line again.",
    ),
)
