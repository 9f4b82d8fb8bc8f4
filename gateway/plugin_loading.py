"""Loads the enabled plugins and nothing else; whatever is wrong with one stops the start."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from types import FunctionType, ModuleType
from typing import Any

import pluggy

from gateway import hookspecs
from gateway.registry import StartupError, did_you_mean, listed

GROUP = "gateway.plugins"


@dataclass(frozen=True, kw_only=True)
class LoadedPlugin:
    """An enabled plugin, imported and checked; `hooks` are its implementations by hook."""

    name: str
    distribution: str
    version: str
    module: ModuleType
    hooks: Mapping[str, Callable[..., Any]]

    @property
    def source(self) -> str:
        return f"{self.module.__name__} ({self.distribution} {self.version})"


def load_plugins(
    names: Sequence[str], entry_points: Iterable[EntryPoint], *, listed_in: str
) -> list[LoadedPlugin]:
    """Import the named plugins, in order. StartupError where a name or a module is not right.

    `listed_in` is the layer of the configuration that holds the names.
    """
    by_name: dict[str, list[EntryPoint]] = {}
    for entry_point in entry_points:
        by_name.setdefault(entry_point.name, []).append(entry_point)
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    for name in names:
        if names.count(name) > 1:
            raise StartupError(f"plugins ({listed_in}) lists {name!r} twice; keep one of them.")
    return [_load(manager, name, _only(name, by_name, listed_in)) for name in names]


def _only(name: str, by_name: dict[str, list[EntryPoint]], listed_in: str) -> EntryPoint:
    found = by_name.get(name)
    if not found:
        near = did_you_mean(name, by_name).removesuffix("?") or "; install it or take it off"
        raise StartupError(
            f"plugins ({listed_in}) lists {name!r}, but no installed distribution offers it"
            f"{near}; installed: {listed(by_name)}."
        )
    if len(found) > 1:
        sources = " and ".join(sorted(f"{ep.value} ({_offered_by(ep)})" for ep in found))
        raise StartupError(f"Two distributions offer the plugin {name!r}: {sources}; remove one.")
    return found[0]


def _load(manager: pluggy.PluginManager, name: str, entry_point: EntryPoint) -> LoadedPlugin:
    by = f"{entry_point.value} ({_offered_by(entry_point)})"
    try:
        module = entry_point.load()
    except Exception as error:
        raise StartupError(
            f"Plugin {name!r}, {by}, cannot be imported: {type(error).__name__}: {error}."
        ) from error
    if not isinstance(module, ModuleType):
        raise StartupError(f"Plugin {name!r}, {by}, is not a module; name one in its entry point.")
    if (other := manager.get_name(module)) is not None:
        raise StartupError(f"Plugins {other!r} and {name!r} are the same module, {by}; keep one.")
    hooks = _hook_names(manager)
    _check_functions(manager, name, module, by, hooks)
    try:
        manager.register(module, name=name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        said = " ".join(str(error).split())
        raise StartupError(f"Plugin {name!r}, {by}, does not fit its hooks: {said}.") from error
    callers = {caller.name for caller in manager.get_hookcallers(module) or ()} & hooks
    if not callers:
        raise StartupError(
            f"Plugin {name!r}, {by}, implements no hook; write at least one of: {listed([*hooks])}."
        )
    # Of its distribution an entry point knows nothing only when it was made by hand.
    dist = entry_point.dist
    return LoadedPlugin(
        name=name,
        distribution=dist.name if dist else "no distribution",
        version=dist.version if dist else "0",
        module=module,
        hooks={hook: _implementation(manager, hook, name) for hook in sorted(callers)},
    )


def _check_functions(
    manager: pluggy.PluginManager, name: str, module: ModuleType, by: str, hooks: set[str]
) -> None:
    """Refuse what pluggy lets pass: unmarked and misspelt hooks, parameters we do not serve."""
    for called, value in vars(module).items():
        options = manager.parse_hookimpl_opts(module, called)
        if not isinstance(value, FunctionType) or called.startswith("_"):
            continue
        here = f"Plugin {name!r}, {by}, has a function {called!r}"
        if options is None:
            own = f"{value.__module__}.".startswith(f"{module.__name__}.")
            if own and called in hooks:
                raise StartupError(f"{here} that lacks @hookimpl; mark it or rename it.")
            if own and called.startswith(("register_", "on_")):
                raise StartupError(f"{here}, but there is no such hook{_near(called, hooks)}")
            continue
        if called not in hooks and not options["optionalhook"]:
            raise StartupError(f"{here}, but there is no such hook{_near(called, hooks)}")
        if options["wrapper"] or options["hookwrapper"] or options["specname"]:
            raise StartupError(
                f"{here} that is a wrapper or has a specname; use a plain @hookimpl."
            )
        for parameter in inspect.signature(value).parameters.values():
            plain = parameter.kind is parameter.POSITIONAL_OR_KEYWORD
            if not plain or parameter.default is not parameter.empty:
                raise StartupError(
                    f"{here} whose parameter {parameter.name!r} is not a plain one; hooks take "
                    "positional parameters without defaults."
                )


def _near(called: str, hooks: set[str]) -> str:
    return did_you_mean(called, [*hooks]) or f"; hooks are: {listed([*hooks])}."


def _implementation(manager: pluggy.PluginManager, hook: str, plugin: str) -> Callable[..., Any]:
    """One plugin's own function: takes the hook's arguments by name, uses those it declares."""
    caller: pluggy.HookCaller = getattr(manager.hook, hook)
    [found] = [impl for impl in caller.get_hookimpls() if impl.plugin_name == plugin]

    def call(**arguments: Any) -> Any:
        return found.function(*(arguments[name] for name in found.argnames))

    return call


def _hook_names(manager: pluggy.PluginManager) -> set[str]:
    return {
        name for name in vars(hookspecs) if manager.parse_hookspec_opts(hookspecs, name) is not None
    }


def _offered_by(entry_point: EntryPoint) -> str:
    dist = entry_point.dist
    return f"{dist.name} {dist.version}" if dist else "no distribution"
