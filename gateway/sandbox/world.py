"""The simulated world: everything a simulator can reach, in one place."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.sandbox.clock import SandboxClock
from gateway.sandbox.contract import Carrier, ChatNetwork, Faults, Simulator, Store
from gateway.sandbox.deliveries import Deliveries
from gateway.sandbox.faults import FaultPanel
from gateway.sandbox.store import DocumentStore
from gateway.sandbox.timers import Timers
from gateway.settings import Settings


class SandboxWorld:
    """Holds what the simulators share. Threads run from `start` to `close`."""

    def __init__(
        self, settings: Settings, *, gateway_url: str, sandbox_url: str, state_file: Path | None
    ) -> None:
        self.settings: Mapping[str, Any] = vars(settings.sandbox)
        self.providers = settings.providers
        self.portfolios: Sequence[Mapping[str, Any]] = [
            vars(portfolio) for portfolio in settings.provisioning.portfolios
        ]
        self.gateway_url = gateway_url
        self.sandbox_url = sandbox_url
        clock_file = settings.sandbox.clock_file
        self.clock = SandboxClock(Path(clock_file) if clock_file else None)
        self._documents = DocumentStore(state_file)
        self.store: Store = self._documents
        self.fault_panel = FaultPanel()
        self.faults: Faults = self.fault_panel
        self.deliveries = Deliveries(self.store, self.fault_panel)
        self.timers = Timers(self.store)
        self._simulators: list[Simulator] = []

    def add(self, simulator: Simulator) -> None:
        """Let a simulator take part."""
        self._simulators.append(simulator)

    def start(self) -> None:
        """Begin what happens by itself: timers and deliveries. Starting again does nothing."""
        self.timers.start()
        self.deliveries.start()

    def close(self) -> None:
        """Stop, keeping what is still due."""
        self.timers.close()
        self.deliveries.close()
        self._documents.close()

    def carriers(self) -> list[Carrier]:
        """Who carries calls and texts."""
        return [simulator for simulator in self._simulators if isinstance(simulator, Carrier)]

    def chat_networks(self) -> list[ChatNetwork]:
        """Who carries chat messages."""
        return [simulator for simulator in self._simulators if isinstance(simulator, ChatNetwork)]

    def now(self) -> datetime:
        """The sandbox's clock, UTC."""
        return self.clock.now()

    def number(self, kind: str) -> int:
        """The next number of a named sequence, from 1."""
        return self._documents.next_number(kind)

    def later(self, seconds: float, task: str, payload: Mapping[str, Any]) -> None:
        """Run a registered task after so many real seconds."""
        self.timers.later(seconds, task, payload)

    def on(self, task: str, run: Callable[[dict[str, Any]], None]) -> None:
        """Register a task."""
        self.timers.on(task, run)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Deliver a webhook until it is answered 200."""
        self.deliveries.post(url, body, headers)

    def ring(self, to: str, *, caller: str, speech: str) -> bool:
        """A robot calls a number and says something; False if nobody carries the number."""
        self.number("telephony:calls")
        for carrier in self.carriers():
            if carrier.carries(to):
                carrier.take_call(to, caller=caller, speech=speech)
                return True
        return False

    def text(self, to: str, *, sender: str, body: str) -> bool:
        """Somebody texts a number; False if nobody carries it or it hears no texts."""
        self.number("telephony:texts")
        return any(
            carrier.take_text(to, sender=sender, body=body)
            for carrier in self.carriers()
            if carrier.carries(to)
        )

    def telephony_stats(self) -> dict[str, int]:
        """How many calls and texts were placed to numbers."""
        return {
            name: self._documents.last_number(f"telephony:{name}") for name in ("calls", "texts")
        }

    def phone_received(self, phone: str, message: Mapping[str, Any]) -> None:
        """A person's phone shows a message, after all it showed before."""
        self._show(_phone(phone), message, "received_at")

    def phone_messages(self, phone: str) -> list[dict[str, Any]]:
        """What a person's phone received, in order."""
        return [message for _, message in self.store.all(_phone(phone))]

    def phone_wrote(self, phone: str, message: Mapping[str, Any]) -> None:
        """A person wrote a message: `wamid, to, type, <type>`."""
        self._show(_wrote(phone), message, "written_at")

    def phone_saw_read(self, phone: str, wamid: str) -> None:
        """A person's phone shows that a message which the person wrote was read."""
        self.store.put(f"phone_read:{phone}", wamid, {})

    def phone_read(self, phone: str) -> list[str]:
        """The wamids of what the person wrote and sees as read, in order."""
        return [wamid for wamid, _ in self.store.all(f"phone_read:{phone}")]

    def phone_chats(self, phone: str) -> list[dict[str, Any]]:
        """What a person's phone received and what the person wrote, in order."""
        shown = [*self.store.all(_phone(phone)), *self.store.all(_wrote(phone))]
        return [message for _, message in sorted(shown, key=lambda one: int(one[0]))]

    def _show(self, kind: str, message: Mapping[str, Any], moment: str) -> None:
        at = self.now().isoformat().replace("+00:00", "Z")
        self.store.put(kind, str(self.number("phone_message")), dict(message) | {moment: at})


def _phone(phone: str) -> str:
    return f"phone:+{phone.removeprefix('+')}"


def _wrote(phone: str) -> str:
    return f"phone_wrote:+{phone.removeprefix('+')}"
