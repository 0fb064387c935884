"""The ledger of the forgotten: recognises whom one knows, tells nobody who they are, and outlives a crash."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import StoreError
from core.forgotten import entries, merge, note, recognised

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BEFORE, AFTER = NOON - timedelta(days=1), NOON + timedelta(days=1)
IDS = ["slack:U0AN", "telegram:7001", "bình"]


def test_who_was_forgotten_after_a_moment_is_recognised(tmp_path: Path) -> None:
    ledger = tmp_path / "forgotten.jsonl"
    note([ledger], IDS[:2], NOON)
    note([ledger], IDS[2:], AFTER)
    known = entries([ledger])
    assert recognised(known, [*IDS, "slack:U0CHI"], BEFORE) == set(IDS)
    assert recognised(known, IDS, NOON) == {"bình"}
    assert recognised(known, IDS, AFTER) == set()
    assert recognised(known, ["slack:U0CHI", "slack:U0A"], BEFORE) == set()
    assert recognised([], IDS, BEFORE) == set()


def test_nobody_can_read_who_it_was(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    note([one], IDS, NOON)
    note([other], IDS, NOON)
    text = one.read_text(encoding="ascii")
    assert not any(part in text for each in IDS for part in each.split(":"))
    digests = {entry.digest for entry in entries([one])}
    assert digests.isdisjoint(entry.digest for entry in entries([other])), "each ledger has its own salt"
    assert stat.S_IMODE(one.stat().st_mode) == 0o600


def test_several_ledgers_are_one(tmp_path: Path) -> None:
    one, other, both = tmp_path / "one", tmp_path / "other", tmp_path / "folder" / "both"
    note([one], IDS[:1], NOON)
    note([other], IDS[1:2], NOON)
    note([one, other], IDS[2:], NOON)
    merge([one, other, tmp_path / "none"], both)
    assert recognised(entries([both]), IDS, BEFORE) == set(IDS)
    size = both.stat().st_size
    merge([one, other], both)
    assert both.stat().st_size == size


def test_nothing_to_note_makes_no_file(tmp_path: Path) -> None:
    note([tmp_path / "ledger"], [], NOON)
    merge([tmp_path / "none"], tmp_path / "ledger")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("rest", [b'{"salt": "00', b"{", b'{"salt": "00", "digest": "00", "at": "2026-11-23"}'])
def test_a_line_that_was_cut_off_is_none_and_the_next_is_whole(tmp_path: Path, rest: bytes) -> None:
    ledger = tmp_path / "ledger"
    note([ledger], IDS[:1], NOON)
    with ledger.open("ab") as file:
        file.write(rest)
    assert len(entries([ledger])) == 1
    note([ledger], IDS[1:], NOON)
    assert recognised(entries([ledger]), IDS, BEFORE) == set(IDS)


@pytest.mark.parametrize("line", [b"{}\n", b"no\n", b"\xff\n", b'{"salt": "0", "digest": "0", "at": "x"}\n'])
def test_a_ledger_that_cannot_be_read_is_said(tmp_path: Path, line: bytes) -> None:
    ledger = tmp_path / "ledger"
    note([ledger], IDS, NOON)
    ledger.write_bytes(line + ledger.read_bytes())
    with pytest.raises(StoreError) as raised:
        entries([ledger])
    assert raised.value.message_id == "forget.ledger_unreadable"
    assert str(ledger) in raised.value.text("vi")


def test_a_ledger_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError) as raised:
        note([tmp_path / "file" / "ledger"], IDS, NOON)
    assert raised.value.message_id in {"forget.ledger_unwritable", "forget.ledger_unreadable"}
