"""Where the story plays: what its acts read and do, and how they claim what they saw."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from gateway.demo.reading import Api, BrokenClaim, Claim, phone_path
from gateway.ids import parse

CANDIDATE = "+212661000001"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Where the story plays."""

    gateway: Api
    sandbox: Api
    database_url: str


class Play:
    """What acts have in common; `tell` gets each claim as soon as it was seen to hold."""

    def __init__(self, stage: Stage, tell: Callable[[Claim], None]) -> None:
        self._api, self._sandbox, self._stage = stage.gateway, stage.sandbox, stage
        self._tell = tell
        self._chapter = ""
        self.client = self.line = self.conversation = self.number = ""
        self.recruiter = self.colleague = self.other_client = ""

    def _claim(self, text: str, holds: bool, found: object) -> None:
        source = self._api.last
        if not holds:
            raise BrokenClaim(text, source, found)
        self._tell(Claim(chapter=self._chapter, text=text, source=source))

    def _read(self, path: str) -> Any:
        return self._api.get(f"/v1/clients/{self.client}{path}")

    def _talk(self) -> Any:
        return self._read(f"/conversations/{self.conversation}")

    def _history(self) -> list[tuple[str, str]]:
        path = f"/conversations/{self.conversation}/messages"
        return [(row["id"], row["preview"]) for row in self._read(path)["data"]]

    def _phone(self) -> list[Any]:
        messages: list[Any] = self._sandbox.get(f"{phone_path(CANDIDATE)}/messages")["data"]
        return messages

    def _send(self, message: Any) -> tuple[int, Any]:
        return self._api.attempt(
            f"/v1/clients/{self.client}/conversations/{self.conversation}/messages", message
        )

    def _write(self, body: str) -> None:
        self._sandbox.post(
            f"{phone_path(CANDIDATE)}/messages",
            {"to": self.number, "type": "text", "text": {"body": body}},
        )

    def _recruiter(self, name: str, email: str) -> str:
        path = f"/v1/clients/{self.client}/recruiters"
        return str(self._api.post(path, {"name": name, "email": email})["id"])

    def _upload(self, kind: str, name: str, content: bytes, **says: str) -> Any:
        return self._api.post(
            f"/v1/clients/{self.client}/documents",
            files={"file": (name, content)},
            data={"kind": kind, **says},
        )


def rows_of_others(database_url: str, client_id: str) -> dict[str, int]:
    """Per table, how many rows of others the application's role sees in this client's scope."""
    scope = str(parse("cli", client_id))
    with psycopg.connect(database_url) as connection:
        connection.execute("SELECT set_config('app.client_id', %s, true)", (scope,))
        tables = connection.execute(
            "SELECT c.table_name FROM information_schema.columns c JOIN"
            " information_schema.table_privileges p USING (table_schema, table_name)"
            " WHERE c.column_name = 'client_id' AND table_schema = 'public'"
            " AND p.privilege_type = 'SELECT' AND p.grantee = current_user"
        ).fetchall()
        found = {}
        for (table,) in tables:
            query = sql.SQL("SELECT count(*) FROM {} WHERE client_id IS DISTINCT FROM %s")
            row = connection.execute(query.format(sql.Identifier(table)), (scope,)).fetchone()
            if row and row[0]:
                found[table] = row[0]
    return found if tables else {"no table was readable": 1}
