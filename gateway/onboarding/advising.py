"""The steps of an activation with what their errors mean for the client, in its language."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from gateway.onboarding import clean_number
from gateway.onboarding.models import ActivationStep
from gateway.tenancy.models import Client

_SHOWN: Final = (
    "name", "title", "state", "attempts", "error", "who", "started_at", "finished_at",
)  # fmt: skip


def steps(rows: Iterable[ActivationStep], client: Client) -> list[dict[str, Any]]:
    """As the API and the pages show them."""
    spoken = client.default_language
    return [
        {**{name: getattr(row, name) for name in _SHOWN}, "advice": advice(row.error, spoken)}
        for row in rows
    ]


def advice(error: dict[str, Any] | None, spoken: str | None) -> dict[str, Any] | None:
    language = clean_number.language(spoken)
    found = clean_number.advice(language, error["code"]) if error else None
    if found is None:
        return None
    return {**asdict(found), "language": language.code, "direction": language.direction}
