"""The plugins of one app: loaded, checked, and what they registered put under its names."""

# mypy: disable-error-code=type-abstract

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

import click
from flask import current_app

from gateway.ats.contract import AtsAdapter
from gateway.costs.contract import Pricing
from gateway.errors import ErrorCode
from gateway.events.contract import HOOK_OF, Event
from gateway.http_client import HttpClient
from gateway.messaging.contract import MessagingProvider
from gateway.onboarding.contract import OnboardingProvider
from gateway.plugin_loading import GROUP, LoadedPlugin, load_plugins
from gateway.plugin_offers import Offer, Provider, offers, returned
from gateway.plugin_settings import ProviderSettings
from gateway.problem_codes import CODES
from gateway.provisioning.capture_contract import CodeCapture
from gateway.provisioning.connector_contract import Connector
from gateway.provisioning.contract import NumberSupplier
from gateway.provisioning.registrar_contract import NumberRegistrar
from gateway.registry import Registry, StartupError
from gateway.schedules import Schedule
from gateway.settings import Settings
from gateway.settings_values import layer_of

__all__ = ["PluginHost", "PluginInfo", "StartupError", "built", "commands_of"]

P = TypeVar("P", bound=Provider)
Made = TypeVar("Made")


@dataclass(frozen=True, kw_only=True)
class PluginInfo:
    """An enabled plugin, for people: `providers` are such as `number supplier twilio`."""

    name: str
    distribution: str
    version: str
    module: str
    hooks: tuple[str, ...]
    providers: tuple[str, ...]


class PluginHost:
    """Built once per app. StartupError if any plugin, provider or provider's setting is wrong.

    Every provider is one instance for the whole process, called from many threads.
    """

    def __init__(
        self, settings: Settings, *, entry_points: Iterable[metadata.EntryPoint] | None = None
    ) -> None:
        on = _loaded(settings, entry_points)
        cases = offers(
            on, "register_onboarding_providers", OnboardingProvider, "onboarding provider"
        )
        suppliers = offers(on, "register_number_suppliers", NumberSupplier, "number supplier")
        captures = offers(on, "register_code_captures", CodeCapture, "code capture")
        registrars = offers(on, "register_number_registrars", NumberRegistrar, "number registrar")
        connectors = offers(on, "register_connectors", Connector, "connector")
        messaging = offers(
            on, "register_messaging_providers", MessagingProvider, "messaging provider"
        )
        pricing = offers(on, "register_pricing", Pricing, "pricing")
        kinds: list[Registry[Any]] = [
            cases, suppliers, captures, registrars, connectors, messaging, pricing,
        ]  # fmt: skip
        self._given = ProviderSettings(settings, [offer for kind in kinds for offer in kind])
        adapters = offers(on, "register_ats_adapters", AtsAdapter, "ATS adapter")
        kinds.append(adapters)  # after the settings: an adapter's come with each connection
        self.http = HttpClient(
            pool=settings.messaging.threads, private_hosts=frozenset(settings.http.private_hosts)
        )
        self._instances: dict[type[Any], Any] = {}
        self.onboarding_providers = self._built(cases)
        self.suppliers = self._built(suppliers)
        self.code_captures = self._built(captures)
        self.registrars = self._built(registrars)
        self.connectors = self._built(connectors)
        self.messaging_providers = self._built(messaging)
        self.pricing = self._only_pricing(pricing)
        self.ats_adapters = _adapters(adapters)
        self.commands = _commands(on)
        self.schedules = _schedules(on)
        self.error_codes = _error_codes(on)
        self.histories = _histories(on)
        self.simulators = _simulators(on)
        self.plugins = [_info(plugin, kinds) for plugin in on]
        self._loaded = {plugin.name: plugin for plugin in on}

    @property
    def provider_settings(self) -> Mapping[str, Mapping[str, Any]]:
        """Each provider's validated settings, secrets included, by provider name."""
        return self._given.by_provider()

    @property
    def showable_settings(self) -> frozenset[str]:
        """The dotted keys of provider settings that are no secrets."""
        return frozenset(self._given.showable)

    def listeners(self, hook_name: str) -> list[str]:
        """The plugins that implement this hook, in the order of the configuration."""
        return [name for name, plugin in self._loaded.items() if hook_name in plugin.hooks]

    def tell(self, plugin: str, hook_name: str, client_id: str, events: Sequence[Event]) -> None:
        """Tell this one plugin. What it raises comes through: the caller repeats, or gives up."""
        self._loaded[plugin].hooks[hook_name](client_id=client_id, events=events)

    def migrations(self) -> list[tuple[str, Path]]:
        """The plugins that own tables, with the folder of their migrations, in order."""
        folders = [
            (name, Path(folder) / "migrations")
            for name, plugin in self._loaded.items()
            for folder in getattr(plugin.module, "__path__", ())
        ]
        return [(name, folder) for name, folder in folders if folder.is_dir()]

    def instance(self, makes: type[Made]) -> Made:
        """What was built of a provider's class."""
        made: Made = self._instances[makes]
        return made

    def _built(self, offered: Registry[Offer[P]]) -> Registry[P]:
        built: Registry[P] = Registry(offered.what)
        for offer in offered:
            built.add(offer.makes.name, self._build(offer), offer.source)
        return built

    def _build(self, offer: Offer[P]) -> P:
        try:
            made = offer.makes(self._given.of(offer.makes), self.http)
        except Exception as error:
            raise StartupError(
                f"{offer.makes.__qualname__} from {offer.source} cannot be built: "
                f"{type(error).__name__}: {error}."
            ) from error
        self._instances[offer.makes] = made
        return made

    def _only_pricing(self, offered: Registry[Offer[Pricing]]) -> Pricing | None:
        found = list(offered)
        if len(found) > 1:
            raise StartupError(
                f"{found[0].source} and {found[1].source} both know prices; enable one of them."
            )
        return self._build(found[0]) if found else None


def built(makes: type[Made]) -> Made:
    """This gateway's instance of a provider, for the hooks and commands of its own plugin."""
    host: PluginHost = current_app.extensions["plugin_host"]
    return host.instance(makes)


def commands_of(settings: Settings) -> Registry[click.Command]:
    """The commands of the enabled plugins, whose providers are neither built nor configured."""
    return _commands(_loaded(settings))


def _loaded(
    settings: Settings, entry_points: Iterable[metadata.EntryPoint] | None = None
) -> list[LoadedPlugin]:
    if entry_points is None:
        entry_points = metadata.entry_points(group=GROUP)
    listed_in = layer_of(settings.origins, "plugins")
    return load_plugins(settings.plugins, entry_points, listed_in=listed_in)


def _commands(plugins: Iterable[LoadedPlugin]) -> Registry[click.Command]:
    found: Registry[click.Command] = Registry("command")
    for plugin in plugins:
        for command in returned(plugin, "register_commands"):
            if not isinstance(command, click.Command) or not command.name:
                raise StartupError(
                    f"register_commands of plugin {plugin.name!r} ({plugin.source}) returned "
                    f"{command!r}, which is not a click command with a name."
                )
            found.add(command.name, command, plugin.source)
    return found


def _adapters(offered: Registry[Offer[AtsAdapter]]) -> Registry[AtsAdapter]:
    built: Registry[AtsAdapter] = Registry(offered.what)
    for offer in offered:
        built.add(offer.makes.name, offer.makes(), offer.source)
    return built


def _schedules(plugins: Iterable[LoadedPlugin]) -> Registry[Schedule]:
    found: Registry[Schedule] = Registry("schedule")
    for plugin in plugins:
        for schedule in returned(plugin, "register_schedules"):
            if not isinstance(schedule, Schedule) or schedule.every <= timedelta(0):
                raise StartupError(
                    f"register_schedules of plugin {plugin.name!r} ({plugin.source}) returned "
                    f"{schedule!r}, which is not a Schedule with a positive `every`."
                )
            found.add(schedule.name, schedule, plugin.source)
    return found


def _error_codes(plugins: Iterable[LoadedPlugin]) -> Mapping[str, ErrorCode]:
    """Ours and the plugins', by code; who explains a code first is heard."""
    found = dict(CODES)
    for plugin in plugins:
        for explained in returned(plugin, "register_error_codes"):
            if not isinstance(explained, ErrorCode):
                raise StartupError(
                    f"register_error_codes of plugin {plugin.name!r} ({plugin.source}) returned "
                    f"{explained!r}, which is not an ErrorCode."
                )
            found.setdefault(explained.code, explained)
    return found


def _histories(plugins: Iterable[LoadedPlugin]) -> Mapping[str, Sequence[str]]:
    """The types of events that plugins want to know from the beginning, by plugin."""
    found: dict[str, Sequence[str]] = {}
    for plugin in plugins:
        types = returned(plugin, "register_history")
        for type_ in types:
            if HOOK_OF.get(type_) not in plugin.hooks:
                raise StartupError(
                    f"register_history of plugin {plugin.name!r} ({plugin.source}) names "
                    f"{type_!r}, of which no hook of that plugin is told."
                )
        if types:
            found[plugin.name] = types
    return found


def _simulators(plugins: Iterable[LoadedPlugin]) -> list[str]:
    found: list[str] = []
    for plugin in plugins:
        for path in returned(plugin, "register_simulators"):
            if not isinstance(path, str) or not re.fullmatch(r"\w+(\.\w+)*:\w+", path):
                raise StartupError(
                    f"register_simulators of plugin {plugin.name!r} ({plugin.source}) returned "
                    f"{path!r} instead of a path such as 'package.module:Class'."
                )
            found.append(path)
    return found


def _info(plugin: LoadedPlugin, kinds: Iterable[Registry[Any]]) -> PluginInfo:
    return PluginInfo(
        name=plugin.name,
        distribution=plugin.distribution,
        version=plugin.version,
        module=plugin.module.__name__,
        hooks=tuple(plugin.hooks),
        providers=tuple(
            f"{kind.what} {offer.makes.name}"
            for kind in kinds
            for offer in kind
            if offer.plugin is plugin
        ),
    )
