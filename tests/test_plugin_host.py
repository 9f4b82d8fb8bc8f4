"""The plugin host: what it loads, what it refuses at the start, and how it tells plugins."""

import importlib
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from gateway.events.contract import Event
from gateway.plugin_host import PluginHost, StartupError
from gateway.registry import UnknownNameError
from gateway.settings import load_settings

SUPPLIER = """
from typing import ClassVar
from marshmallow import Schema, fields
from gateway.plugin_api import NumberSupplier, hookimpl

class Settings(Schema):
    token = fields.String(required=True, load_only=True)
    regions = fields.List(fields.String(), load_default=list)

class Acme(NumberSupplier):
    name = "acme"
    settings_schema = Settings

    def search(self, country, number_type=None): return []
    def quote(self, offer): raise NotImplementedError
    def find(self, reference): return None
    def order(self, offer, *, reference, inbound): raise NotImplementedError
    def release(self, supplier_ref): ...

@hookimpl
def register_number_suppliers(): return [Acme]
"""
CAPTURE = """
from marshmallow import Schema, fields
from gateway.plugin_api import CodeCapture, hookimpl

class Settings(Schema):
    secret = fields.String(load_default="")

class AcmeCapture(CodeCapture):
    name = "acme"
    settings_schema = Settings

    def is_genuine(self, report): return True
    def answer(self, report): raise NotImplementedError
    def hear(self, report): return []

@hookimpl
def register_code_captures(): return [AcmeCapture]
"""
PRICING = """
from marshmallow import Schema
from gateway.plugin_api import Pricing, hookimpl

class Cards(Pricing):
    name = "{name}"
    settings_schema = Schema

    def quote_message(self, facts): return None
    def quote_number(self, country, on): return None
    def estimate(self, facts): return {{}}
    def month(self, client_id, month): return {{}}

@hookimpl
def register_pricing(): return [Cards]
"""
LISTENER = """
from gateway.plugin_api import hookimpl
heard = []

@hookimpl
def on_lines_activated(client_id, events): heard.append((client_id, [e.event_id for e in events]))
"""
TOKEN = {"acme": {"token": "t"}}


class Workshop:
    """Writes throw-away plugin modules and starts hosts with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entry_points: list[EntryPoint] = []
        (folder / "config").mkdir()
        (folder / "config" / "default.toml").write_text("")

    def plugin(self, name: str, code: str) -> str:
        """Write one plugin and offer it; the name of its module."""
        module = f"throwaway_{name.replace('-', '_')}_{len(self.entry_points)}"
        (self.folder / f"{module}.py").write_text(dedent(code))
        importlib.invalidate_caches()
        self.entry_points.append(EntryPoint(name, module, "gateway.plugins"))
        return module

    def start(
        self, *enabled: str, providers: dict[str, dict[str, Any]] | None = None, **more: str
    ) -> PluginHost:
        environ = {
            "GATEWAY_CONFIG_DIR": str(self.folder / "config"),
            "GATEWAY_PLUGINS": json.dumps(enabled),
        }
        for provider, section in (providers or {}).items():
            for key, value in section.items():
                name = f"{provider}__{key}".replace("-", "_").upper()
                environ[f"GATEWAY_PROVIDERS__{name}"] = value
        return PluginHost(load_settings(environ | more), entry_points=self.entry_points)

    def refused(self, *enabled: str, **more: Any) -> str:
        with pytest.raises(StartupError) as caught:
            self.start(*enabled, **more)
        return str(caught.value)


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    before = set(sys.modules)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield Workshop(tmp_path)
    for name in set(sys.modules) - before:
        if name.startswith("throwaway_"):
            del sys.modules[name]


def test_providers_are_built_once_with_their_validated_settings(workshop: Workshop) -> None:
    workshop.plugin("supplier-acme", SUPPLIER)

    host = workshop.start(
        "supplier-acme", providers={"acme": {"token": "hush", "regions": '["eu", "us"]'}}
    )

    supplier = host.suppliers.get("acme")
    assert supplier.settings == {"token": "hush", "regions": ["eu", "us"]}
    assert supplier is host.suppliers.get("acme")
    assert supplier.http is host.http
    assert list(host.suppliers) == [supplier]
    assert host.suppliers.names() == ["acme"]
    assert host.showable_settings == {"providers.acme.regions"}
    assert host.pricing is None
    [info] = host.plugins
    assert (info.name, info.hooks) == ("supplier-acme", ("register_number_suppliers",))
    assert info.providers == ("number supplier acme",)


def test_an_unknown_provider_name_lists_the_known_ones(workshop: Workshop) -> None:
    workshop.plugin("supplier-acme", SUPPLIER)
    host = workshop.start("supplier-acme", providers=TOKEN)

    with pytest.raises(
        UnknownNameError, match=r"No number supplier is called 'acne'; known: acme\."
    ):
        host.suppliers.get("acne")


def test_what_is_not_enabled_is_never_imported(workshop: Workshop) -> None:
    workshop.plugin("listener", LISTENER)
    bomb = workshop.plugin("bomb", "raise SystemExit('imported')")

    workshop.start("listener")

    assert bomb not in sys.modules


def test_a_plugin_that_is_not_installed(workshop: Workshop) -> None:
    workshop.plugin("supplier-acme", SUPPLIER)

    said = workshop.refused("suplier-acme")

    assert "plugins (GATEWAY_PLUGINS) lists 'suplier-acme'" in said
    assert "did you mean 'supplier-acme'" in said


def test_a_plugin_listed_twice(workshop: Workshop) -> None:
    workshop.plugin("listener", LISTENER)

    assert "lists 'listener' twice" in workshop.refused("listener", "listener")


def test_two_distributions_that_offer_one_name_are_both_named(
    workshop: Workshop, tmp_path: Path
) -> None:
    """Real distributions, found by importlib.metadata as it finds any other."""
    for dist, version in (("acme-one", "1.0"), ("acme-two", "2.5")):
        info = tmp_path / f"{dist.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {dist}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(
            f"[gateway.plugins]\nacme-clash = throwaway_{dist[-3:]}\nacme-{dist[-3:]} = listener\n"
        )
    (tmp_path / "listener.py").write_text(LISTENER)
    importlib.invalidate_caches()
    environ = {"GATEWAY_CONFIG_DIR": str(tmp_path / "config")}

    with pytest.raises(StartupError) as caught:
        PluginHost(load_settings(environ | {"GATEWAY_PLUGINS": '["acme-clash"]'}))
    assert "'acme-clash'" in str(caught.value)
    assert "throwaway_one (acme-one 1.0)" in str(caught.value)
    assert "throwaway_two (acme-two 2.5)" in str(caught.value)

    host = PluginHost(load_settings(environ | {"GATEWAY_PLUGINS": '["acme-two"]'}))
    [plugin] = host.plugins
    assert (plugin.distribution, plugin.version, plugin.module) == ("acme-two", "2.5", "listener")
    del sys.modules["listener"]


def test_two_names_of_one_module(workshop: Workshop) -> None:
    module = workshop.plugin("one", LISTENER)
    workshop.entry_points.append(EntryPoint("two", module, "gateway.plugins"))

    assert "'one' and 'two' are the same module" in workshop.refused("one", "two")


def test_a_plugin_that_cannot_be_imported(workshop: Workshop) -> None:
    workshop.plugin("broken", "import no_such_module_at_all")

    said = workshop.refused("broken")

    assert "'broken'" in said
    assert "ModuleNotFoundError: No module named 'no_such_module_at_all'" in said


def test_an_entry_point_that_names_no_module(workshop: Workshop) -> None:
    module = workshop.plugin("listener", LISTENER)
    workshop.entry_points.append(EntryPoint("attribute", f"{module}:heard", "gateway.plugins"))

    assert "is not a module" in workshop.refused("attribute")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("@hookimpl\ndef on_line_activated(client_id, events): ...", "'on_lines_activated'"),
        ("def on_line_activated(client_id, events): ...", "did you mean 'on_lines_activated'"),
        ("@hookimpl\ndef tell_me(events): ...", "'tell_me', but there is no such hook"),
        ("def register_pricing(): return []", "'register_pricing' that lacks @hookimpl"),
        ("@hookimpl\ndef on_lines_activated(client, events): ...", "client"),
        ("@hookimpl\ndef on_lines_activated(client_id, events=()): ...", "parameter 'events'"),
        ("@hookimpl\ndef on_lines_activated(*, client_id, events): ...", "parameter 'client_id'"),
        ("@hookimpl\ndef on_lines_activated(*events): ...", "parameter 'events'"),
        ("@hookimpl(wrapper=True)\ndef on_lines_activated(): yield", "is a wrapper"),
        ("@hookimpl(specname='on_lines_activated')\ndef x(client_id): ...", "no such hook"),
        ("def helper(): ...", "implements no hook"),
        ("@hookimpl\ndef register_pricing(): return None", "returned NoneType instead of a list"),
        ("@hookimpl\ndef register_pricing(): return [int]", "not a subclass of Pricing"),
        ("@hookimpl\ndef register_pricing(): return [3]", "3, which is not a subclass of Pricing"),
        ("@hookimpl\ndef register_schedules(): return ['x']", "'x', which is not a Schedule"),
        ("@hookimpl\ndef register_simulators(): return ['acme']", "'acme' instead of a path"),
        ("@hookimpl\ndef register_simulators(): return [int]", "instead of a path"),
    ],
)
def test_hooks_that_do_not_fit_stop_the_start(workshop: Workshop, code: str, said: str) -> None:
    module = workshop.plugin("faulty", f"from gateway.plugin_api import hookimpl\n{code}")

    sentence = workshop.refused("faulty")

    assert said in sentence
    assert "'faulty'" in sentence
    assert module in sentence


def test_helpers_of_others_may_be_named_like_hooks(workshop: Workshop) -> None:
    workshop.plugin("listener", f"from shutil import register_archive_format\n{LISTENER}")

    assert workshop.start("listener").listeners("on_lines_activated") == ["listener"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("def release(self, supplier_ref): ...", "", "lacks methods of NumberSupplier: release."),
        ('name = "acme"', "", "lacks class attributes of NumberSupplier: name."),
        ("settings_schema = Settings", "", "of NumberSupplier: settings_schema."),
        ("settings_schema = Settings", "settings_schema = dict", "not a marshmallow Schema class"),
        ('name = "acme"', 'name = "Acme_1"', "is named 'Acme_1'"),
        (
            'name = "acme"',
            'name = "acme"\n    def __init__(self, *a): raise OSError("no")',
            "cannot be built: OSError: no.",
        ),
    ],
)
def test_an_incomplete_provider_class_stops_the_start(
    workshop: Workshop, old: str, new: str, said: str
) -> None:
    assert old in SUPPLIER
    workshop.plugin("supplier-acme", SUPPLIER.replace(old, new))

    sentence = workshop.refused("supplier-acme", providers=TOKEN)

    assert said in sentence
    assert "'supplier-acme'" in sentence


def test_two_providers_of_one_kind_and_name_are_both_named(workshop: Workshop) -> None:
    first = workshop.plugin("one", SUPPLIER)
    second = workshop.plugin("two", SUPPLIER)

    said = workshop.refused("one", "two", providers=TOKEN)

    assert f"Two number suppliers are called 'acme', one from {first} (plugin 'one')" in said
    assert f"one from {second} (plugin 'two')" in said


def test_providers_of_two_kinds_may_share_a_name_and_a_section(workshop: Workshop) -> None:
    workshop.plugin("one", SUPPLIER)
    workshop.plugin("two", CAPTURE)

    host = workshop.start("one", "two", providers={"acme": {"token": "t", "secret": "s"}})

    assert host.suppliers.get("acme").settings == {"token": "t", "regions": []}
    assert host.code_captures.get("acme").settings == {"secret": "s"}
    assert host.provider_settings == {"acme": {"token": "t", "regions": [], "secret": "s"}}


def test_all_mistakes_in_providers_settings_are_told_at_once(workshop: Workshop) -> None:
    module = workshop.plugin("one", SUPPLIER)

    said = workshop.refused(
        "one", providers={"acme": {"tokn": "hush", "regions": "eu"}, "amce": {"token": "x"}}
    )

    assert f"providers.acme.token is missing: {module} (plugin 'one') needs it" in said
    assert "set GATEWAY_PROVIDERS__ACME__TOKEN or [providers.acme]" in said
    assert "providers.acme.tokn (GATEWAY_PROVIDERS__ACME__TOKN) is not a setting of" in said
    assert "did you mean 'token'?" in said
    assert "providers.acme.regions (GATEWAY_PROVIDERS__ACME__REGIONS) is not what" in said
    assert "[providers.amce] (GATEWAY_PROVIDERS__AMCE__TOKEN) is read by no enabled plugin" in said
    assert "hush" not in said


def test_a_mistake_of_the_whole_section_is_told(workshop: Workshop) -> None:
    check = """
    @validates_schema
    def both(self, data, **_): raise ValidationError("Give a token or a key, not both.")

class Acme("""
    code = SUPPLIER.replace("import Schema", "import Schema, ValidationError, validates_schema")
    workshop.plugin("one", code.replace("\nclass Acme(", check))

    said = workshop.refused("one", providers=TOKEN)

    assert "providers.acme (GATEWAY_PROVIDERS__ACME__TOKEN) is not what" in said
    assert "Give a token or a key, not both." in said


def test_two_plugins_that_know_prices_are_both_named(workshop: Workshop) -> None:
    workshop.plugin("one", PRICING.format(name="cards"))
    workshop.plugin("two", PRICING.format(name="sheets"))

    said = workshop.refused("one", "two")

    assert "(plugin 'one')" in said
    assert "(plugin 'two')" in said
    assert "both know prices" in said
    assert workshop.start("two").pricing is not None


def test_two_schedules_of_one_name_are_refused(workshop: Workshop) -> None:
    code = """
    from datetime import timedelta
    from gateway.plugin_api import Schedule, hookimpl

    @hookimpl
    def register_schedules(): return [Schedule(name="nap", every=timedelta(hours=1), run=print)]
    """
    workshop.plugin("one", code)
    workshop.plugin("two", code)

    assert workshop.start("one").schedules.names() == ["nap"]
    assert "Two schedules are called 'nap'" in workshop.refused("one", "two")


def test_a_history_of_what_a_plugin_is_not_told_of_is_refused(workshop: Workshop) -> None:
    code = """
    from gateway.plugin_api import hookimpl

    @hookimpl
    def register_history(): return ["line.activated"]
    """
    listens = "\n    @hookimpl\n    def on_lines_activated(events): ...\n"
    workshop.plugin("one", code)
    workshop.plugin("two", code + listens)

    assert workshop.start("two").histories == {"two": ["line.activated"]}
    assert "names 'line.activated', of which no hook of that plugin is told" in (
        workshop.refused("one")
    )


def test_simulators_are_named_and_not_imported(workshop: Workshop) -> None:
    workshop.plugin(
        "one",
        """
        from gateway.plugin_api import hookimpl

        @hookimpl
        def register_simulators(): return ["throwaway_simulator.graph:Graph"]
        """,
    )

    assert workshop.start("one").simulators == ["throwaway_simulator.graph:Graph"]


def test_one_plugin_alone_is_told_in_the_order_of_the_configuration(workshop: Workshop) -> None:
    first, second = (workshop.plugin(name, LISTENER) for name in ("one", "two"))
    workshop.plugin("supplier-acme", SUPPLIER)
    event = Event(
        event_id="evt_1",
        type="line.activated",
        client_id="cli_1",
        occurred_at=datetime(2026, 11, 1, tzinfo=UTC),
        data={},
    )
    host = workshop.start("two", "supplier-acme", "one", providers=TOKEN)

    host.tell("two", "on_lines_activated", "cli_1", [event])

    assert host.listeners("on_lines_activated") == ["two", "one"]
    assert host.listeners("on_lines_released") == []
    assert sys.modules[second].heard == [("cli_1", ["evt_1"])]
    assert sys.modules[first].heard == []


def test_a_listener_may_leave_parameters_out_and_its_errors_come_through(
    workshop: Workshop,
) -> None:
    workshop.plugin(
        "one",
        """
        from gateway.plugin_api import hookimpl

        @hookimpl
        def on_lines_released(events): raise KeyError("mine")
        """,
    )
    host = workshop.start("one")

    with pytest.raises(KeyError, match="mine"):
        host.tell("one", "on_lines_released", "cli_1", [])


def test_two_hosts_share_nothing(workshop: Workshop) -> None:
    workshop.plugin("supplier-acme", SUPPLIER)
    workshop.plugin("listener", LISTENER)

    one = workshop.start("supplier-acme", providers=TOKEN)
    other = workshop.start("listener")

    assert one.suppliers.names() == ["acme"]
    assert other.suppliers.names() == []
    assert one.listeners("on_lines_activated") == []


def test_a_plugin_package_may_bring_migrations(workshop: Workshop, tmp_path: Path) -> None:
    package = tmp_path / "throwaway_package"
    (package / "migrations").mkdir(parents=True)
    (package / "__init__.py").write_text(LISTENER)
    (tmp_path / "throwaway_bare").mkdir()
    (tmp_path / "throwaway_bare" / "__init__.py").write_text(LISTENER)
    (tmp_path / "migrations").mkdir()
    workshop.plugin("module", LISTENER)
    importlib.invalidate_caches()
    workshop.entry_points.append(EntryPoint("bare", "throwaway_bare", "gateway.plugins"))
    workshop.entry_points.append(EntryPoint("tables", "throwaway_package", "gateway.plugins"))

    host = workshop.start("module", "bare", "tables")

    assert host.migrations() == [("tables", package / "migrations")]
