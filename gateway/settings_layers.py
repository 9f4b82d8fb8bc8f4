"""Reads the layers of the configuration, later ones over earlier ones, and notes who set what."""

import json
import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from marshmallow import fields

from gateway.registry import listed
from gateway.settings_schema import SettingsSchema

PREFIX = "GATEWAY_"
PRODUCTION = "production"
_OURS = ("GATEWAY_ENVIRONMENT", "GATEWAY_CONFIG", "GATEWAY_CONFIG_DIR")
_BESIDE_THE_PACKAGE = Path(__file__).resolve().parent.parent / "config"


def known_fields() -> dict[str, fields.Field[Any]]:
    """Every setting that has a name of its own, by dotted key, in order."""
    found: dict[str, fields.Field[Any]] = {}
    for name, top in SettingsSchema().fields.items():
        if isinstance(top, fields.Nested):
            found |= {f"{name}.{key}": below for key, below in top.schema.fields.items()}
        elif name != "providers":
            found[name] = top
    return found


def variable(key: str) -> str:
    """The environment variable of a dotted key."""
    return PREFIX + key.upper().replace("-", "_").replace(".", "__")


class Layers:
    """What the files and the environment say, merged: a later layer replaces a key whole."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.raw: dict[str, Any] = {}
        self.origins: dict[str, str] = {}
        self.problems: list[str] = []
        self._known = known_fields()
        self._read_files(environ)
        own = {name: text for name, text in environ.items() if name.startswith(PREFIX)}
        paths = {name: self._path(name) for name in own if name not in _OURS}
        for name, (path, is_file) in paths.items():
            if path and not is_file:
                self._set(path, own[name], name)
        for name, (path, is_file) in paths.items():
            if path and is_file:
                self._set_from_file(path, own[name], name)

    def _read_files(self, environ: Mapping[str, str]) -> None:
        folder = Path(environ.get("GATEWAY_CONFIG_DIR") or _BESIDE_THE_PACKAGE)
        environment = environ.get("GATEWAY_ENVIRONMENT") or PRODUCTION
        self.environment = environment
        own = folder / f"{environment}.toml"
        if not re.fullmatch(r"[a-z0-9-]+", environment):
            self.problems.append(
                f"GATEWAY_ENVIRONMENT is {environment!r}; use lower-case letters, digits and '-'"
            )
            own = folder / f"{PRODUCTION}.toml"
        if not (folder / "default.toml").is_file():
            self.problems.append(
                f"{folder} holds no default.toml; set GATEWAY_CONFIG_DIR to the folder that does"
            )
        else:
            self._merge_file(folder / "default.toml")
        if own.is_file():
            self._merge_file(own)
        elif own.stem != PRODUCTION:
            there = [found.stem for found in folder.glob("*.toml") if found.stem != "default"]
            self.problems.append(
                f"GATEWAY_ENVIRONMENT is {environment!r}, but {own} does not exist; "
                f"known environments: {listed([PRODUCTION, *there])}"
            )
        if named := environ.get("GATEWAY_CONFIG"):
            self._merge_file(Path(named))

    def _merge_file(self, file: Path) -> None:
        try:
            tables = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(f"{file} cannot be read: {_reason(error)}")
        except tomllib.TOMLDecodeError as error:
            self.problems.append(f"{file} is not valid TOML: {error}")
        else:
            self._merge(self.raw, tables, (), str(file))

    def _merge(
        self, into: dict[str, Any], tables: Mapping[str, Any], path: tuple[str, ...], layer: str
    ) -> None:
        deepest = 2 if path[:1] == ("providers",) else 1
        for key, value in tables.items():
            here = (*path, key)
            self.origins[".".join(here)] = layer
            if isinstance(value, dict) and len(path) < deepest:
                below = into.get(key)
                into[key] = below if isinstance(below, dict) else {}
                self._merge(into[key], value, here, layer)
            else:
                into[key] = value

    def _path(self, name: str) -> tuple[tuple[str, ...] | None, bool]:
        """Where a variable's value belongs, and whether it names a file that holds the value."""
        parts = tuple(name.removeprefix(PREFIX).lower().split("__"))
        if parts[0] == "providers" and len(parts) == 3 and all(parts):
            provider, key = parts[1].replace("_", "-"), parts[2]
            return ("providers", provider, key.removesuffix("_file")), key.endswith("_file")
        for is_file in (False, True):
            path = (*parts[:-1], parts[-1].removesuffix("_file")) if is_file else parts
            if ".".join(path) in self._known:
                return path, is_file
        self._note_unknown(name)
        return None, False

    def _note_unknown(self, name: str) -> None:
        known = [variable(key).removeprefix(PREFIX) for key in self._known]
        known += [ours.removeprefix(PREFIX) for ours in _OURS]
        word = name.removeprefix(PREFIX)
        # Without a double underscore it may be another program's: an orchestrator sets
        # GATEWAY_PORT and GATEWAY_SERVICE_HOST for a service that is called gateway.
        doubled = [full for full in known if full.replace("__", "_") == word]
        if doubled:
            self.problems.append(f"{name} is not a setting; did you mean {PREFIX}{doubled[0]}?")
        elif "__" in word:
            near = get_close_matches(word, known, n=1)
            self.problems.append(
                f"{name} is not a setting" + (f"; did you mean {PREFIX}{near[0]}?" if near else "")
            )

    def _set(self, path: tuple[str, ...], text: str, layer: str) -> None:
        value: Any = text
        if isinstance(self._known.get(".".join(path)), fields.List | fields.Dict):
            try:
                value = json.loads(text)
            except ValueError:
                self.problems.append(f'{layer} must be JSON, such as \'["a", "b"]\'')
                return
        for key in reversed(path):
            value = {key: value}
        self._merge(self.raw, value, (), layer)

    def _set_from_file(self, path: tuple[str, ...], named: str, layer: str) -> None:
        try:
            text = Path(named).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(f"{layer} names {named}, which cannot be read: {_reason(error)}")
        else:
            self._set(path, text, layer)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
