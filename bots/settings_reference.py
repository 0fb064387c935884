"""The reference page of the settings, made from the settings themselves.

python -m bots.settings_reference > docs/settings.md
"""

import sys
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bots.settings import DEFAULT_PLACES, Settings
from bots.settings_keys import CHOSEN, Key, bare, is_mapping, is_section, leaves, origin, variable
from bots.settings_problems import bounds, choices
from bots.settings_report import toml

_INTRODUCTION = f"""\
# Settings

<!-- Made by `python -m bots.settings_reference > docs/settings.md`. Change the descriptions in
bots/settings_*.py and run it again; a test compares. -->

Later sources win, key by key:

1. the defaults on this page;
2. the settings file: the one named by `--config`, else by the environment variable `SOTAY_CONFIG`, else the first of
   {" and ".join(f"`{'./' if not found.is_absolute() else ''}{found}`" for found in DEFAULT_PLACES)} that exists;
3. credentials: files named like the key (`openrouter.api_key`) or like its environment name, in the folder that
   systemd lends (`$CREDENTIALS_DIRECTORY`), else in `credentials` beside the settings file where that may be read;
4. environment variables, named `SOTAY_<SECTION>__<KEY>`. An empty variable counts as not set. Lists are written with
   commas (`a,b`) or as JSON (`["a", "b"]`).

Relative paths start in the folder of the settings file, or in the working directory where there is none; `~` is the
home directory. `{{data.directory}}` in a value stands for the key of that name. `NAME` in a key is a name of your own
choice: letters, digits, `-` and `_`. In the name of an environment variable it is written in capitals, with `_` for
`-`.

Secrets belong into credentials, or into a file that only the service can read. `sotay config check` finds mistakes,
`sotay config show` prints what is in force and where it was set, with secrets masked. `examples/sotay.toml` is a
commented start.
"""


def page() -> str:
    """`docs/settings.md`, to the letter."""
    sections = groupby(leaves(Settings), key=lambda leaf: leaf[0][0])
    return _INTRODUCTION + "".join(_section(name, [*keys]) for name, keys in sections)


def _section(name: str, keys: list[tuple[Key, FieldInfo]]) -> str:
    field = Settings.model_fields[name]
    header = f"{name}.{CHOSEN}" if name == "spaces" else name
    rows = "".join(f"| {' | '.join(_cells(key, field))} |\n" for key, field in keys)
    return (
        f"\n## [{header}]\n\n{_about(field)}\n\n"
        f"| Key | Type | Default | Environment | Meaning |\n|---|---|---|---|---|\n{rows}"
    )


def _about(field: FieldInfo) -> str:
    annotation = bare(field.annotation)
    section = bare(get_args(annotation)[1]) if is_mapping(annotation) else annotation
    return str(section.__doc__ if is_section(section) else "Groups of people; spaces name them as their audience.")


def _cells(key: Key, field: FieldInfo) -> Iterator[str]:
    yield f"`{'.'.join(key)}`"
    yield _type(field)
    yield _default(field)
    yield f"`{variable(key)}`"
    yield str(field.description)


def _type(field: FieldInfo) -> str:
    annotation = bare(field.annotation)
    if is_mapping(annotation):
        annotation = bare(get_args(annotation)[1])
    if origin(annotation) is tuple:
        return "list of whole numbers" if bare(get_args(annotation)[0]) is int else "list of texts"
    if choices(annotation):
        return "one of " + ", ".join(f"`{choice}`" for choice in choices(annotation))
    if annotation in {int, float}:
        low, high = bounds(field)
        between = "" if low is None else f", from {low}" if high is None else f", {low} to {high}"
        return ("whole number" if annotation is int else "number") + between
    return {bool: "`true` or `false`", SecretStr: "secret", Path: "path", date: "date"}.get(annotation, "text")


def _default(field: FieldInfo) -> str:
    if field.default is None:
        return "not set"
    if isinstance(field.default, dict):
        return ", ".join(f"`{name} = {toml(value)}`" for name, value in field.default.items())
    return f"`{toml(field.default)}`"


if __name__ == "__main__":
    sys.stdout.write(page())
