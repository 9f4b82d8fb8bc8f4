"""WhatsApp by Meta's Cloud API: registering numbers, carrying messages, and a simulator of Meta."""

from gateway.plugin_api import Connector, ErrorCode, MessagingProvider, NumberRegistrar, hookimpl

from . import error_codes
from .connector import WhatsAppCloudConnector
from .messaging import WhatsAppCloudMessaging
from .registrar import WhatsAppCloudRegistrar


@hookimpl
def register_number_registrars() -> list[type[NumberRegistrar]]:
    return [WhatsAppCloudRegistrar]


@hookimpl
def register_connectors() -> list[type[Connector]]:
    return [WhatsAppCloudConnector]


@hookimpl
def register_messaging_providers() -> list[type[MessagingProvider]]:
    return [WhatsAppCloudMessaging]


@hookimpl
def register_error_codes() -> list[ErrorCode]:
    return error_codes.explained()


@hookimpl
def register_simulators() -> list[str]:
    return ["plugins.whatsapp_cloud.simulator:GraphSimulator"]
