"""WhatsApp groups as a way to candidates: what was found out, and why they are not offered."""

from gateway.plugin_api import ErrorCode, OnboardingProvider, hookimpl
from plugins.group_investigation.error_codes import EXPLAINED
from plugins.group_investigation.provider import Groups


@hookimpl
def register_onboarding_providers() -> list[type[OnboardingProvider]]:
    return [Groups]


@hookimpl
def register_error_codes() -> list[ErrorCode]:
    return EXPLAINED
