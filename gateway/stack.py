"""What a whole gateway on one machine stands on, for `gateway up`: servers, secrets and ports."""

import base64
import json
import os
import secrets
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway import roles
from gateway.embedded.postgres import EmbeddedPostgres
from gateway.embedded.processes import free_port
from gateway.embedded.redis import EmbeddedRedis
from gateway.problems import Mistake
from gateway.roles import DatabaseUrls

_LOCAL: Final = "127.0.0.1"
_ENVIRONMENT: Final = "environment.json"
_PRIVATE_HOSTS: Final = "GATEWAY_HTTP__PRIVATE_HOSTS"


def environment_of(data_dir: Path) -> dict[str, str]:
    """In which the gateway on this folder runs. FileNotFoundError where none does."""
    found: dict[str, str] = json.loads((data_dir / _ENVIRONMENT).read_text())
    return found


class StackError(Mistake):
    """The stack cannot start; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Ports:
    web: int
    sandbox: int


class Stack:
    """One installation under `data_dir`. The same folder gives the same data, secrets and ports."""

    def __init__(self, data_dir: Path, environ: Mapping[str, str], *, port: int | None) -> None:
        if port is not None and not _is_free(port):
            raise StackError(
                f"Port {port} is taken: stop what listens there, or choose another with --port."
            )
        self.data_dir = data_dir.absolute()
        self._environ = environ
        self._wanted_port = port
        self._running = ExitStack()
        self.known: dict[str, str] = {}

    def start(self) -> dict[str, str]:
        """Start what is missing; the environment in which every part of the gateway runs."""
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.known = self._secrets()
        ports = self._ports()
        urls = self._database()
        redis_url = self._environ.get("GATEWAY_REDIS__URL") or self._embedded_redis()
        self.web_url = f"http://{_LOCAL}:{ports.web}"
        self.sandbox_url = f"http://{_LOCAL}:{ports.sandbox}"
        self.urls, self.redis_url, self.ports = urls, redis_url, ports
        given = {
            "GATEWAY_ENVIRONMENT": "sandbox",
            "GATEWAY_DATABASE__URL": urls.application,
            "GATEWAY_DATABASE__OWNER_URL": urls.owner,
            "GATEWAY_DATABASE__ROUTER_URL": urls.router,
            "GATEWAY_REDIS__URL": redis_url,
            "GATEWAY_SECRETS__KEY": self.known["key"],
            "GATEWAY_WEB__HOST": _LOCAL,
            "GATEWAY_WEB__PORT": str(ports.web),
            "GATEWAY_WEB__PUBLIC_URL": self.web_url,
            "GATEWAY_SANDBOX__PORT": str(ports.sandbox),
            "GATEWAY_SANDBOX__URL": self.sandbox_url,
            "GATEWAY_SANDBOX__CLOCK_FILE": str(self.data_dir / "clock.json"),
            "GATEWAY_SANDBOX__STATE_DIR": str(self.data_dir),
            "GATEWAY_PROVIDERS__WHATSAPP_CLOUD__GRAPH_URL": f"{self.sandbox_url}/graph",
            "GATEWAY_PROVIDERS__WHATSAPP_CLOUD__APP_ID": "3300000000000001",
            "GATEWAY_PROVIDERS__WHATSAPP_CLOUD__APP_SECRET": self.known["app_secret"],
            "GATEWAY_PROVIDERS__WHATSAPP_CLOUD__ACCESS_TOKEN": self.known["graph_token"],
            "GATEWAY_PROVIDERS__WHATSAPP_CLOUD__VERIFY_TOKEN": self.known["verify_token"],
            "GATEWAY_PROVIDERS__WHATSAPP_CLOUD__SIGNUP_CONFIG_ID": "4400000000000001",
            "GATEWAY_PROVIDERS__WHATSAPP_CLOUD__SDK_URL": f"{self.sandbox_url}/graph/sdk.js",
            "GATEWAY_PROVIDERS__TWILIO__ACCOUNT_SID": self.known["twilio_sid"],
            "GATEWAY_PROVIDERS__TWILIO__AUTH_TOKEN": self.known["twilio_token"],
            "GATEWAY_PROVIDERS__TWILIO__API_URL": f"{self.sandbox_url}/twilio",
            "GATEWAY_PROVIDERS__TWILIO__PRICING_URL": f"{self.sandbox_url}/twilio",
            "GATEWAY_PROVIDERS__TWILIO__NUMBERS_URL": f"{self.sandbox_url}/twilio",
            "GATEWAY_PROVIDERS__TWILIO__NUMBERS_UPLOAD_URL": f"{self.sandbox_url}/twilio",
        }
        theirs = ("GATEWAY_DATABASE__", "GATEWAY_REDIS__")
        own = {
            name: value
            for name, value in self._environ.items()
            if name.startswith("GATEWAY_") and not name.startswith(theirs)
        }
        return {**given, **own, _PRIVATE_HOSTS: self._private_hosts(ports)}

    def remember(self, environment: Mapping[str, str]) -> None:
        """Let commands that are given this data folder reach what runs on it, until stop()."""
        file = self.data_dir / _ENVIRONMENT
        self._running.callback(file.unlink, missing_ok=True)
        file.unlink(missing_ok=True)
        file.touch(mode=0o600)
        file.write_text(json.dumps(dict(environment)))

    def stop(self) -> None:
        self._running.close()

    def keep(self, name: str, value: str) -> None:
        """Remember one more secret of this installation."""
        self.known[name] = value
        self._write_secrets(self.known)

    def _database(self) -> DatabaseUrls:
        """The three roles' URLs: of the operator's server, or of one of our own."""
        given = self._environ.get("GATEWAY_DATABASE__URL")
        owner = self._environ.get("GATEWAY_DATABASE__OWNER_URL")
        router = self._environ.get("GATEWAY_DATABASE__ROUTER_URL")
        if given and owner and router:
            return DatabaseUrls(application=given, owner=owner, router=router)
        passwords = {
            part: self.known[f"database_{part}"] for part in ("owner", "application", "router")
        }
        if given:
            if not roles.may_administer(given):
                raise StackError(
                    "GATEWAY_DATABASE__URL is a role that cannot make the gateway's three roles:"
                    " give an administrator's URL, or set GATEWAY_DATABASE__OWNER_URL and"
                    " GATEWAY_DATABASE__ROUTER_URL as well."
                )
            return roles.establish(given, passwords)
        postgres = EmbeddedPostgres(self.data_dir)
        postgres.start()
        self._running.callback(postgres.stop)
        return roles.establish(postgres.admin_url, passwords)

    def _private_hosts(self, ports: Ports) -> str:
        """The sandbox, which serves logos, beside those that are given."""
        given = json.loads(self._environ.get(_PRIVATE_HOSTS, "[]"))
        return json.dumps([f"{_LOCAL}:{ports.sandbox}", *given])

    def _embedded_redis(self) -> str:
        redis = EmbeddedRedis(self.data_dir)
        redis.start()
        self._running.callback(redis.stop)
        return redis.url

    def _ports(self) -> Ports:
        """Those of the last time if they are free: numbers sold by the sandbox call them."""
        file = self.data_dir / "ports.json"
        last = json.loads(file.read_text()) if file.exists() else {}
        web = self._wanted_port or _free(last.get("web"))
        ports = Ports(web=web, sandbox=_free(last.get("sandbox")))
        file.write_text(json.dumps({"web": ports.web, "sandbox": ports.sandbox}))
        return ports

    def _secrets(self) -> dict[str, str]:
        file = self.data_dir / "secrets.json"
        if file.exists():
            kept: dict[str, str] = json.loads(file.read_text())
            return kept
        made = {
            "key": base64.b64encode(secrets.token_bytes(32)).decode(),
            "twilio_sid": f"AC{secrets.token_hex(16)}",
            **{
                name: secrets.token_urlsafe(24)
                for name in ("app_secret", "graph_token", "verify_token", "twilio_token")
            },
            **{
                f"database_{part}": secrets.token_hex(24)
                for part in ("owner", "application", "router")
            },
        }
        self._write_secrets(made)
        return made

    def _write_secrets(self, values: Mapping[str, str]) -> None:
        file = self.data_dir / "secrets.json"
        unfinished = file.with_suffix(".new")
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(values, indent=2))
        os.replace(unfinished, file)


def _free(last: int | None) -> int:
    return last if last and _is_free(last) else free_port()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOCAL, port))
        except OSError:
            return False
    return True
