"""Each provider's section of the configuration, validated by the schema its class names."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields

from gateway.plugin_offers import Offer
from gateway.registry import StartupError, did_you_mean, listed
from gateway.schema_problems import problems
from gateway.settings import Settings
from gateway.settings_layers import variable
from gateway.settings_values import layer_of


class ProviderSettings:
    """What providers get as their settings. StartupError lists everything that is wrong."""

    def __init__(self, settings: Settings, offered: Iterable[Offer[Any]]) -> None:
        self._settings = settings
        self._problems: list[str] = []
        self._loaded: dict[tuple[str, type[Schema]], Mapping[str, Any]] = {}
        self.showable: set[str] = set()
        by_name: dict[str, dict[type[Schema], str]] = {}
        for offer in offered:
            sharing = by_name.setdefault(offer.makes.name, {})
            sharing.setdefault(offer.makes.settings_schema, offer.source)
        for name, schemas in by_name.items():
            self._read(name, schemas)
        for name in settings.providers:
            if name not in by_name:
                self._problems.append(
                    f"[providers.{name}] ({self._layer(f'providers.{name}')}) is read by no "
                    "enabled plugin"
                    + (did_you_mean(name, by_name) or f"; providers are: {listed(by_name)}.")
                )
        if self._problems:
            raise StartupError("\n".join(self._problems))

    def of(self, makes: type[Any]) -> Mapping[str, Any]:
        """The validated settings of one provider class."""
        return self._loaded[makes.name, makes.settings_schema]

    def by_provider(self) -> dict[str, dict[str, Any]]:
        """All validated settings, by provider name; what shares a name is put together."""
        merged: dict[str, dict[str, Any]] = {}
        for (name, _), loaded in self._loaded.items():
            merged.setdefault(name, {}).update(loaded)
        return merged

    def _read(self, name: str, schemas: Mapping[type[Schema], str]) -> None:
        """Providers of one name share one section: each schema reads the keys that it knows."""
        section = self._settings.providers.get(name, {})
        known: set[str] = set()
        for schema_class, source in schemas.items():
            schema = schema_class()
            kinds = {kind.data_key or key: kind for key, kind in schema.load_fields.items()}
            known |= kinds.keys()
            self.showable |= {
                f"providers.{name}.{key}" for key, kind in kinds.items() if not kind.load_only
            }
            own = {
                key: _decoded(kinds[key], value) for key, value in section.items() if key in kinds
            }
            try:
                self._loaded[name, schema_class] = schema.load(own)
            except ValidationError as error:
                given = {f"providers.{name}", *(f"providers.{name}.{key}" for key in own)}
                self._problems += [
                    self._sentence(key, text, source, given)
                    for key, text in problems(schema, error.messages_dict, f"providers.{name}")
                ]
        for key in section:
            if key not in known:
                dotted = f"providers.{name}.{key}"
                self._problems.append(
                    f"{dotted} ({self._layer(dotted)}) is not a setting of "
                    f"{' or '.join(schemas.values())}"
                    + (did_you_mean(key, [*known]) or f"; its settings are: {listed([*known])}.")
                )

    def _sentence(self, key: str, text: str, source: str, given: set[str]) -> str:
        section = ".".join(key.split(".")[:2])
        if key not in given and key.count(".") == 2:
            return f"{key} is missing: {source} needs it; set {variable(key)} or [{section}]."
        return f"{key} ({self._layer(key)}) is not what {source} takes: {text}."

    def _layer(self, key: str) -> str:
        return layer_of(self._settings.origins, key)


def _decoded(kind: fields.Field[Any], value: Any) -> Any:
    """Lists and tables come from the environment as JSON text."""
    if isinstance(value, str) and isinstance(kind, fields.List | fields.Dict | fields.Nested):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
