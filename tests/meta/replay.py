"""Post the specification's example webhooks to a running gateway, and look for all of it after."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import psycopg

from gateway.ids import parse
from tests.harness import Gateway, migrated_database, open_folder, running, running_servers

from .specification import for_line

_FIELDS_OF_MESSAGES = ("messages", "statuses")


def replayed(examples: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[tuple[str, str, str]]:
    """For each example: its name, `replayed` or `LOST`, and what was found."""
    with running_servers() as servers, open_folder() as folder:
        urls = migrated_database(servers, "check_meta")
        with running(urls, servers.redis_url, folder / "clock.json") as gateway:
            client = gateway.client()
            line = gateway.line(client)
            for name, payload in examples:
                yield (name, *_replay(gateway, client, line, payload, urls.application))


def _replay(
    gateway: Gateway, client: str, line: Any, payload: Mapping[str, Any], url: str
) -> tuple[str, str]:
    ours = for_line(payload, line["phone_number_id"])
    body = json.dumps(ours).encode()
    secret = gateway.app.extensions["settings"].providers["whatsapp-cloud"]["app_secret"]
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    before = _changes(url, client)
    answer = gateway.session.post(
        f"{gateway.url}/webhooks/whatsapp",
        data=body,
        headers={"X-Hub-Signature-256": f"sha256={signature}"},
        timeout=60,
    )
    if answer.status_code != 200:
        return "LOST", f"answered {answer.status_code}"
    gateway.work()
    expected = sum(len(entry["changes"]) for entry in ours["entry"])
    added = _changes(url, client) - before
    if added != expected:
        return "LOST", f"{added} of {expected} changes were kept"
    missing = _wamids(ours) - _known(url, client)
    if missing:
        return "LOST", f"no row for {', '.join(sorted(missing))}"
    return "replayed", f"{expected} changes, {len(_wamids(ours))} messages and statuses"


def _wamids(payload: Mapping[str, Any]) -> set[str]:
    return {
        thing["id"]
        for entry in payload["entry"]
        for change in entry["changes"]
        for part in _FIELDS_OF_MESSAGES
        for thing in change["value"].get(part, ())
    }


def _changes(url: str, client: str) -> int:
    """How many changes of this client are kept, none of them failed."""
    (row,) = _rows(url, client, "SELECT count(*) FROM inbound_changes WHERE state <> 'failed'")
    return int(row[0])


def _known(url: str, client: str) -> set[str]:
    query = "SELECT wamid FROM messages UNION SELECT wamid FROM message_statuses"
    return {row[0] for row in _rows(url, client, query)}


def _rows(url: str, client: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        scope = str(parse("cli", client))
        connection.execute("SELECT set_config('app.client_id', %s, true)", (scope,))
        return connection.execute(query).fetchall()  # type: ignore[arg-type]
