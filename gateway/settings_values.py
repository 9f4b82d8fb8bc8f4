"""The settings as the program reads them; `settings_schema` says what each means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class Platform:
    name: str
    website: str | None


@dataclass(frozen=True, kw_only=True)
class Web:
    host: str
    port: int
    public_url: str
    processes: int
    max_body_bytes: int
    max_webhook_bytes: int
    max_upload_bytes: int


@dataclass(frozen=True, kw_only=True)
class Database:
    url: str = field(repr=False)
    owner_url: str = field(repr=False)
    router_url: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Redis:
    url: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Secrets:
    key: str = field(repr=False)
    key_id: str


@dataclass(frozen=True, kw_only=True)
class Http:
    private_hosts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Portfolio:
    id: str
    wabas: tuple[str, ...]
    number_limit: int
    messaging_limit: int


@dataclass(frozen=True, kw_only=True)
class NumberPolicy:
    country: str
    types: tuple[Literal["local", "mobile", "national", "toll_free"], ...]
    suppliers: tuple[str, ...]
    most_monthly: Decimal | None
    currency: str


@dataclass(frozen=True, kw_only=True)
class Provisioning:
    suppliers: tuple[str, ...]
    policies: tuple[NumberPolicy, ...]
    registrar: str
    portfolios: tuple[Portfolio, ...]


@dataclass(frozen=True, kw_only=True)
class Onboarding:
    code_wait_seconds: float
    poll_seconds: float
    poll_seconds_max: float
    release_undo_hours: float


@dataclass(frozen=True, kw_only=True)
class Messaging:
    provider: str
    threads: int
    lines_per_drain: int
    unconfirmed_seconds: float
    most_unanswered_templates: int
    unanswered_days: int
    hold_days: int


@dataclass(frozen=True, kw_only=True)
class Work:
    lease_seconds: float
    drain_seconds: float
    sweep_seconds: float
    workers: int


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    enabled: bool
    port: int
    url: str
    clock_file: str
    state_dir: str
    stock: Mapping[str, int]
    papers: tuple[str, ...]
    approve_after_seconds: float


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of one start. `origins` says which layer set a dotted key."""

    plugins: tuple[str, ...]
    platform: Platform
    web: Web
    database: Database
    redis: Redis
    secrets: Secrets
    http: Http
    provisioning: Provisioning
    onboarding: Onboarding
    messaging: Messaging
    work: Work
    sandbox: Sandbox
    providers: Mapping[str, Mapping[str, Any]] = field(repr=False)
    origins: Mapping[str, str] = field(repr=False)


def layer_of(origins: Mapping[str, str], key: str) -> str:
    """The layer that set this dotted key, or what it lies in; `default` where none did."""
    while key and key not in origins:
        key = key.rpartition(".")[0]
    return origins.get(key, "default")
