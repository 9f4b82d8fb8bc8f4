"""Simulated businesses that are not the gateway's: their accounts, and what they grant our app."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from gateway.plugin_api import Store, World

from .simulator_errors import GraphError, no_such_object

CODE_LIVES: Final = timedelta(seconds=30)
TOKEN_LIVES: Final = timedelta(days=60)
SCOPES: Final = ("whatsapp_business_management", "whatsapp_business_messaging")
_NUMBER_LIMIT: Final = 20
_WABA, _TOKEN, _CODE = "graph_client_waba", "graph_token", "graph_code"


def portfolio_of(store: Store, waba_id: str) -> Mapping[str, Any]:
    """The portfolio of a business's account, as those of the gateway are described."""
    waba = store.get(_WABA, waba_id)
    if waba is None:
        raise no_such_object(waba_id)
    wabas = [key for key, one in store.all(_WABA) if one["business_id"] == waba["business_id"]]
    return {"id": waba["business_id"], "wabas": wabas, "number_limit": _NUMBER_LIMIT}


class Businesses:
    """What businesses have and gave. A token sees the accounts that it was given, and no other."""

    def __init__(self, world: World) -> None:
        self._world = world

    def account(self, business: str) -> dict[str, Any]:
        """The account of a business of this name; a new one where it has none."""
        for _, waba in self._world.store.all(_WABA):
            if waba["business"] == business:
                return waba
        waba = {
            "id": str(2_600_000_000_000_000 + self._world.number("graph_client_waba")),
            "business_id": str(1_600_000_000_000_000 + self._world.number("graph_business")),
            "business": business,
        }
        self._world.store.put(_WABA, waba["id"], waba)
        return waba

    def grant(self, waba_ids: list[str]) -> str:
        """A code, for a token that is good for these accounts."""
        token, code = f"EAA{secrets.token_hex(40)}", f"AQB{secrets.token_hex(60)}"
        now = self._world.now()
        self._world.store.put(
            _TOKEN,
            token,
            {"wabas": waba_ids, "expires_at": int((now + TOKEN_LIVES).timestamp())},
        )
        self._world.store.put(_CODE, code, {"token": token, "at": now.timestamp(), "used": False})
        return code

    def exchange(self, code: str) -> dict[str, Any]:
        """The token of a code, once and soon."""
        known = self._world.store.get(_CODE, code)
        if known is None:
            raise GraphError(100, "Invalid verification code format.", subcode=36008)
        if known["used"]:
            raise GraphError(100, "This authorization code has been used.", subcode=36009)
        now = self._world.now().timestamp()
        if now - known["at"] > CODE_LIVES.total_seconds():
            raise GraphError(100, "This authorization code has expired.", subcode=36007)
        self._world.store.put(_CODE, code, known | {"used": True})
        lives = self._token(known["token"])["expires_at"] - int(now)
        return {"access_token": known["token"], "token_type": "bearer", "expires_in": lives}

    def debug(self, token: str, app_id: str) -> dict[str, Any]:
        """What `debug_token` says of a token."""
        known = self._world.store.get(_TOKEN, token)
        if known is None:
            return {"is_valid": False, "scopes": []}
        return {
            "app_id": app_id,
            "application": "Gateway",
            "type": "SYSTEM_USER",
            "is_valid": self.is_valid(token),
            "expires_at": known["expires_at"],
            "data_access_expires_at": 0,
            "scopes": list(SCOPES),
            "granular_scopes": [
                {"scope": scope, "target_ids": known["wabas"][::-1]} for scope in SCOPES
            ],
        }

    def is_valid(self, token: str) -> bool:
        known = self._world.store.get(_TOKEN, token)
        if known is None:
            return False
        return bool(known["wabas"]) and known["expires_at"] > self._world.now().timestamp()

    def sees(self, token: str, waba_id: str) -> bool:
        """Whether the token was given this account."""
        known = self._world.store.get(_TOKEN, token)
        return known is not None and waba_id in known["wabas"]

    def owner(self, waba_id: str) -> str | None:
        """The business that owns an account; None where it is the gateway's."""
        waba = self._world.store.get(_WABA, waba_id)
        return str(waba["business_id"]) if waba else None

    def take_back(self, waba_id: str) -> None:
        """The business takes back what it gave for an account."""
        for token, known in list(self._world.store.all(_TOKEN)):
            kept = [one for one in known["wabas"] if one != waba_id]
            self._world.store.put(_TOKEN, token, known | {"wabas": kept})

    def _token(self, token: str) -> dict[str, Any]:
        known = self._world.store.get(_TOKEN, token)
        if known is None:
            raise LookupError("no such token")
        return known
