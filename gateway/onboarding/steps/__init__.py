"""The common steps of an activation, by name."""

from collections.abc import Callable, Mapping
from typing import Final

from gateway.onboarding.step_contract import Step
from gateway.onboarding.steps.add import Add
from gateway.onboarding.steps.brand import Brand
from gateway.onboarding.steps.code import Code
from gateway.onboarding.steps.introduce import Introduce
from gateway.onboarding.steps.order import Order
from gateway.onboarding.steps.papers import Papers
from gateway.onboarding.steps.place import Place
from gateway.onboarding.steps.register import Register

COMMON: Final[Mapping[str, Callable[[], Step]]] = {
    step.name: step for step in (Papers, Order, Place, Add, Code, Register, Brand, Introduce)
}
