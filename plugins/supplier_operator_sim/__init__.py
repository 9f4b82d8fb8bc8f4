"""SIM cards in a drawer: numbers of a mobile operator whose codes a person or a modem hands in."""

import click

from gateway.plugin_api import CodeCapture, NumberSupplier, hookimpl
from plugins.supplier_operator_sim.captures import ModemCapture
from plugins.supplier_operator_sim.commands import sims
from plugins.supplier_operator_sim.supplier import OperatorSimSupplier


@hookimpl
def register_number_suppliers() -> list[type[NumberSupplier]]:
    return [OperatorSimSupplier]


@hookimpl
def register_code_captures() -> list[type[CodeCapture]]:
    return [ModemCapture]


@hookimpl
def register_commands() -> list[click.Command]:
    return [sims]
