"""Where settings come from: the file, systemd credentials, the environment. Each is read into a `Layer`."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource

from bots.settings_keys import Key, field_at, leaves, nearest, variable
from bots.settings_lines import key_lines
from core.errors import SettingsError

PREFIX = "SOTAY_"
DELIMITER = "__"
CONFIG_VARIABLE = "SOTAY_CONFIG"
CREDENTIALS_VARIABLE = "CREDENTIALS_DIRECTORY"
CREDENTIALS_FOLDER = "credentials"

Values = dict[str, Any]  # nested names to whatever a person wrote, not judged yet


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was set. `place` is `sotay.toml:12`, the name of a variable or the path of a credential."""

    kind: Literal["file", "credential", "environment"]
    place: str


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source says, and where it says it. `faults` are what is wrong with the source itself."""

    values: Values = field(default_factory=dict, repr=False)
    origins: Mapping[Key, Origin] = field(default_factory=dict)
    faults: tuple[SettingsError, ...] = ()

    def origin(self, key: Key) -> Origin | None:
        """The place of the longest known part of `key`."""
        return next((self.origins[key[:n]] for n in range(len(key), 0, -1) if key[:n] in self.origins), None)

    def holds(self, key: Key) -> bool:
        values: object = self.values
        for name in key:
            if not isinstance(values, Mapping) or name not in values:
                return False
            values = values[name]
        return True


def merged(layers: Iterable[Layer]) -> Values:
    """The values of all layers, later ones over earlier ones, tables merged key by key."""
    values: Values = {}
    for layer in layers:
        values = _over(values, layer.values)
    return values


def _over(below: Values, above: Values) -> Values:
    joined = {**below, **above}
    for name in below.keys() & above.keys():
        if isinstance(below[name], dict) and isinstance(above[name], dict):
            joined[name] = _over(below[name], above[name])
    return joined


def origin_of(layers: Iterable[Layer], key: Key) -> Origin | None:
    """Where the effective value of `key` was set, None where it is a default."""
    return next((layer.origin(key) for layer in reversed(tuple(layers)) if layer.holds(key)), None)


def read_file(path: Path | None) -> Layer:
    """The settings file as a layer; no file is an empty one."""
    if path is None:
        return Layer()
    try:
        text = path.read_text(encoding="utf-8-sig")
        values = tomllib.loads(text)
    except FileNotFoundError:
        return Layer(faults=(SettingsError("settings.file_missing", path=path),))
    except OSError as error:
        return Layer(faults=(SettingsError("settings.unreadable", path=path, reason=error.strerror),))
    except UnicodeDecodeError:
        return Layer(faults=(SettingsError("settings.not_utf8", path=path),))
    except (ValueError, RecursionError) as error:  # no TOML, a number of 5,000 digits, 1,000 brackets
        return Layer(faults=(_syntax(path, text, str(error)),))
    origins = {key: Origin("file", f"{path}:{line}") for key, line in key_lines(text).items()}
    return Layer(values, origins)


def _syntax(path: Path, text: str, message: str) -> SettingsError:
    reason, _, place = message.partition(" (at ")
    found = re.search(r"line (\d+), column (\d+)", place)
    line, column = found.groups() if found else (text.count("\n") + 1, len(text.rpartition("\n")[2]) + 1)
    return SettingsError("settings.syntax", where=f"{path}:{line}:{column}", reason=reason)


class _Named(EnvSettingsSource):
    """Values by flat names out of a given mapping instead of the process's environment."""

    def __init__(self, settings: type[BaseSettings], texts: Mapping[Key, str]) -> None:
        self._texts = {DELIMITER.join(key): text for key, text in texts.items()}
        super().__init__(settings, case_sensitive=True, env_prefix="", env_nested_delimiter=DELIMITER)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return self._texts

    def decode_complex_value(self, field_name: str, field: FieldInfo | None, value: str) -> Any:  # noqa: ANN401
        """JSON where it looks like JSON, else a list divided by commas. What is neither is left to the validation."""
        del field_name, field
        if not value.lstrip().startswith(("[", "{")):
            return [part.strip() for part in value.split(",")]
        try:
            return json.loads(value)
        except ValueError:
            return value


def read_environment(settings: type[BaseSettings], environ: Mapping[str, str], chosen: Values) -> Layer:
    """The `SOTAY_` variables as a layer; empty ones count as not set. `chosen` has the names of groups and spaces."""
    texts = {
        name: text for name, text in environ.items() if text and name.startswith(PREFIX) and name != CONFIG_VARIABLE
    }
    keys = {name: _key(name, chosen) for name in texts}
    unknown = [name for name, key in keys.items() if field_at(settings, key) is None]
    known = {key: Origin("environment", name) for name, key in keys.items() if name not in unknown}
    values = _Named(settings, {key: texts[origin.place] for key, origin in known.items()})()
    return Layer(values, known, tuple(_unknown(settings, name) for name in sorted(unknown)))


def _key(name: str, chosen: Values) -> Key:
    """The key of a variable. A hyphen of a chosen name is written `_`, since variables have none."""
    key = tuple(name.removeprefix(PREFIX).lower().split(DELIMITER))
    names = chosen.get(key[0])
    if len(key) == 1 or not isinstance(names, Mapping):
        return key
    same = (known for known in names if known.lower().replace("-", "_") == key[1].replace("-", "_"))
    return (key[0], next(same, key[1]), *key[2:])


def _unknown(settings: type[BaseSettings], name: str) -> SettingsError:
    known = [CONFIG_VARIABLE, *(variable(key) for key, _ in leaves(settings))]
    meant = nearest(name.removeprefix(PREFIX), [word.removeprefix(PREFIX) for word in known])
    if meant:
        return SettingsError("settings.unknown_variable", name=name, nearest=PREFIX + meant)
    return SettingsError("settings.unknown_variable_alone", name=name)


def read_credentials(settings: type[BaseSettings], directory: Path | None, chosen: Values) -> Layer:
    """The credentials that systemd lends, one file a key: `openrouter.api_key` or `SOTAY_OPENROUTER__API_KEY`.

    `SOTAY_openrouter.api_key` is what becomes of the first where a folder is lent (`LoadCredential=SOTAY:FOLDER`).
    Files that name no section of the settings belong to others and are left alone.
    """
    if directory is None:
        return Layer()
    try:
        paths = sorted(directory.iterdir())
    except OSError:
        return Layer(faults=(SettingsError("settings.credential_unreadable", path=directory),))
    texts: dict[Key, str] = {}
    origins: dict[Key, Origin] = {}
    faults: list[SettingsError] = []
    for path, key in _ours(settings, paths, chosen):
        if field_at(settings, key) is None:
            faults.append(_unknown_credential(settings, path))
            continue
        try:
            texts[key] = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            faults.append(SettingsError("settings.credential_unreadable", path=path))
        origins[key] = Origin("credential", str(path))
    return Layer(_Named(settings, {key: text for key, text in texts.items() if text})(), origins, tuple(faults))


def _ours(settings: type[BaseSettings], paths: Iterable[Path], chosen: Values) -> Iterator[tuple[Path, Key]]:
    for path in paths:
        if path.name.startswith(PREFIX):
            name = path.name.removeprefix(PREFIX)
            yield path, tuple(name.split(".")) if "." in name else _key(path.name, chosen)
        elif path.name.split(".")[0] in settings.model_fields:
            yield path, tuple(path.name.split("."))


def _unknown_credential(settings: type[BaseSettings], path: Path) -> SettingsError:
    keys = [key for key, _ in leaves(settings)]
    meant = nearest(path.name, [*(".".join(key) for key in keys), *(variable(key) for key in keys)])
    if meant:
        return SettingsError("settings.unknown_variable", name=path, nearest=meant)
    return SettingsError("settings.unknown_variable_alone", name=path)
