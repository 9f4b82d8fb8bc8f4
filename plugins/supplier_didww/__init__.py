"""Numbers from DIDWW, and the verification codes that reach them by text."""

from gateway.plugin_api import CodeCapture, NumberSupplier, hookimpl
from plugins.supplier_didww.captures import DidwwCapture
from plugins.supplier_didww.supplier import DidwwSupplier


@hookimpl
def register_number_suppliers() -> list[type[NumberSupplier]]:
    return [DidwwSupplier]


@hookimpl
def register_code_captures() -> list[type[CodeCapture]]:
    return [DidwwCapture]


@hookimpl
def register_simulators() -> list[str]:
    return ["plugins.supplier_didww.simulator:DidwwSimulator"]
