"""Numbers from Telnyx, and the verification codes that reach them by call or text."""

from gateway.plugin_api import CodeCapture, NumberSupplier, hookimpl
from plugins.supplier_telnyx.captures import TelnyxCapture
from plugins.supplier_telnyx.supplier import TelnyxSupplier


@hookimpl
def register_number_suppliers() -> list[type[NumberSupplier]]:
    return [TelnyxSupplier]


@hookimpl
def register_code_captures() -> list[type[CodeCapture]]:
    return [TelnyxCapture]


@hookimpl
def register_simulators() -> list[str]:
    return ["plugins.supplier_telnyx.simulator:TelnyxSimulator"]
