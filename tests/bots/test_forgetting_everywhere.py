"""Of one among a thousand nothing is left in any file, also after a backup of before was put back."""

import asyncio
import functools
import json
import time
from pathlib import Path

import pytest

from bots.backups import back_up
from bots.restoring import restore
from core.feedback import FeedbackBook
from core.store.database import Database
from tests.bots.keeping import archives, data_of, found_in, rows_of, settings_of, store_of, succeeded
from tests.bots.office import Office
from tests.core.store.crowd import Member, members, move_in

CROWD = 1_000
GONE = Member(30)
"""Has also said something to others, in a channel in which they never asked us."""
AT_MOST = 60.0
"""Seconds."""


async def inhabited(folder: Path) -> Office:
    """An office with a thousand people, an index, exports and a backup; everybody is in the database's log as well."""
    office = Office.found(folder)
    await succeeded(office, "ingest")
    async with store_of(office) as database:
        await move_in(database, CROWD)
        for kind in ("sft", "kto"):
            await export(database, kind, data_of(office) / "exports")
    await succeeded(office, "export-person", GONE.slack, "-o", str(data_of(office) / "exports" / "somebody.json"))
    await back_up(settings_of(office))
    return office


async def export(database: Database, kind: str, folder: Path) -> Path:
    await asyncio.to_thread(functools.partial(folder.mkdir, exist_ok=True))
    with (folder / f"{kind}.jsonl").open("w", encoding="utf-8") as out:
        await FeedbackBook(database).export(kind, out, confidential=True)
    return folder / f"{kind}.jsonl"


@pytest.mark.timeout(300)
async def test_no_byte_of_one_among_a_thousand_is_left_and_all_others_are(tmp_path: Path) -> None:
    office = await inhabited(tmp_path)
    data = data_of(office)
    before = found_in(data, GONE.secrets)
    assert {"sotay.sqlite", "sft.jsonl", "kto.jsonl", "somebody.json"} <= before.keys()
    rows = await rows_of(office)
    started = time.monotonic()
    done = await succeeded(office, "forget", GONE.telegram, "--yes")
    assert time.monotonic() - started < AT_MOST
    assert found_in(data, GONE.secrets) == {}
    assert str(archives(office)[0]) in done.notes
    assert_others_are_whole(data)
    after = await rows_of(office)
    removed = {name: rows[name] - after[name] for name in rows if rows[name] != after[name]}
    assert removed.pop("inbox_event") == 5
    assert removed == {
        "question": 2, "answer": 2, "passage": 2, "citation": 2, "shadow_answer": 2, "inbox": 2, "inbox_message": 2,
        "inbox_post": 2, "feedback": 3, "correction": 3, "person_preference": 1, "thread_mute": 1, "admission": 1,
        "admission_code": 1, "wrong_code": 1, "person_link": 1,
    }  # fmt: skip

    await restore(settings_of(office), archives(office)[0], may_replace=True)
    assert found_in(data, GONE.secrets) == {}
    assert_others_are_whole(data)
    assert await rows_of(office) == after


def assert_others_are_whole(data: Path) -> None:
    content = (data / "sotay.sqlite").read_bytes()
    missing = [each.number for each in members(CROWD) if each != GONE and f"Đáp {each.mark}".encode() not in content]
    assert missing == []


async def test_the_exports_keep_what_others_have_said(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    async with store_of(office) as database:
        await move_in(database, 40)
        samples = await export(database, "kto", data_of(office) / "exports")
    before = answers_in(samples)
    await succeeded(office, "forget", GONE.slack, "--yes")
    after = answers_in(samples)
    assert set(after) < set(before)
    assert "a-qc1" in after
    assert found_in(samples.parent, GONE.secrets) == {}


def answers_in(samples: Path) -> list[str]:
    return [json.loads(line)["answer_id"] for line in samples.read_text(encoding="utf-8").splitlines()]


async def test_what_is_held_of_a_person_is_handed_out_under_all_their_ids(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    async with store_of(office) as database:
        await move_in(database, 40)
    done = await succeeded(office, "export-person", GONE.telegram)
    held = done.json
    assert (held["person"], held["ids"]) == (GONE.slack, [GONE.slack, GONE.telegram])
    kinds = {name for name, rows in held.items() if isinstance(rows, list) and rows}
    assert kinds == held.keys() - {"person", "exported_at"}
    assert [each["text"] for each in held["questions"]] == [f"{GONE.mark} hỏi"] * 2
    assert held["answers"][0]["passages"][0]["text"] == GONE.mark
    others = [each.mark for each in members(40) if each != GONE and each.mark in done.out]
    assert others == []


async def test_forgetting_asks_first_and_takes_no_for_an_answer(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    async with store_of(office) as database:
        await move_in(database, 10)
    rows = await rows_of(office)
    for typed in ("", "slack:U1\n"):
        done = await office.sotay("forget", Member(3).slack, typed=typed)
        assert done.status == 1
        assert "Chưa xóa gì" in done.notes
    assert await rows_of(office) == rows
    assert not (data_of(office) / "forgotten.jsonl").exists()
    done = await succeeded(office, "forget", Member(3).slack, typed=f"{Member(3).slack}\n")
    assert "Đã quên" in done.notes
    assert found_in(data_of(office), Member(3).secrets) == {}


async def test_a_person_of_whom_nothing_is_held_is_noted_all_the_same(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    async with store_of(office) as database:
        await move_in(database, 3)
    rows = await rows_of(office)
    await succeeded(office, "forget", "slack:U0NOBODY", "--yes")
    assert await rows_of(office) == rows
    assert (data_of(office) / "forgotten.jsonl").read_text(encoding="ascii").count("\n") == 2
