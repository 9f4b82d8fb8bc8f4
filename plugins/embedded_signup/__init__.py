"""A line on the client's own number, which the client connects on Meta's sign-up page."""

from gateway.plugin_api import ErrorCode, OnboardingProvider, hookimpl
from plugins.embedded_signup.provider import EmbeddedSignup


@hookimpl
def register_onboarding_providers() -> list[type[OnboardingProvider]]:
    return [EmbeddedSignup]


@hookimpl
def register_error_codes() -> list[ErrorCode]:
    return [
        ErrorCode(
            code="not_yet_offered",
            means="This way to a line is not built yet.",
            do="Choose another case.",
        )
    ]
