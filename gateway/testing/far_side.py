"""What a supplier's suite plays with: the provider under test, and the truth at its far side."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, request

from gateway.http_client import HttpClient
from gateway.provisioning.capture_contract import (
    ActsOnReports,
    CodeCapture,
    HeardCode,
    InboundReport,
)
from gateway.provisioning.contract import CodeMethod, InboundUrls, NumberSupplier, OwnedNumber
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.world import SandboxWorld
from gateway.settings import load_settings
from gateway.testing.serving import eventually, served

CALLER = "+14155550100"


class FarSide(ABC):
    """A supplier, its code capture, and what really became of what they asked for."""

    supplier: NumberSupplier
    capture: CodeCapture
    stranger: CodeCapture  # the same capture with another secret
    inbound: InboundUrls

    @abstractmethod
    def rented(self) -> Sequence[str]:
        """The references under which numbers are rented over there, one for each number."""

    @abstractmethod
    def say(self, number: OwnedNumber, code: str, method: CodeMethod) -> Sequence[InboundReport]:
        """Have a code reach a number; what the supplier reports of it, in order."""


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """A supplier and the simulator that plays it over real HTTP.

    The simulator runs its effects inside `faults.around("supplier", call)`, and the purchase is the
    call `order`. `urls` are the settings that hold an address, each with its path in the sandbox;
    `wrong` a secret that is not the account's; `with_papers` what the settings hold in addition
    when papers are in order; `with_clients_papers` when clients' own are wanted, and taken.
    """

    supplier: type[NumberSupplier]
    capture: type[CodeCapture]
    simulator: str  # package.module:Class
    settings: Mapping[str, Any]
    urls: Mapping[str, str]
    wrong: Mapping[str, Any]
    stock: Mapping[str, int] = field(default_factory=lambda: {"MA": 9, "FR": 9, "SN": 0})
    papers: Sequence[str] = ()
    with_papers: Mapping[str, Any] = field(default_factory=dict)
    with_clients_papers: Mapping[str, Any] = field(default_factory=dict)


class SimulatedFarSide(FarSide):
    """A sandbox with this one simulator, and a receiver of what it posts to us."""

    def __init__(self, simulated: Simulated, sandbox: Flask, url: str, receiver_url: str) -> None:
        self.simulated = simulated
        self.world: SandboxWorld = sandbox.extensions["sandbox"]
        self.world.sandbox_url, self.world.gateway_url = url, receiver_url
        self._url = url
        hooks = f"{receiver_url}/webhooks/suppliers/{simulated.supplier.name}"
        self.inbound = InboundUrls(voice=f"{hooks}/voice", sms=f"{hooks}/sms")
        self.supplier = self.made()
        self.capture = simulated.capture(self._settings(simulated.capture), HttpClient())
        wrong = self._settings(simulated.capture, simulated.wrong)
        self.stranger = simulated.capture(wrong, HttpClient())
        self.reports: list[InboundReport] = []

    def made(
        self, extra: Mapping[str, Any] | None = None, *, http: HttpClient | None = None
    ) -> NumberSupplier:
        """Another supplier for the same account, with other settings or by another way."""
        settings = self._settings(self.simulated.supplier, extra or {})
        return self.simulated.supplier(settings, http or HttpClient())

    def rented(self) -> Sequence[str]:
        """By the simulator's ledger."""
        found: list[str] = []
        for carrier in self.world.carriers():
            for entry in carrier.ledger():
                change = found.append if entry["event"] == "bought" else found.remove
                change(entry["reference"])
        return found

    def judge_papers(self, verdict: str, *, reason: str | None = None) -> None:
        """How reviews of papers end from now on: `approve`, `decline` or `hold`."""
        name, decided = self.simulated.supplier.name, {"papers": verdict, "reason": reason}
        self.world.store.put("supplier_decisions", name, decided)

    def handed_in(self) -> Sequence[Mapping[str, Any]]:
        """The submissions of papers that the simulator holds, whole or not."""
        return [one for carrier in self.world.carriers() for one in carrier.submissions()]

    def say(self, number: OwnedNumber, code: str, method: CodeMethod) -> Sequence[InboundReport]:
        before = len(self.reports)
        digits = f"{' '.join(code[:3])}, {' '.join(code[3:])}"
        if method == "VOICE":
            speech = f"Your WhatsApp code is {digits}. Once again, it is {digits}."
            assert self.world.ring(number.phone_number, caller=CALLER, speech=speech)
        else:
            body = f"Your WhatsApp code is {code[:3]}-{code[3:]}"
            assert self.world.text(number.phone_number, sender=CALLER, body=body)
        eventually(lambda: bool(self.heard(self.reports[before:])))
        return self.reports[before:]

    def heard(self, reports: Sequence[InboundReport]) -> list[HeardCode]:
        """The codes in genuine reports."""
        return [code for report in reports for code in self.capture.hear(report)]

    def receiver(self) -> Flask:
        """Takes what the simulator posts, and answers as the gateway does."""
        app = Flask("gateway.testing.receiver", static_folder=None)

        @app.post("/webhooks/suppliers/<supplier>/<kind>")
        def hear(supplier: str, kind: str) -> Response:
            report = InboundReport(
                kind=kind,
                url=request.url,
                headers={name.lower(): value for name, value in request.headers.items()},
                body=request.get_data(),
            )
            if not self.capture.is_genuine(report):
                return Response(status=401)
            self.reports.append(report)
            if isinstance(self.capture, ActsOnReports):
                self.capture.act(report)
            answer = self.capture.answer(report)
            return Response(answer.body, content_type=answer.content_type)

        return app

    def _settings(
        self, provider: type[NumberSupplier | CodeCapture], extra: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        given = {name: f"{self._url}{path}" for name, path in self.simulated.urls.items()}
        given |= {**self.simulated.settings, **(extra or {})}
        loaded: Mapping[str, Any] = provider.settings_schema().load(given)
        return loaded


@contextmanager
def played(simulated: Simulated) -> Iterator[SimulatedFarSide]:
    """The simulator on loopback, from an empty account to the end of a test."""
    section = f"GATEWAY_PROVIDERS__{simulated.supplier.name.upper().replace('-', '_')}__"
    settings = load_settings(
        {
            "GATEWAY_ENVIRONMENT": "sandbox",
            "GATEWAY_SANDBOX__STOCK": json.dumps(simulated.stock),
            "GATEWAY_SANDBOX__PAPERS": json.dumps(simulated.papers),
            "GATEWAY_SANDBOX__APPROVE_AFTER_SECONDS": "0",
            **{f"{section}{key.upper()}": _text(it) for key, it in simulated.settings.items()},
        }
    )
    sandbox = create_sandbox(
        settings, [simulated.simulator], gateway_url="", sandbox_url="", state_file=None
    )
    with served(sandbox) as (url, _), served() as (receiver_url, use):
        far_side = SimulatedFarSide(simulated, sandbox, url, receiver_url)
        use(far_side.receiver())
        try:
            yield far_side
        finally:
            far_side.world.fault_panel.set({})
            far_side.world.close()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
