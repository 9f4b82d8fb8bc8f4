"""A line on a number that the platform rents and brands for the client."""

from gateway.plugin_api import OnboardingProvider, hookimpl
from plugins.virtual_number.provider import VirtualNumber


@hookimpl
def register_onboarding_providers() -> list[type[OnboardingProvider]]:
    return [VirtualNumber]
