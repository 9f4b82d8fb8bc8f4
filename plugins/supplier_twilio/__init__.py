"""Numbers from Twilio, and the verification codes that reach them by voice or SMS."""

from gateway.plugin_api import CodeCapture, ErrorCode, NumberSupplier, hookimpl
from plugins.supplier_twilio.captures import TwilioCapture
from plugins.supplier_twilio.error_codes import EXPLAINED
from plugins.supplier_twilio.supplier import TwilioSupplier


@hookimpl
def register_number_suppliers() -> list[type[NumberSupplier]]:
    return [TwilioSupplier]


@hookimpl
def register_code_captures() -> list[type[CodeCapture]]:
    return [TwilioCapture]


@hookimpl
def register_error_codes() -> list[ErrorCode]:
    return list(EXPLAINED)


@hookimpl
def register_simulators() -> list[str]:
    return ["plugins.supplier_twilio.simulator:TwilioSimulator"]
