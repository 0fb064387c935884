"""On which line of a TOML file each key stands. Tells places only; `tomllib` has judged the file before."""

import re
import tomllib
from collections.abc import Iterator

_SPACE = re.compile(r"(?:\s|#[^\n]*)*")
_HEADER = re.compile(r"\[\[?([^\n]*?)\]\]?[ \t]*(?=#|\r|\n|\Z)")
_NAME = re.compile(r"""[ \t]*("(?:\\.|[^"\\])*"|'[^']*'|[\w-]+)[ \t]*""")
_STRING = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}|' r"'''.*?'{3,5}|" r'"(?:\\.|[^"\\\n])*"|' r"'[^'\n]*'", re.DOTALL)
_COMMENT = re.compile(r"#[^\n]*")


def key_lines(text: str) -> dict[tuple[str, ...], int]:
    """First line, counted from 1, of every table and key of a valid TOML text.

    Tables that only stand in longer names are on the line of the first longer name. Keys inside inline tables are
    left out: they share the line of the key above them.
    """
    lines: dict[tuple[str, ...], int] = {}
    for key, position in _statements(text):
        line = text.count("\n", 0, position) + 1
        for length in range(1, len(key) + 1):
            lines.setdefault(key[:length], line)
    return lines


def _statements(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    table: tuple[str, ...] = ()
    position = _skip(text, 0)
    while position < len(text):
        start = position
        header = _HEADER.match(text, position)
        if header:
            table, _ = _dotted(header[1], 0)
            position = header.end()
            yield table, start
        else:
            key, position = _dotted(text, position)
            position = _after_value(text, position + 1)
            yield (*table, *key), start
        position = _skip(text, position)


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _dotted(text: str, position: int) -> tuple[tuple[str, ...], int]:
    names: list[str] = []
    while found := _NAME.match(text, position):
        names.append(_unquoted(found[1]))
        position = found.end()
        if not text.startswith(".", position):
            break
        position += 1
    return tuple(names), position


def _unquoted(name: str) -> str:
    if name[0] not in "\"'":
        return name
    return str(tomllib.loads(f"name = {name}")["name"])


def _after_value(text: str, position: int) -> int:
    """The end of the value at `position`: the first line break outside brackets and strings."""
    depth = 0
    while position < len(text):
        character = text[position]
        if character in "\"'#":
            found = (_COMMENT if character == "#" else _STRING).match(text, position)
            position = found.end() if found else position + 1
            continue
        depth += (character in "[{") - (character in "]}")
        if character == "\n" and depth <= 0:
            return position
        position += 1
    return position
