"""Redis, and the providers that the settings name."""

from collections.abc import Callable, Iterator

from flask import current_app
from redis import RedisError

from gateway import queues
from gateway.doctor.finding import Finding


def redis() -> Iterator[Finding]:
    try:
        queues.connect().ping()
    except RedisError as error:
        yield Finding(
            check="redis",
            verdict="warn",
            detail=f"Redis does not answer ({type(error).__name__}): work waits for the sweeper.",
            remedy="Check GATEWAY_REDIS__URL.",
        )
        return
    yield Finding(check="redis", verdict="ok", detail="It answers.")


def providers() -> Iterator[Finding]:
    settings = current_app.extensions["settings"]
    host = current_app.extensions["plugin_host"]
    wanted: list[tuple[str, str, Callable[[], list[str]]]] = [
        ("supplier", name, host.suppliers.names)
        for name in dict.fromkeys(
            (
                *settings.provisioning.suppliers,
                *(name for it in settings.provisioning.policies for name in it.suppliers),
            )
        )
    ]
    wanted.append(("registrar", settings.provisioning.registrar, host.registrars.names))
    wanted.append(("messaging", settings.messaging.provider, host.messaging_providers.names))
    for kind, name, known in wanted:
        there = name in known()
        yield Finding(
            check=f"{kind} {name}",
            verdict="ok" if there else "FAIL",
            detail="Enabled." if there else "No enabled plugin offers it.",
            remedy="" if there else "Enable its plugin, or change the setting.",
        )
