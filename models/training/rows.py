"""Labelled questions that the router learns from: JSON Lines, one question each."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from core.errors import SotayError
from core.folding import fold

COMPLEXITIES = ("simple", "medium", "complex")
KINDS = ("rag", "chitchat", "out_of_scope", "attack")
NEIGHBOURS = 9
"""Rows that were written one after another vary one subject: so many are kept together when a model is tested."""


@dataclass(frozen=True, slots=True)
class Row:
    """One question. `group` says which rows belong together, `weight` how much it counts."""

    text: str
    complexity: str
    kind: str = "rag"
    language: str = ""
    group: str = ""
    weight: float = 1.0


def read_rows(path: Path) -> list[Row]:
    """The rows of a file with `text`, `complexity` and, where they are, `kind` and `lang`. Raises `SotayError`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SotayError("router.cannot_read", path=path, reason=error) from error
    return rows_of(lines, path.name)


def shipped_rows() -> list[Row]:
    """The rows that the shipped model was made of."""
    files = sorted(
        (
            entry
            for entry in resources.files("models.training").joinpath("rows").iterdir()
            if entry.name.endswith(".jsonl")
        ),
        key=lambda entry: entry.name,
    )
    return [row for entry in files for row in rows_of(entry.read_text(encoding="utf-8").splitlines(), entry.name)]


def rows_of(lines: Iterable[str], name: str) -> list[Row]:
    """The rows of JSON lines out of a file called `name`. Raises `SotayError` with the number of a bad line."""
    rows: list[Row] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                rows.append(_row(json.loads(line), f"{name}:{len(rows) // NEIGHBOURS}"))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise SotayError("router.bad_row", path=name, line=number, reason=error) from error
    return rows


def _row(data: Mapping[str, Any], group: str) -> Row:
    complexity, kind = data["complexity"], data.get("kind") or "rag"
    if complexity not in COMPLEXITIES or kind not in KINDS:
        raise ValueError(f"{complexity!r}, {kind!r}")
    if not data["text"].strip():
        raise ValueError("empty text")
    return Row(data["text"], complexity, kind, data.get("lang") or "", data.get("group") or group)


def without_repeats(rows: Iterable[Row]) -> list[Row]:
    """The first of rows that are the same without tone marks."""
    return list({fold(row.text).strip(): row for row in reversed(list(rows))}.values())[::-1]


def digest(rows: Sequence[Row]) -> str:
    """SHA-256 of all that is learnt from."""
    lines = (f"{row.text}\t{row.complexity}\t{row.kind}\t{row.group}\t{row.weight}\n" for row in rows)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
