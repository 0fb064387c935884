"""The drill: an office at work is backed up, lost, and put back; and whatever may be wrong is said in one sentence."""

import asyncio
import io
import os
import shutil
import sys
import tarfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from bots.alone import alone, check_user
from bots.backups import back_up
from bots.bootstrap import places_of
from bots.commands import database
from bots.commands.running import Session
from bots.restoring import in_folder, restore, verify
from bots.settings import load_settings
from core.backup import archives_in, last_backup
from core.errors import BackupError, StoreError
from core.people import People
from core.store.schema import known_revisions
from tests.bots.building import ANSWER, QUESTION, running
from tests.bots.keeping import archives, data_of, found_in, rows_of, settings_of, store_of, succeeded
from tests.bots.office import ROOT, Finished, Office
from tests.core.store.crowd import Member, move_in
from tests.models.openrouter_server import OpenRouterServer, answer

GOOD = answer("Bạn được nghỉ phép năm 14 ngày ", "[1].")
SECRET = "sk-or-v1-0123456789abcdef"


def lose(office: Office) -> None:
    """The disk with the data is gone, the backups are not."""
    for path in data_of(office).iterdir():
        if path.name != "backups":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def session_of(office: Office) -> Session:
    """A session that says all into the void."""
    quiet = Console(file=io.StringIO())
    return Session(None, quiet, quiet, settings_of(office))


async def filled(office: Office) -> None:
    """People have asked; there is no index."""
    async with store_of(office) as opened:
        await move_in(opened, 5)


def damage(archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 0xFF
    archive.write_bytes(content)


def moved(office: Office, folder: Path, data: Path) -> Office:
    """Another machine with the same documents, whose data lie in `data`."""
    folder.mkdir()
    text = (office.folder / "sotay.toml").read_text(encoding="utf-8")
    (folder / "sotay.toml").write_text(f'{text}\n[data]\ndirectory = "{data}"\n', encoding="utf-8")
    return Office(folder)


def content_of(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as opened:
        files = {member.name: opened.extractfile(member) for member in opened if member.isfile()}
        return {name: file.read() for name, file in files.items() if file is not None}


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def names_below(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


async def refused(office: Office, *arguments: str, words: str) -> Finished:
    """One sentence with these words, and no traceback."""
    done = await office.sotay(*arguments)
    assert done.status == 1
    assert words in done.notes
    assert "Traceback" not in done.notes
    return done


@pytest.mark.timeout(300)
async def test_the_drill(tmp_path: Path) -> None:
    """Backed up while it answers, lost, put back, and it answers from the index that was put back."""
    async with OpenRouterServer(GOOD) as model:
        office = Office.found(tmp_path, local=model.base_url)
        await succeeded(office, "ingest")
        write(data_of(office) / "uploads" / "noi-bo" / "them.txt", "Quy định thêm")
        async with running(office) as console:
            await console.asked()
            done = await succeeded(office, "backup")
            await console.asked()
        archive = Path(done.out.strip())
        assert archive == archives(office)[0]
        await succeeded(office, "restore", str(archive), "--verify")
        await asyncio.to_thread(lose, office)
        restored = await succeeded(office, "restore", str(archive))
        assert "chỉ mục tìm kiếm" not in restored.notes, "the index was in it"
        rows = await rows_of(office)
        assert (rows["question"], rows["answer"], rows["chunk"]) == (1, 1, 2)
        asked = await office.sotay("ask", QUESTION, "--json")
    assert asked.status == 0
    assert [each["document"] for each in asked.json["citations"]] == ["nghi-phep.md"]
    assert "damaged" not in asked.notes
    assert (data_of(office) / "uploads" / "noi-bo" / "them.txt").read_text(encoding="utf-8") == "Quy định thêm"


@pytest.mark.timeout(300)
async def test_the_same_elsewhere_has_the_same_rows_and_answers(tmp_path: Path) -> None:
    async with OpenRouterServer(GOOD) as model:
        office = Office.found(tmp_path, local=model.base_url)
        await succeeded(office, "ingest")
        await succeeded(office, "ask", QUESTION)
        archive = (await back_up(settings_of(office))).path
        before, elsewhere = await rows_of(office), tmp_path / "elsewhere"
        await succeeded(office, "restore", str(archive), "--to", str(elsewhere))
        other = moved(office, tmp_path / "other", elsewhere)
        assert await rows_of(office) == before
        asked = await other.sotay("ask", QUESTION, "--json")
    assert asked.status == 0, asked.notes
    assert ANSWER in asked.json["answer"]
    assert [each["document"] for each in asked.json["citations"]] == ["nghi-phep.md"]


@pytest.mark.timeout(300)
async def test_data_in_use_or_at_all_are_not_replaced_unasked(tmp_path: Path) -> None:
    async with OpenRouterServer(GOOD) as model:
        office = Office.found(tmp_path, local=model.base_url)
        await succeeded(office, "ingest")
        archive = str((await back_up(settings_of(office))).path)
        async with running(office) as console:
            await console.asked()
            await refused(office, "restore", archive, "--force", words="đang chạy")
            await refused(office, "forget", "lan", "--yes", words="/xoadulieu")
    await refused(office, "restore", archive, words="--force")
    assert (await rows_of(office))["question"] == 1
    await succeeded(office, "restore", archive, "--force")
    assert (await rows_of(office))["question"] == 0
    assert {path.name for path in data_of(office).iterdir() if path.name.startswith(".")} == set()


async def test_neither_secrets_nor_models_are_in_it(tmp_path: Path) -> None:
    office = Office.found(tmp_path, key=SECRET)
    config = office.folder / "sotay.toml"
    write(config, f'{config.read_text(encoding="utf-8")}\n[slack]\nbot_token = "xoxb-1-secret"\n')
    await filled(office)
    write(data_of(office) / "models" / "model.gguf", "weights")
    made = await back_up(settings_of(office))
    content = content_of(made.path)
    assert not any(SECRET.encode() in each or b"xoxb-1-secret" in each for each in content.values())
    assert not any(name.endswith(".gguf") for name in content)
    assert b"[spaces.noi-bo]" in content["sotay.toml"]
    drill = in_folder(settings_of(office), tmp_path / "drill")
    await restore(drill, made.path)
    beside = load_settings(tmp_path / "drill" / "settings-from-backup.toml", {})
    assert beside.groups == settings_of(office).groups
    assert beside.slack.bot_token is None
    assert beside.data.directory == data_of(office)
    there = str(tmp_path / "there")
    moved = load_settings(tmp_path / "drill" / "settings-from-backup.toml", {"SOTAY_DATA__DIRECTORY": there})
    assert moved.data.database_url == f"sqlite+aiosqlite:///{there}/sotay.sqlite"
    places = (moved.data.index, moved.models.directory, moved.backup.directory)
    assert not [place for place in places if place.is_relative_to(data_of(office))]


async def test_as_many_stay_as_are_wanted(tmp_path: Path) -> None:
    office, elsewhere = Office.found(tmp_path), tmp_path / "elsewhere"
    await filled(office)
    made = [await back_up(settings_of(office), elsewhere, 2) for _ in range(3)]
    assert made[2].removed == [made[0].path]
    assert [archive.path for archive in archives_in(elsewhere)] == [made[1].path, made[2].path]
    newest = last_backup(elsewhere)
    assert newest is not None
    assert abs((datetime.now(UTC) - newest).total_seconds()) < 60
    assert archives(office) == []


@pytest.mark.timeout(300)
async def test_without_an_index_it_is_made_anew(tmp_path: Path) -> None:
    async with OpenRouterServer(GOOD) as model:
        office = Office.found(tmp_path, local=model.base_url)
        await succeeded(office, "ingest")
        (data_of(office) / "lexical.sqlite").unlink()
        made = await back_up(settings_of(office))
        assert not made.manifest.index
        await asyncio.to_thread(lose, office)
        done = await succeeded(office, "restore", str(made.path))
        assert "dựng lại từ cơ sở dữ liệu" in done.notes
        async with running(office) as console:
            await console.notes("search index whole again")
            await console.asked()


@pytest.mark.parametrize(("arguments", "words"), [
    (["restore", "/no/such/file", "--verify"], "/no/such/file"),
    (["restore", "{office}/sotay.toml", "--verify"], "bị hỏng"),
    (["restore", "{office}/sotay.toml"], "bị hỏng"),
    (["backup"], "sotay ingest"),
    (["backup", "--to", "/proc/none"], "không ghi được"),
    (["database", "status"], "sotay ingest"),
    (["database", "downgrade", "0005"], "sotay ingest"),
])  # fmt: skip
async def test_what_is_wrong_is_said_in_a_sentence(tmp_path: Path, arguments: Sequence[str], words: str) -> None:
    office = Office.found(tmp_path)
    await refused(office, *(each.format(office=tmp_path) for each in arguments), words=words)
    assert archives(office) == []


async def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    await filled(office)
    await back_up(settings_of(office))
    before = names_below(data_of(office) / "backups")
    done = await asyncio.create_subprocess_exec(
        "bash", "-c", f'ulimit -f 64; exec "{sys.executable}" -m bots --config "{office.folder}/sotay.toml" backup',
        cwd=ROOT, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, notes = await done.communicate()
    assert done.returncode == 1
    assert b"Traceback" not in notes
    assert names_below(data_of(office) / "backups") == before


async def test_a_damaged_archive_changes_nothing(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    await filled(office)
    archive = (await back_up(settings_of(office))).path
    damage(archive)
    before = await rows_of(office)
    with pytest.raises(BackupError):
        await verify(settings_of(office), archive)
    with pytest.raises(BackupError):
        await restore(settings_of(office), archive, may_replace=True)
    assert await rows_of(office) == before
    assert names_below(data_of(office)) == {"sotay.sqlite", "chroma.lock", "backups", ".lock", archive.name}


async def test_who_was_forgotten_elsewhere_is_known_beside_the_backups(tmp_path: Path) -> None:
    """The data folder is lost together with its own ledger."""
    office = Office.found(tmp_path)
    await filled(office)
    settings, gone = settings_of(office), Member(3)
    archive = (await back_up(settings)).path
    async with store_of(office) as opened:
        await People(opened, places_of(settings)).forget(gone.slack)
    await asyncio.to_thread(lose, office)
    done = await restore(settings, archive)
    assert done.forgotten == 2
    assert found_in(data_of(office), gone.secrets) == {}
    assert found_in(data_of(office), Member(2).secrets) != {}
    again = (await back_up(settings)).path
    assert content_of(again)["forgotten.jsonl"].count(b"\n") == 4


async def test_the_schema_goes_down_and_up_again_with_a_backup_before_each(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    await filled(office)
    before = await rows_of(office)
    assert await database.status(session_of(office)) == 0
    assert await database.go_back(session_of(office), "0003") == 0
    assert len(archives(office)) == 1
    assert await database.status(session_of(office)) == 1
    with pytest.raises(StoreError):
        await database.go_back(session_of(office), "0003")
    assert await database.upgrade(session_of(office)) == 0
    assert await database.status(session_of(office)) == 0
    assert (await rows_of(office))["chunk"] == before["chunk"]
    manifests = [await verify(settings_of(office), archive) for archive in archives(office)]
    assert [manifest.revision for manifest in manifests] == [known_revisions()[0], "0003", "0003"]
    await restore(settings_of(office), archives(office)[0], may_replace=True)
    assert await rows_of(office) == before


async def test_a_way_back_is_refused_while_the_service_runs(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    await filled(office)
    for command in (database.upgrade(session_of(office)), database.go_back(session_of(office), "0003")):
        with alone(settings_of(office)), pytest.raises(BackupError) as raised:
            await command
        assert raised.value.message_id == "backup.in_use"
    assert archives(office) == []


def test_root_leaves_no_files_among_those_of_the_service(tmp_path: Path) -> None:
    write(tmp_path / "sotay.toml", "")
    settings = load_settings(tmp_path / "sotay.toml", {})
    check_user(settings)  # there is nothing yet
    settings.data.directory.mkdir()
    check_user(settings)
    if os.geteuid() == 0:
        os.chown(settings.data.directory, 65534, -1)
        with pytest.raises(BackupError) as raised:
            check_user(settings)
        assert "sudo -u" in raised.value.text("vi")
