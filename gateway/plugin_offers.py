"""What the plugins registered, checked: classes that keep their contract, each under its name."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar, get_origin, get_type_hints

from marshmallow import Schema

from gateway.http_client import HttpClient
from gateway.plugin_loading import LoadedPlugin
from gateway.registry import Registry, StartupError, listed


class Provider(Protocol):
    """What the classes of all contracts have in common."""

    name: ClassVar[str]
    settings_schema: ClassVar[type[Schema]]

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None: ...


P = TypeVar("P", bound=Provider)


@dataclass(frozen=True, kw_only=True)
class Offer(Generic[P]):
    """A provider's class and who registered it."""

    makes: type[P]
    plugin: LoadedPlugin

    @property
    def source(self) -> str:
        return f"{self.makes.__module__} (plugin {self.plugin.name!r})"


def returned(plugin: LoadedPlugin, hook: str) -> list[Any]:
    """What one plugin returns from a `register_` hook; nothing where it has none."""
    if hook not in plugin.hooks:
        return []
    found = plugin.hooks[hook]()
    if not isinstance(found, list):
        raise StartupError(
            f"{hook} of plugin {plugin.name!r} ({plugin.source}) returned "
            f"{type(found).__name__} instead of a list."
        )
    return found


def offers(
    plugins: Iterable[LoadedPlugin], hook: str, contract: type[P], what: str
) -> Registry[Offer[P]]:
    """The classes that plugins offer for a contract, by provider name."""
    found: Registry[Offer[P]] = Registry(what)
    for plugin in plugins:
        for makes in returned(plugin, hook):
            _check_class(plugin, hook, contract, makes)
            offer = Offer(makes=makes, plugin=plugin)
            found.add(makes.name, offer, offer.source)
    return found


def _check_class(plugin: LoadedPlugin, hook: str, contract: type[Any], makes: Any) -> None:
    here = f"{hook} of plugin {plugin.name!r} ({plugin.source}) returned"
    if not isinstance(makes, type) or not issubclass(makes, contract):
        raise StartupError(f"{here} {makes!r}, which is not a subclass of {contract.__name__}.")
    here = f"{here} {makes.__qualname__}, which"
    if missing := list(getattr(makes, "__abstractmethods__", ())):
        raise StartupError(f"{here} lacks methods of {contract.__name__}: {listed(missing)}.")
    hints = get_type_hints(contract)
    declared = [attribute for attribute, hint in hints.items() if get_origin(hint) is ClassVar]
    if lacking := [attribute for attribute in declared if not hasattr(makes, attribute)]:
        raise StartupError(
            f"{here} lacks class attributes of {contract.__name__}: {listed(lacking)}."
        )
    name, schema = getattr(makes, "name", None), getattr(makes, "settings_schema", None)
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", str(name)):
        raise StartupError(f"{here} is named {name!r}; use lower-case letters, digits and '-'.")
    if not isinstance(schema, type) or not issubclass(schema, Schema):
        raise StartupError(f"{here} has a settings_schema that is not a marshmallow Schema class.")
