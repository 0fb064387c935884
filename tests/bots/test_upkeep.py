"""`sotay jobs`, as an administrator uses it, and the watch on folders."""

import asyncio
from pathlib import Path

from bots.folders import FolderWatch, local_folders
from bots.rereading import WISH
from core.clock import SteadyClock
from core.store.wishes import Wishes
from tests.bots.office import Office
from tests.core.store.databases import fresh_database


async def test_jobs_are_listed_run_by_hand_and_noted(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    listed = await office.sotay("jobs", "list")
    assert listed.status == 0, listed.notes
    assert [line.split()[0] for line in listed.out.splitlines()[1:]] == [
        "reread", "backup", "retention", "budget", "digest", "health",
    ]  # fmt: skip
    told = await office.sotay("jobs", "run", "digest")
    assert (told.status, "0 câu hỏi" in told.out) == (0, True)
    assert "xong" in told.notes
    made = await office.sotay("jobs", "run", "backup")
    assert made.status == 0, made.notes
    assert list((tmp_path / "var" / "backups").glob("sotay-*"))


async def test_a_job_that_fails_and_one_that_is_none_are_told(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    failed = await office.sotay("jobs", "run", "health")
    assert (failed.status, "health" in failed.out) == (1, True)
    unknown = await office.sotay("jobs", "run", "nothing")
    assert unknown.status == 1
    assert "reread, backup" in unknown.notes


async def test_a_time_that_is_none_is_refused_with_the_key(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    with (tmp_path / "sotay.toml").open("a", encoding="utf-8") as file:
        file.write('[schedule]\nbackup = "2 o\'clock"\n')
    done = await office.sotay("config", "check")
    assert done.status == 1
    assert "schedule.backup" in done.out + done.notes


async def test_a_change_in_a_folder_is_a_wish_to_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "noi-bo"
    folder.mkdir()
    async with fresh_database("sqlite", tmp_path) as database:
        wished, stopping = asyncio.Event(), asyncio.Event()

        class Noted(Wishes):
            async def ask(self, what: str, at: object) -> None:
                del at
                assert what == WISH
                wished.set()

        watch = FolderWatch([folder], Noted(database), SteadyClock(), quiet_ms=50)
        async with asyncio.TaskGroup() as group:
            group.create_task(watch.run(stopping))
            while not wished.is_set():  # the watch may begin after the first file
                (folder / "moi.md").write_text("# Mới\n", encoding="utf-8")
                try:
                    async with asyncio.timeout(0.3):
                        await wished.wait()
                except TimeoutError:
                    continue
            stopping.set()


async def test_without_folders_there_is_nothing_to_watch(tmp_path: Path) -> None:
    assert local_folders([str(tmp_path), str(tmp_path / "none"), "s3://bucket/folder"]) == [tmp_path]
    async with fresh_database("sqlite", tmp_path) as database:
        await FolderWatch([], Wishes(database), SteadyClock()).run(asyncio.Event())
