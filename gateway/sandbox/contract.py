"""What a simulator gets from the sandbox and gives to it. Used in development and tests only."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, ClassVar, Protocol

from flask import Blueprint

RETRY_AFTER_SECONDS = 2  # what whoever is too fast is told


class Fault(Exception):
    """The fault panel wants this call to fail; the simulator renders it as its provider would."""

    def __init__(self, code: int) -> None:
        super().__init__(f"fault {code}")
        self.code = code

    @property
    def status(self) -> int:
        """The HTTP status that a supplier's code ends in, 429 of 20429; 400 where it has none."""
        status = self.code - 20000
        return status if 400 <= status < 600 else 400

    @property
    def headers(self) -> dict[str, str]:
        """What goes with that status."""
        return {"Retry-After": str(RETRY_AFTER_SECONDS)} if self.status == 429 else {}


class Declined(Exception):
    """A simulated answer other than success: HTTP status, the provider's code and its words."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


class Faults(Protocol):
    """What the fault panel says."""

    def around(self, area: str, call: str) -> AbstractContextManager[None]:
        """Wrap the effect of one simulated call: latency, holds before and after, injected errors.

        `area` is `graph` or `supplier`; `call` a name such as `register` or `order`. Raises Fault
        before the effect for injected errors; after the effect it may keep the answer back beyond
        the client's timeout.
        """


class Store(Protocol):
    """Documents by kind and key, written through to disk: a restarted sandbox remembers."""

    def get(self, kind: str, key: str) -> dict[str, Any] | None: ...

    def put(self, kind: str, key: str, document: Mapping[str, Any]) -> None: ...

    def delete(self, kind: str, key: str) -> None: ...

    def all(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """In the order of first insertion."""


class World(Protocol):
    """The simulated world outside the gateway."""

    store: Store
    faults: Faults
    settings: Mapping[str, Any]  # the gateway's [sandbox] section
    providers: Mapping[str, Mapping[str, Any]]  # each provider's settings, as the gateway has them
    portfolios: Sequence[Mapping[str, Any]]  # `id, wabas (ids), number_limit`, as the gateway's
    gateway_url: str  # where the gateway under test listens
    sandbox_url: str  # where this sandbox listens

    def now(self) -> datetime:
        """The sandbox's clock, UTC: real time plus what the panel added."""

    def number(self, kind: str) -> int:
        """The next number of a named sequence, from 1; survives restarts."""

    def later(self, seconds: float, task: str, payload: Mapping[str, Any]) -> None:
        """Run a task registered with `on` after so many real seconds; survives restarts."""

    def on(self, task: str, run: Callable[[dict[str, Any]], None]) -> None: ...

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Deliver a webhook later, under the webhook faults, again and again until it is 200."""

    def ring(self, to: str, *, caller: str, speech: str) -> bool:
        """A robot calls a number (E.164) and says something; False if nobody carries the number."""

    def text(self, to: str, *, sender: str, body: str) -> bool:
        """Somebody texts (SMS) a number; False if nobody carries it or it hears no texts."""

    def phone_received(self, phone: str, message: Mapping[str, Any]) -> None:
        """A person's phone shows a WhatsApp message: `wamid, from, type, <type>, …`, in order."""

    def phone_saw_read(self, phone: str, wamid: str) -> None:
        """A person's phone shows that a message which the person wrote was read."""


class Simulator(ABC):
    """Plays one outside party. Its blueprint is mounted at `/{mount}` of the sandbox."""

    mount: ClassVar[str]

    def __init__(self, world: World) -> None:
        self.world = world

    @abstractmethod
    def blueprint(self) -> Blueprint:
        """The routes of the simulated API."""


class Carrier(ABC):
    """A simulator that carries calls and texts to the numbers it sold."""

    supplier: ClassVar[str]  # the supplier's provider name, for the ledger

    @abstractmethod
    def carries(self, phone_number: str) -> bool: ...

    @abstractmethod
    def take_call(self, to: str, *, caller: str, speech: str) -> None: ...

    @abstractmethod
    def take_text(self, to: str, *, sender: str, body: str) -> bool:
        """False where the number hears no texts."""

    @abstractmethod
    def ledger(self) -> list[dict[str, Any]]:
        """What was really bought, rented and released: `{event, phone_number, supplier_ref,
        reference, at}`, in order."""

    def submissions(self) -> list[dict[str, Any]]:
        """The clients' papers that were handed in: `{reference, status, parts}`, where `parts` are
        the names of what was made for it. None where no papers are taken."""
        return []


class ChatNetwork(ABC):
    """A simulator that carries a person's chat messages to businesses."""

    @abstractmethod
    def person_writes(self, phone: str, *, to: str, type: str, content: Mapping[str, Any]) -> str:
        """A person (E.164) writes to a business number; the wamid."""

    @abstractmethod
    def contact_card(self, phone: str, business: str) -> dict[str, Any]:
        """What the person sees of a business number: `{title, phone_number, name, name_status,
        picture_url, picture_sha256, about, description}`; `title` is the approved name or the bare
        number."""

    @abstractmethod
    def decide(self, decisions: Mapping[str, Any]) -> None:
        """Change what the platform decides by itself (`PUT /sandbox/graph/decisions`)."""

    def groups(self) -> list[dict[str, Any]]:
        """Every group: `{id, number_id, subject, invited, people, deliveries}`, phones in E.164; a
        delivery is `[wamid, phone, category]`. None where the network has no groups."""
        return []

    @abstractmethod
    def stats(self) -> dict[str, int]:
        """Calls by name, for `GET /sandbox/stats`."""
