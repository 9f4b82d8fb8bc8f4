"""The configuration: files, then the environment; every mistake at once, each with its layer."""

import os
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from marshmallow import ValidationError

from gateway.problems import Mistake
from gateway.schema_problems import problems
from gateway.settings_layers import PRODUCTION, Layers, known_fields
from gateway.settings_schema import SettingsSchema
from gateway.settings_values import Portfolio, Settings, layer_of

__all__ = ["MASK", "Portfolio", "Setting", "Settings", "SettingsError", "describe", "load_settings"]

MASK = "********"


class SettingsError(Mistake):
    """The configuration is wrong; `problems` are sentences, each naming key and layer."""

    def __init__(self, found: list[str]) -> None:
        self.problems = tuple(found)
        super().__init__("\n".join(f"{one}." if one[-1] not in ".?" else one for one in found))


class Setting(NamedTuple):
    """One setting as it may be shown: its dotted key, its value in JSON types, who set it."""

    key: str
    value: Any
    layer: str


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read all layers. SettingsError lists everything that is wrong in any of them.

    `config/default.toml`, `config/<GATEWAY_ENVIRONMENT>.toml`, the file GATEWAY_CONFIG names,
    `GATEWAY_SECTION__KEY`, and last `GATEWAY_SECTION__KEY_FILE`, which names a file with the value.
    """
    layers = Layers(environ)
    schema = SettingsSchema()
    found = list(layers.problems)
    try:
        values = schema.load(layers.raw)
    except ValidationError as error:
        found += [
            f"{key} {_said(text)} ({layer_of(layers.origins, key)})"
            for key, text in problems(schema, error.messages_dict)
        ]
    else:
        if values["sandbox"].enabled and layers.environment == PRODUCTION:
            layer = layer_of(layers.origins, "sandbox.enabled")
            found.append(
                f"sandbox.enabled is true in production ({layer}); leave it out,"
                " or set GATEWAY_ENVIRONMENT=sandbox"
            )
    if found:
        raise SettingsError(found)
    return Settings(**values, origins=layers.origins)


def describe(settings: Settings, showable: Collection[str] = ()) -> list[Setting]:
    """Every setting with its layer, secrets masked.

    Of the providers' settings only those in `showable` are shown: dotted keys that the providers'
    schemas do not call secret (`PluginHost.showable_settings`).
    """
    shown = []
    for key, kind in known_fields().items():
        section, _, name = key.rpartition(".")
        value = getattr(getattr(settings, section) if section else settings, name)
        if key == "provisioning.portfolios":
            value = [vars(portfolio) for portfolio in value]
        shown.append(_setting(settings, key, value, secret=kind.load_only))
    for provider, table in settings.providers.items():
        for name, value in table.items():
            key = f"providers.{provider}.{name}"
            shown.append(_setting(settings, key, value, secret=key not in showable))
    return shown


def _setting(settings: Settings, key: str, value: Any, *, secret: bool) -> Setting:
    if secret and value:
        value = MASK
    elif isinstance(value, str):
        value = _without_password(value)
    elif isinstance(value, tuple):
        value = list(value)
    return Setting(key, value, settings.origins.get(key, "default"))


def _without_password(text: str) -> str:
    if "password=" in text.lower():
        return MASK
    try:
        parts = urlsplit(text)
    except ValueError:
        return MASK if "@" in text else text
    if parts.password is None:
        return text
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.split(':')[0]}:{MASK}@{host}"))


def _said(text: str) -> str:
    return text if text.startswith("is ") else f"is wrong: {text[:1].lower()}{text[1:]}"
