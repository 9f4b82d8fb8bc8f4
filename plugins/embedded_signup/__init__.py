"""A line on the client's own number, which the client connects on Meta's sign-up page."""

from gateway.plugin_api import ErrorCode, OnboardingProvider, hookimpl
from plugins.embedded_signup import error_codes
from plugins.embedded_signup.provider import EmbeddedSignup


@hookimpl
def register_onboarding_providers() -> list[type[OnboardingProvider]]:
    return [EmbeddedSignup]


@hookimpl
def register_error_codes() -> list[ErrorCode]:
    return error_codes.CODES
