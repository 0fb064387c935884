"""Settings: how they are put together from file, credentials and environment.

    settings = load_settings(config, environment())

Later sources win: defaults, `sotay.toml`, credentials, environment. `docs/settings.md` lists every key. This
is the only module that reads the process's environment.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bots.settings_fields import Name, Words
from bots.settings_models import BudgetSettings, ExperimentSettings, Models, OpenRouter, Routing
from bots.settings_problems import Rejected, explain, misplaced, place
from bots.settings_sections import (
    DEFAULT_GROUPS,
    AnswerSettings,
    Console,
    Data,
    InboxSettings,
    Ingest,
    Office,
    Search,
    Slack,
    SpaceSettings,
    Telegram,
)
from bots.settings_sources import (
    CONFIG_VARIABLE,
    CREDENTIALS_FOLDER,
    CREDENTIALS_VARIABLE,
    Layer,
    merged,
    read_credentials,
    read_environment,
    read_file,
)
from bots.settings_upkeep import BackupSettings, Log, Retention, ScheduleSettings, Telemetry, Web

DEFAULT_PLACES = (Path("sotay.toml"), Path("/etc/sotay/sotay.toml"))
DATA_DIRECTORY = "{data.directory}"


class Settings(BaseSettings):
    """All settings. Frozen; made by `load_settings`, which also makes paths absolute."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, case_sensitive=True)

    office: Office = Office()
    data: Data = Data()
    groups: dict[Name, Words] = Field(
        default=DEFAULT_GROUPS, description="People by group: ids such as `lan`, `slack:U123` or `telegram:456`."
    )
    spaces: dict[Name, SpaceSettings] = {}
    console: Console = Console()
    slack: Slack = Slack()
    telegram: Telegram = Telegram()
    models: Models = Models()
    openrouter: OpenRouter = OpenRouter()
    routing: Routing = Routing()
    budget: BudgetSettings = BudgetSettings()
    experiment: ExperimentSettings = ExperimentSettings()
    search: Search = Search()
    ingest: Ingest = Ingest()
    answer: AnswerSettings = AnswerSettings()
    inbox: InboxSettings = InboxSettings()
    log: Log = Log()
    backup: BackupSettings = BackupSettings()
    retention: Retention = Retention()
    schedule: ScheduleSettings = ScheduleSettings()
    web: Web = Web()
    telemetry: Telemetry = Telemetry()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Nothing is read behind the caller's back: `load` has merged the sources."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings with the sources they came from, the weakest first. `config` is the file, None where none was found."""

    settings: Settings
    layers: tuple[Layer, ...]
    config: Path | None


def environment() -> Mapping[str, str]:
    """The process's environment, to be handed to `load_settings`."""
    return os.environ


def logs_to_journal(environ: Mapping[str, str], number: int = 2) -> bool:
    """Whether the system's journal reads what is written to this file descriptor, standard error unless told.

    systemd names in JOURNAL_STREAM the device and inode of its own stream, which a terminal below it inherits too.
    """
    try:
        there = os.fstat(number)
    except OSError:
        return False
    return environ.get("JOURNAL_STREAM") == f"{there.st_dev}:{there.st_ino}"


def terminal_language(environ: Mapping[str, str]) -> str:
    """The language of a terminal before the settings are known: that of its locale, English when it is none of ours."""
    locale = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return "vi" if locale.startswith("vi") else "en"


@dataclass(frozen=True, slots=True)
class Supervision:
    """What a service manager asks of a process that it has started: sd_notify(3), sd_watchdog_enabled(3).

    `socket` is where it listens; None, and it does not. `watchdog_seconds` is how long it waits for a sign of life.
    """

    socket: str | None = None
    watchdog_seconds: float | None = None


def supervision(environ: Mapping[str, str], process: int) -> Supervision:
    """What is asked of the process with this id. A watchdog that is for another one, or makes no sense, is none."""
    microseconds, watched = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", str(process))
    is_meant = microseconds.isdecimal() and int(microseconds) > 0 and watched == str(process)
    return Supervision(environ.get("NOTIFY_SOCKET") or None, int(microseconds) / 1_000_000 if is_meant else None)


def load_settings(config: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings of this machine. `config` is the file that the command line names, None where it names none.

    Raises `SettingsError`, with every problem found, each in a sentence that says where it is.
    """
    return load(config, environ).settings


def find_config(
    config: Path | None, environ: Mapping[str, str], places: Sequence[Path] = DEFAULT_PLACES
) -> Path | None:
    """The settings file: the one named, else that of SOTAY_CONFIG, else the first of `places` that exists."""
    named = config or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    return named or next((found for found in places if _there(found)), None)


def _there(path: Path) -> bool:
    """False only where there is surely nothing: a file that may not be looked at is reported, not passed over."""
    try:
        return path.exists()
    except OSError:
        return True


def load(config: Path | None, environ: Mapping[str, str], places: Sequence[Path] = DEFAULT_PLACES) -> Loaded:
    """`load_settings` for those who also ask where each value came from."""
    path = find_config(config, environ, places)
    layers = _layers(path, environ)
    values = merged(layers)
    problems = [fault for layer in layers for fault in layer.faults]
    problems += misplaced(values, layers)
    try:
        settings = Settings(**values)
    except ValidationError as error:
        problems = [*explain(error, Settings, layers), *problems]
    if problems:
        raise Rejected(sorted(problems, key=place))
    return Loaded(_placed(settings, path.parent if path else Path()), layers, path)


def _layers(path: Path | None, environ: Mapping[str, str]) -> tuple[Layer, ...]:
    file = read_file(path)
    credentials = read_credentials(Settings, credentials_folder(path, environ), file.values)
    return file, credentials, read_environment(Settings, environ, file.values)


def credentials_folder(config: Path | None, environ: Mapping[str, str]) -> Path | None:
    """Where systemd has lent credentials; else the folder beside the settings file, where one may look into it."""
    lent = environ.get(CREDENTIALS_VARIABLE)
    if lent or config is None:
        return Path(lent) if lent else None
    beside = config.parent / CREDENTIALS_FOLDER
    return beside if os.access(beside, os.R_OK | os.X_OK) else None


def _placed(settings: Settings, folder: Path) -> Settings:
    """The settings with every path absolute; relative ones start in `folder`, where the settings file lies."""

    def absolute(path: Path | str) -> Path:
        return (folder / Path(path).expanduser()).resolve()

    data, models = settings.data, settings.models
    directory = absolute(data.directory)
    url = data.database_url.replace(DATA_DIRECTORY, str(directory))
    files = absolute(str(models.directory).replace(DATA_DIRECTORY, str(directory)))
    index = absolute(str(data.index).replace(DATA_DIRECTORY, str(directory)))
    backups = absolute(str(settings.backup.directory).replace(DATA_DIRECTORY, str(directory)))
    local = str(absolute(models.local)) if models.local.endswith(".gguf") else models.local
    spaces = {
        name: space.model_copy(update={"sources": tuple(s if "://" in s else str(absolute(s)) for s in space.sources)})
        for name, space in settings.spaces.items()
    }
    return settings.model_copy(
        update={
            "data": data.model_copy(update={"directory": directory, "index": index, "database_url": url}),
            "models": models.model_copy(update={"directory": files, "local": local}),
            "backup": settings.backup.model_copy(update={"directory": backups}),
            "spaces": spaces,
        }
    )
