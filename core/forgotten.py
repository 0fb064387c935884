"""Who has been forgotten, kept so that nobody can read it: a backup of before must not bring them back.

A file of one JSON object a line, outside the database and its transactions. Of an id only a salted scrypt hash is in
it, and when it was forgotten: enough to recognise somebody whom one knows, as a restored database does.
"""

import hashlib
import json
import os
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from core.errors import StoreError

NAME: Final = "forgotten.jsonl"
COST: Final = 2**11
"""Of scrypt: 2 MB and some 5 ms for each id that is looked at."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One id that is gone. All of what was written under it until `at`."""

    salt: str
    digest: str
    at: datetime

    def to_json(self) -> str:
        return json.dumps(asdict(self) | {"at": self.at.isoformat()})


def note(files: Iterable[Path], ids: Iterable[str], at: datetime) -> None:
    """Adds the ids to each of the files; on the disk when this returns. Blocking. Raises StoreError."""
    files = tuple(files)
    known = entries(files)
    salt = known[-1].salt if known else secrets.token_hex(16)
    new = [Entry(salt, digest(salt, each), at) for each in ids]
    for file in files:
        _append(file, new)


def entries(files: Iterable[Path]) -> list[Entry]:
    """What stands in these files together, each once; files that are not there hold nothing. Raises StoreError."""
    return list(dict.fromkeys(entry for file in files for entry in _read(file)))


def merge(files: Iterable[Path], into: Path) -> None:
    """Everything of these files stands in `into` as well. Raises StoreError."""
    there = set(entries([into]))
    _append(into, [entry for entry in entries(files) if entry not in there])


def recognised(known: Iterable[Entry], ids: Iterable[str], since: datetime) -> set[str]:
    """Those of the ids that were forgotten after this. Blocking: some 5 ms an id."""
    by_salt: defaultdict[str, set[str]] = defaultdict(set)
    for entry in known:
        if entry.at > since:
            by_salt[entry.salt].add(entry.digest)
    ids = list(ids) if by_salt else []
    return {each for each in ids for salt, digests in by_salt.items() if digest(salt, each) in digests}


def digest(salt: str, person: str) -> str:
    hashed = hashlib.scrypt(person.encode("utf-8", "replace"), salt=bytes.fromhex(salt), n=COST, r=8, p=1, dklen=32)
    return hashed.hex()


def _read(file: Path) -> Iterator[Entry]:
    """A last line that was cut off by a crash is none: its person was not yet told that all is gone."""
    try:
        lines = file.read_text(encoding="ascii").split("\n")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError("forget.ledger_unreadable", path=file, reason=error) from error
    for number, line in enumerate(lines[:-1], start=1):
        try:
            fields = json.loads(line)
            yield Entry(str(fields["salt"]), str(fields["digest"]), datetime.fromisoformat(fields["at"]))
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError("forget.ledger_unreadable", path=file, reason=f"line {number}") from error


def _append(file: Path, new: Iterable[Entry]) -> None:
    """What a crash has cut off before is put to its end, so that the next line is whole."""
    text = "".join(f"{entry.to_json()}\n" for entry in new)
    if not text:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "rb+") as opened:
            _cut_rest(opened.fileno())
            opened.write(text.encode("ascii"))
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        raise StoreError("forget.ledger_unwritable", path=file, reason=error.strerror) from error


def _cut_rest(descriptor: int) -> None:
    size = os.fstat(descriptor).st_size
    content = os.pread(descriptor, size, 0)
    if not content.endswith(b"\n"):
        os.ftruncate(descriptor, content.rfind(b"\n") + 1)
