"""The files of a new office: settings that anybody may read, and a folder of secrets that nobody else may."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from bots.wizard.interview import Answers
from core.errors import SettingsError

CONFIG, CREDENTIALS = "sotay.toml", "credentials"
HEADER = """\
# Made by `sotay init`. docs/settings.md lists every key; secrets are in the folder credentials/ beside this file,
# which `sotay service install` lends to the services. By hand: CREDENTIALS_DIRECTORY=credentials sotay run
"""


def write(folder: Path, answers: Answers, *, force: bool) -> Path:
    """The path of the settings file. What is there already is kept as `.bak`, and only with `force` replaced.

    Raises SettingsError where it may not be, or where nothing can be written.
    """
    files = {folder / CREDENTIALS / name: f"{secret}\n" for name, secret in answers.secrets.items()}
    config = folder / CONFIG
    there = [path for path in (config, *files) if path.exists()]
    if there and not force:
        raise SettingsError("init.there", path=there[0])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / CREDENTIALS).mkdir(mode=0o700, exist_ok=True)
        for path in there:
            path.replace(path.with_name(f".{path.name}.bak" if path.parent.name == CREDENTIALS else f"{path.name}.bak"))
        for path, text in files.items():
            _write(path, text, 0o600)
        _write(config, HEADER + "".join(_tables(answers.values)), 0o644)
    except OSError as error:
        raise SettingsError("init.cannot_write", path=folder, reason=error.strerror) from error
    return config


def _write(path: Path, text: str, mode: int) -> None:
    """Never readable by others, not even for a moment."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)


def _tables(values: Mapping[str, object]) -> Iterator[str]:
    tables: dict[str, list[str]] = {}
    for key, value in values.items():
        table, _, name = key.rpartition(".")
        tables.setdefault(table, []).append(f"{_quoted(name)} = {json.dumps(value, ensure_ascii=False)}\n")
    for table, lines in tables.items():
        yield f"\n[{_quoted(table)}]\n" + "".join(lines)


def _quoted(key: str) -> str:
    return ".".join(name if name.isascii() else json.dumps(name, ensure_ascii=False) for name in key.split("."))
