"""`sotay config check` and `sotay config show`: what is wrong or doubtful, and what is in force and since where."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from pydantic import SecretStr

from bots.settings import DEFAULT_PLACES, Loaded, Settings, load
from bots.settings_keys import MASK, Key, dotted, is_secret, masked, quoted
from bots.settings_problems import Rejected
from bots.settings_sources import Layer, Origin, origin_of
from core.access import ADMINISTRATORS
from core.errors import SettingsError
from core.texts import translate

_READABLE_BY_ALL = 0o004


@dataclass(frozen=True, slots=True)
class Findings:
    """What a check found. `problems` keep the product from starting, `warnings` do not."""

    problems: tuple[SettingsError, ...] = ()
    warnings: tuple[SettingsError, ...] = ()
    config: Path | None = None

    @property
    def good(self) -> bool:
        return not self.problems

    def text(self, language: str) -> str:
        """One line for each problem and warning, then the verdict where the settings can be used."""
        lines = [finding.text(language) for finding in (*self.problems, *self.warnings)]
        if self.good and self.config:
            lines.append(translate(language, "settings.good", path=self.config))
        elif self.good:
            lines.append(translate(language, "settings.good_defaults"))
        return "\n".join(lines)


def check(config: Path | None, environ: Mapping[str, str], places: Sequence[Path] = DEFAULT_PLACES) -> Findings:
    """Everything wrong or doubtful about the settings that `load_settings` would read. Raises nothing."""
    try:
        loaded = load(config, environ, places)
    except Rejected as rejected:
        return Findings(problems=rejected.problems)
    return Findings(warnings=tuple(_doubts(loaded)), config=loaded.config)


def _doubts(loaded: Loaded) -> Iterator[SettingsError]:
    settings = loaded.settings
    if (
        loaded.config
        and _holds_secrets(loaded.layers[0], settings.data.database_url)
        and loaded.config.stat().st_mode & _READABLE_BY_ALL
    ):
        yield SettingsError("settings.doubt.readable", path=loaded.config)
    for name, members in settings.groups.items():
        if not members:
            yield _doubt("empty_group", loaded.layers, ("groups", name), group=name)
    yield from _missing_folders(loaded)
    if settings.openrouter.enabled and settings.openrouter.api_key is None:
        yield _doubt("no_key", loaded.layers, ("openrouter", "enabled"))
    if settings.routing.strategy == "api" and not settings.openrouter.enabled:
        yield _doubt("api_off", loaded.layers, ("routing", "strategy"))
    if settings.experiment.enabled and settings.experiment.asks_outside and not settings.openrouter.enabled:
        yield _doubt("experiment_api_off", loaded.layers, ("experiment", "enabled"))
    yield from _slack(loaded)


def _slack(loaded: Loaded) -> Iterator[SettingsError]:
    """What keeps Slack from working, or nobody in charge of it."""
    slack = loaded.settings.slack
    if slack.bot_token is None:
        return
    key = slack.needed
    if getattr(slack, key) is None:
        yield _doubt("slack_key", loaded.layers, ("slack", "bot_token"), mode=slack.mode, secret=f"slack.{key}")
    if not loaded.settings.groups.get(ADMINISTRATORS):
        yield _doubt("slack_nobody", loaded.layers, ("slack", "bot_token"), group=ADMINISTRATORS)


def _missing_folders(loaded: Loaded) -> Iterator[SettingsError]:
    for name, space in loaded.settings.spaces.items():
        for source in space.sources:
            if "://" not in source and not _is_folder(Path(source)):
                yield _doubt("no_source", loaded.layers, ("spaces", name, "sources"), space=name, path=source)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # it may not even be looked at
        return False


def _doubt(name: str, layers: Sequence[Layer], key: Key, **facts: object) -> SettingsError:
    origin = origin_of(layers, key)
    return SettingsError(f"settings.doubt.{name}", where=origin.place if origin else dotted(key), **facts)


def _holds_secrets(file: Layer, database_url: str) -> bool:
    password = file.holds(("data", "database_url")) and masked(database_url) != database_url
    return password or any(is_secret(Settings, key) for key in file.origins)


def show(settings: Settings, layers: Sequence[Layer]) -> str:
    """The settings in force as TOML; a comment says where each value that is no default was set. Secrets are masked.

    `layers` are those of `bots.settings.load`.
    """
    return "\n".join(_table(key, values, layers) for key, values in _tables(settings))


def _tables(settings: Settings) -> Iterator[tuple[Key, Mapping[str, object]]]:
    for name, value in settings:
        if name == "spaces":
            yield from ((("spaces", space), dict(table)) for space, table in settings.spaces.items())
        else:
            yield (name,), dict(value)


def _table(key: Key, values: Mapping[str, object], layers: Sequence[Layer]) -> str:
    header = f"[{dotted(key)}]\n"
    return header + "".join(_line(name, value, origin_of(layers, (*key, name))) for name, value in values.items())


def _line(name: str, value: object, origin: Origin | None) -> str:
    if value is None:
        return f"# {quoted(name)} is not set\n"
    comment = (
        "" if origin is None else f"  # {origin.place if origin.kind == 'file' else f'{origin.kind} {origin.place}'}"
    )
    return f"{quoted(name)} = {toml(value)}{comment}\n"


def toml(value: object) -> str:
    """A value as TOML writes it; nothing secret is in it."""
    if isinstance(value, SecretStr):
        return json.dumps(MASK)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{quoted(name)} = {toml(item)}' for name, item in value.items())}}}"
    if isinstance(value, tuple):
        return f"[{', '.join(toml(item) for item in value)}]"
    if isinstance(value, Enum):
        return toml(value.value)
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return json.dumps(masked(str(value)), ensure_ascii=False)
