"""What goes wrong in the simulated world, and when."""

import random
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Literal

from marshmallow import Schema, ValidationError, fields, validate

from gateway.http_client import READ_SECONDS
from gateway.sandbox.contract import Fault

HOLD_SECONDS = 120.0

# A rate limit: everybody knows of it that nothing happened.
_ERROR_CODES = {"graph": 130429, "supplier": 20429}

Point = Literal["hold_before", "hold_after"]


class _ApiFaultsSchema(Schema):
    latency_ms = fields.Float(validate=validate.Range(min=0))
    error_rate = fields.Float(validate=validate.Range(min=0, max=1))
    error_code = fields.Integer()
    timeout_after_accept_rate = fields.Float(validate=validate.Range(min=0, max=1))
    hold_before = fields.String(allow_none=True)
    hold_after = fields.String(allow_none=True)
    calls = fields.List(fields.String(), allow_none=True)


class _WebhookFaultsSchema(Schema):
    duplicate_rate = fields.Float(validate=validate.Range(min=0, max=1))
    reorder = fields.Boolean()
    delay_ms = fields.Float(validate=validate.Range(min=0))
    drop_rate = fields.Float(validate=validate.Range(min=0, max=1))


@dataclass(frozen=True, kw_only=True)
class ApiFaults:
    """Of one simulated API. Errors and timeouts meet only the named `calls`; None means all."""

    error_code: int
    latency_ms: float = 0
    error_rate: float = 0
    timeout_after_accept_rate: float = 0
    hold_before: str | None = None
    hold_after: str | None = None
    calls: list[str] | None = None


@dataclass(frozen=True, kw_only=True)
class WebhookFaults:
    """Of the webhooks the simulated world sends.

    `drop_rate` loses an attempt, not the webhook: like every lost attempt it is repeated later.
    """

    duplicate_rate: float = 0
    reorder: bool = False
    delay_ms: float = 0
    drop_rate: float = 0


class FaultPanel:
    """The faults as the panel set them; nothing goes wrong until then.

    Calls wait inside `around` while they are held. One that was held before its effect for longer
    than the client's patience fails instead: its client gave up, and must not be surprised.
    """

    patience_seconds = READ_SECONDS

    def __init__(self, *, seed: int | None = None) -> None:
        self._random = random.Random(seed)
        self._changed = threading.Condition()
        self._held: list[dict[str, str]] = []
        self.set({})

    def set(self, wanted: Mapping[str, Any]) -> None:
        """Put these faults in the place of all earlier ones. ValueError lists the known keys."""
        _refuse_unknown("", wanted, ("graph", "webhooks", "supplier"))
        apis = {
            area: ApiFaults(**{"error_code": code} | _load(area, wanted, _ApiFaultsSchema()))
            for area, code in _ERROR_CODES.items()
        }
        webhooks = WebhookFaults(**_load("webhooks", wanted, _WebhookFaultsSchema()))
        with self._changed:
            self._apis, self.webhooks = apis, webhooks
            self._changed.notify_all()

    def show(self) -> dict[str, Any]:
        """The faults, and as `held` the calls that wait now: `{area, call, hold}`."""
        with self._changed:
            shown = {area: asdict(faults) for area, faults in self._apis.items()}
            return shown | {"webhooks": asdict(self.webhooks), "held": list(self._held)}

    def happens(self, rate: float) -> bool:
        """Whether something of this probability happens now."""
        return rate > 0 and self._random.random() < rate

    def scatter(self, seconds: float) -> float:
        """A random time up to so many seconds."""
        return self._random.uniform(0, seconds)

    @contextmanager
    def around(self, area: str, call: str) -> Iterator[None]:
        """Wrap the effect of one simulated call; Fault is raised before the effect only."""
        faults = self._apis[area]
        time.sleep(faults.latency_ms / 1000)
        meets = faults.calls is None or call in faults.calls
        if meets and self.happens(faults.error_rate):
            raise Fault(faults.error_code)
        if self._hold(area, call, "hold_before") > self.patience_seconds:
            raise Fault(faults.error_code)
        yield
        self._hold(area, call, "hold_after")
        if meets and self.happens(faults.timeout_after_accept_rate):
            time.sleep(self.patience_seconds + 1)

    def _hold(self, area: str, call: str, point: Point) -> float:
        started = time.monotonic()
        with self._changed:
            if getattr(self._apis[area], point) == call:
                waiting = {"area": area, "call": call, "hold": point}
                self._held.append(waiting)
                self._changed.wait_for(
                    lambda: getattr(self._apis[area], point) != call, HOLD_SECONDS
                )
                self._held.remove(waiting)
        return time.monotonic() - started


def _load(area: str, wanted: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    given = wanted.get(area, {})
    if not isinstance(given, Mapping):
        raise ValueError(f"{area} must be an object.")
    _refuse_unknown(f"{area}.", given, tuple(schema.fields))
    try:
        loaded: dict[str, Any] = schema.load(given)
    except ValidationError as error:
        raise ValueError(f"In {area}: {error}") from error
    return loaded


def _refuse_unknown(prefix: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    if unknown := sorted(set(given) - set(known)):
        raise ValueError(f"Unknown: {prefix}{', '.join(unknown)}. Known: {', '.join(known)}.")
