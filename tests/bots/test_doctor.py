"""Planted faults: the doctor finds each, with what mends it, and finds nothing where nothing is wrong."""

import pwd
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bots.doctor import access, machine, storage, unread
from bots.doctor.findings import Level
from bots.settings import load
from bots.units import judging
from bots.units.chosen import USER
from bots.units.files import compared, stamped
from bots.units.place import this_place
from bots.units.rendering import EVERY_FILE, SYSTEM, rendered
from core.jobs import RunOutcome
from core.store.database import open_as_it_is, url_of
from core.store.jobs import JobRuns
from models.machine import this_machine
from tests.bots.ailing import NOWHERE, Ailing, ailing, backed_up, ingested
from tests.bots.office import Office
from tests.retrieval import office_files

Plant = Callable[[Ailing], Awaitable[object] | object]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ingested(tmp_path_factory.mktemp("doctor"))


@pytest.fixture
async def office(made: Path, tmp_path: Path) -> AsyncIterator[Ailing]:
    async with ailing(made, tmp_path) as found:
        yield found


def change(section: str, **keys: object) -> Plant:
    """Settings with other values; None takes a key away."""

    def plant(office: Ailing) -> None:
        for key, value in keys.items():
            if value is None:
                del office.sections[section][key]
            else:
                office.sections.setdefault(section, {})[key] = value
        office.write()

    return plant


def gone(section: str) -> Plant:
    def plant(office: Ailing) -> None:
        del office.sections[section]
        office.write()

    return plant


def sql(file: str, statement: str) -> Plant:
    def plant(office: Ailing) -> None:
        with closing(sqlite3.connect(office.data / file)) as connection, connection:
            connection.execute(statement)

    return plant


def garbage(file: str) -> Plant:
    return lambda office: (office.data / file).write_bytes(b"no database at all" * 100)


def credential(office: Ailing) -> None:
    folder = office.folder / "credentials"
    folder.mkdir()
    (folder / "telegram.token").write_text("1:x", encoding="utf-8")
    (folder / "telegram.token").chmod(0o640)


def no_data(office: Ailing) -> None:
    office.data.rename(office.folder / "elsewhere")


def overwritten_page(office: Ailing) -> None:
    """A page in the middle is not what it was."""
    file = office.data / "sotay.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'document'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.open("r+b") as raw:
        raw.seek((page - 1) * size)
        raw.write(b"\xff" * size)


async def failed_job(office: Ailing) -> None:
    async with open_as_it_is(url_of(office.data / "sotay.sqlite")) as database:
        runs = JobRuns(database)
        await runs.claim("digest", "2026-11-23T08:00")
        await runs.finish("digest", "2026-11-23T08:00", RunOutcome.FAILED, "no such channel")


def damaged_model(office: Ailing) -> None:
    (office.folder / "own.gguf").write_bytes(b"not a model")
    local(office, "own.gguf")


def local(office: Ailing, name: str, **more: object) -> None:
    office.sections["models"] = {"local": name, **more}
    office.write()


def cut_off_model(office: Ailing) -> None:
    path = office.data / "models" / "qwen2.5-7b-instruct-q4_k_m.gguf"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"GGUF")
    local(office, "qwen2.5-7b-instruct")


def broken_driver(office: Ailing) -> None:
    script = office.folder / "nvidia-smi"
    script.write_text("#!/bin/sh\necho 'NVIDIA-SMI has failed: no driver'\nexit 9\n", encoding="utf-8")
    script.chmod(0o755)
    office.replace(machine.driver(lambda: this_machine(str(script))))
    local(office, "own.gguf")


async def set_webhook(office: Ailing) -> None:
    url = f"{office.telegram.base_url}{office.telegram.token}/setWebhook"
    async with aiohttp.ClientSession() as session, session.post(url, json={"url": "https://old.example/x"}) as answer:
        assert (await answer.json())["ok"]


async def webhook_elsewhere(office: Ailing) -> None:
    await set_webhook(office)
    change("telegram", mode="webhook", url="https://new.example/telegram", secret="s-1")(office)


def late_clock(office: Ailing) -> None:
    office.host.late = timedelta(minutes=5)
    gone("slack")(office)
    gone("telegram")(office)


def unit(then: Callable[[Path], object]) -> Plant:
    """All units as they should be, but for the one of the service."""

    def plant(office: Ailing) -> None:
        settings = load(office.config, {}).settings
        for file in compared(office.root, rendered(settings, this_place(office.config, USER)), EVERY_FILE):
            file.settle()
        then(office.root / SYSTEM / "sotay.service")

    return plant


def file(name: str, data: bytes) -> Plant:
    """One more in the folder of documents."""
    return lambda office: (office.folder / "noi-bo" / name).write_bytes(data)


def forgotten_file(office: Ailing) -> None:
    """Two hours have passed, and nobody has read it."""
    file("quy-che.md", b"# Quy che")(office)
    office.replace(unread.unread(lambda: time.time() + 7_200))


def said(**facts: object) -> Plant:
    def plant(office: Ailing) -> None:
        for name, value in facts.items():
            setattr(office.host, name, value)

    return plant


FAIL, WARN = Level.FAIL, Level.WARN
FAULTS: dict[str, tuple[Plant, str, Level, str]] = {
    "a misspelt key": (change("log", levl="info"), "settings", FAIL, "sotay config check"),
    "api without OpenRouter": (
        lambda office: (change("routing", strategy="api")(office), gone("openrouter")(office)),
        "settings", WARN, "[openrouter] enabled",
    ),
    "nobody decides": (change("groups", administrators=None), "settings", WARN, "[groups] administrators"),
    "an empty group": (change("groups", hr=[]), "settings", WARN, "[groups] hr"),
    "an audience of nobody": (
        lambda office: (
            change("groups", hr=[])(office),
            change("spaces", **{"noi-bo": {"sources": ["noi-bo"], "audience": ["hr"]}})(office),
        ),
        "audience", WARN, "[spaces.noi-bo] audience",
    ),
    "no spaces": (gone("spaces"), "audience", WARN, "[spaces.NAME] sources"),
    "an unknown time zone": (change("office", timezone="Asia/Hanoi"), "settings", FAIL, "sotay config check"),
    "an open settings file": (lambda office: office.config.chmod(0o644), "secrets", FAIL, "chmod 600 {folder}/sotay"),
    "an open credential": (credential, "secrets", FAIL, "chmod 600 {folder}/credentials/telegram.token"),
    "no data folder": (no_data, "folder", FAIL, "sotay ingest"),
    "a full disk": (lambda office: office.replace(access.disk(lambda _: 0.2)), "disk", FAIL, "du -xh"),
    "a disk that fills": (lambda office: office.replace(access.disk(lambda _: 3.0)), "disk", WARN, "du -xh"),
    "no database": (lambda office: (office.data / "sotay.sqlite").unlink(), "database", FAIL, "sotay ingest"),
    "no database but a text": (garbage("sotay.sqlite"), "database", FAIL, "sotay restore FILE"),
    "a damaged page": (overwritten_page, "database", FAIL, "sotay restore FILE"),
    "a newer database": (
        sql("sotay.sqlite", "UPDATE alembic_version SET version_num = '9999'"),
        "database", FAIL, "pip install --upgrade sotay",
    ),
    "an older database": (
        sql("sotay.sqlite", "UPDATE alembic_version SET version_num = '0005'"),
        "database", WARN, "sotay database upgrade",
    ),
    "no backup": (lambda office: next((office.data / "backups").iterdir()).unlink(), "backup", WARN, "sotay backup"),
    "an old backup": (lambda o: backed_up(o.folder, timedelta(days=3)), "backup", WARN, "sotay backup"),
    "a very old backup": (lambda o: backed_up(o.folder, timedelta(days=9)), "backup", FAIL, "sotay backup"),
    "a folder that is gone": (
        lambda office: (office.folder / "noi-bo").rename(office.folder / "moved"),
        "folders", FAIL, "[spaces.noi-bo] sources",
    ),
    "a space without documents": (
        change("spaces", trong={"sources": ["noi-bo"]}), "documents", WARN, "sotay ingest",
    ),
    "a scan": (file("quy-che.pdf", office_files.scan()), "refused", WARN, "sotay ingest"),
    "a file with a password": (file("luong.xlsx", office_files.locked_office()), "refused", WARN, "sotay ingest"),
    "a file of old Word": (file("don.doc", b"\xd0\xcf\x11\xe0"), "refused", WARN, "sotay ingest"),
    "a file that is too large": (
        lambda o: (change("ingest", max_file_mb=0.001)(o), file("to.md", b"x" * 1_001)(o)),
        "refused", WARN, "[ingest] max_file_mb",
    ),
    "a file that nobody has read": (forgotten_file, "refused", WARN, "sotay ingest"),
    "vectors are missing": (
        sql("chroma/chroma.sqlite3", "DELETE FROM embeddings"), "vectors", FAIL, "sotay ingest --rebuild",
    ),
    "damaged vectors": (garbage("chroma/chroma.sqlite3"), "vectors", FAIL, "sotay ingest --rebuild"),
    "words are missing": (sql("lexical.sqlite", "DELETE FROM chunk"), "words", FAIL, "sotay ingest --rebuild"),
    "damaged words": (garbage("lexical.sqlite"), "words", FAIL, "sotay ingest --rebuild"),
    "no embedder": (change("models", embedder="bge-m3"), "embedder", FAIL, "sotay models fetch bge-m3"),
    "a failed job": (failed_job, "jobs", FAIL, "sotay jobs run digest"),
    "no model": (
        lambda office: local(office, "qwen2.5-7b-instruct"), "model", FAIL, "sotay models fetch qwen2.5-7b-instruct",
    ),
    "a model that is none": (damaged_model, "model", FAIL, "[models] local"),
    "half a model": (cut_off_model, "model", FAIL, "sotay models fetch qwen2.5-7b-instruct"),
    "no hub": (
        lambda office: local(office, "qwen2.5-7b-instruct", hub_url=NOWHERE), "egress", WARN, "[models] hub_url",
    ),
    "a broken driver": (broken_driver, "driver", FAIL, "nvidia-smi"),
    "a wrong bot token": (change("slack", bot_token="xoxb-wrong"), "slack_bot_token", FAIL, "[slack] bot_token"),
    "a wrong app token": (change("slack", app_token="xapp-wrong"), "slack_app_token", FAIL, "[slack] app_token"),
    "no app token": (change("slack", app_token=None), "slack_app_token", FAIL, "[slack] app_token"),
    "no signing secret": (change("slack", mode="http"), "slack_app_token", FAIL, "[slack] signing_secret"),
    "no Slack": (change("slack", api_url=NOWHERE), "egress", FAIL, "[slack] api_url"),
    "a wrong Telegram token": (change("telegram", token="1:wrong"), "telegram_token", FAIL, "[telegram] token"),
    "no Telegram": (change("telegram", api_url=NOWHERE), "egress", FAIL, "[telegram] api_url"),
    "a webhook in the way": (set_webhook, "telegram_webhook", FAIL, "systemctl restart sotay"),
    "a webhook elsewhere": (webhook_elsewhere, "telegram_webhook", FAIL, "systemctl restart sotay"),
    "a webhook without address": (change("telegram", mode="webhook"), "telegram_webhook", FAIL, "[telegram] url"),
    "no server for the model": (
        change("models", local_base_url=f"{NOWHERE}/v1"), "egress", FAIL, "[models] local_base_url",
    ),
    "no OpenRouter": (change("openrouter", base_url=NOWHERE), "egress", FAIL, "[openrouter] base_url"),
    "no key": (change("openrouter", api_key=None), "openrouter_key", FAIL, "[openrouter] api_key"),
    "a wrong key": (said(key_status=401), "openrouter_key", FAIL, "[openrouter] api_key"),
    "a spent key": (said(remaining=0.0), "openrouter_key", FAIL, "https://openrouter.ai/settings/keys"),
    "a clock that is off": (late_clock, "clock", FAIL, "timedatectl set-ntp true"),
    "a changed unit": (
        unit(lambda path: path.write_text("[Service]\n", encoding="utf-8")),
        "units", WARN, "sotay service install --force",
    ),
    "a missing unit": (unit(Path.unlink), "units", FAIL, "sotay service install"),
    "an outdated unit": (
        unit(lambda path: path.write_text(stamped("[Service]\n"), encoding="utf-8")),
        "units", WARN, "sotay service install",
    ),
}  # fmt: skip
if judging.is_there():
    FAULTS["a unit that is not hardened"] = (
        unit(lambda path: path.write_text("[Service]\nExecStart=/bin/true\n", encoding="utf-8")),
        "exposure", WARN, "sotay service install --force",
    )  # fmt: skip


@pytest.mark.parametrize(("plant", "name", "level", "remedy"), FAULTS.values(), ids=FAULTS.keys())
async def test_a_planted_fault_is_found_with_what_mends_it(
    office: Ailing, plant: Plant, name: str, level: Level, remedy: str
) -> None:
    planted = plant(office)
    if isinstance(planted, Awaitable):
        await planted

    found = [finding for finding in await office.findings() if finding.level is not Level.OK]

    told = [(finding.name, finding.level) for finding in found if remedy.format(folder=office.folder) in finding.remedy]
    assert (name, level) in told, [finding.report("en") for finding in found]


def test_at_least_thirty_faults_are_planted() -> None:
    assert len(FAULTS) >= 30


async def test_nothing_is_found_where_nothing_is_wrong_within_ten_seconds(office: Ailing) -> None:
    begun = time.monotonic()

    found = await office.findings()

    assert [finding.report("en") for finding in found if finding.level is not Level.OK] == []
    assert time.monotonic() - begun < 10
    assert {"slack_scopes", "telegram_privacy", "clock", "vectors", "words", "jobs", "backup"} <= {
        f.name for f in found
    }
    assert all(finding.text(language) for finding in found for language in ("vi", "en"))


async def test_refused_files_are_named_with_the_reason_and_what_is_no_document_is_passed_over(office: Ailing) -> None:
    file("quy-che.pdf", office_files.scan())(office)
    file("lich.doc", b"\xd0\xcf\x11\xe0")(office)
    file("moi.md", b"# Moi")(office)
    file("anh.jpg", b"\xff\xd8\xff")(office)

    found = [finding for finding in await office.findings() if finding.level is not Level.OK]

    told = [finding.text("en") for finding in found]
    assert len(told) == 2, "the new file waits for its turn"
    assert "noi-bo" in told[0]
    assert "lich.doc is of a kind that is not read" in told[0]
    assert "quy-che.pdf is a scan without a text layer" in told[1]


async def test_of_many_refused_files_the_first_are_named_and_the_others_counted(office: Ailing) -> None:
    for number in range(8):
        file(f"{number}.doc", b"\xd0\xcf\x11\xe0")(office)
    office.replace(unread.unread(lambda: time.time() + 7_200))

    found = [finding for finding in await office.findings() if finding.name == "refused"]

    assert [(f.more, f.facts.get("count")) for f in found] == [*[("file", None)] * 5, ("unread", 3)]


async def test_a_file_is_parsed_only_as_the_owner_of_the_data_and_else_it_is_said_who_that_is(office: Ailing) -> None:
    file("quy-che.pdf", office_files.scan())(office)
    file("lich.doc", b"\xd0\xcf\x11\xe0")(office)
    owner = (office.data.stat()).st_uid
    office.replace(unread.unread(lambda: time.time() + 7_200, lambda: owner + 1))

    found = [finding for finding in await office.findings() if finding.name == "refused"]

    assert [(f.more, f.remedy) for f in found] == [
        ("file", "sotay ingest"), ("unread", f"sudo -u {pwd.getpwuid(owner).pw_name} sotay doctor"),
    ]  # fmt: skip
    assert found[1].facts["path"] == "quy-che.pdf"


async def test_a_scope_that_the_app_lacks_is_named(made: Path, tmp_path: Path) -> None:
    async with ailing(made, tmp_path, lacking="im:write") as office:
        found = [finding for finding in await office.findings() if finding.level is not Level.OK]

    assert [(f.name, f.remedy, f.facts["scopes"]) for f in found] == [
        ("slack_scopes", "sotay slack manifest", "im:write")
    ]


async def test_a_telegram_bot_that_reads_everything_is_told_of(made: Path, tmp_path: Path) -> None:
    async with ailing(made, tmp_path, privacy=False) as office:
        found = [finding for finding in await office.findings() if finding.level is not Level.OK]

    assert [(f.name, f.level) for f in found] == [("telegram_privacy", Level.WARN)]
    assert "/setprivacy" in found[0].remedy


async def test_several_processes_on_an_old_sqlite_are_warned_of(office: Ailing) -> None:
    """One writes here, another one there."""
    file = office.data / "sotay.sqlite"
    office.replace(storage.library((3, 51, 2)))
    code = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA user_version'); print(flush=True)"
    command = [sys.executable, "-c", f"{code}; sys.stdin.read()", str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:  # noqa: S603, ASYNC220
        assert other.stdout is not None
        other.stdout.readline()
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA user_version")
            found = [finding for finding in await office.findings() if finding.level is not Level.OK]
        other.communicate()

    assert [(f.name, f.level, f.facts["processes"]) for f in found] == [("sqlite", Level.WARN, 2)]


async def test_a_port_that_another_program_has_is_told_of(office: Ailing) -> None:
    runner = web.AppRunner(web.Application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    change("web", port=runner.addresses[0][1])(office)

    found = [finding for finding in await office.findings() if finding.level is not Level.OK]
    await runner.cleanup()

    assert [(f.name, f.remedy) for f in found] == [("web", "[web] port")]


async def test_a_check_that_hangs_holds_up_nothing(office: Ailing) -> None:
    office.slack.fail("auth.test", "hang")
    begun = time.monotonic()

    found = [finding for finding in await office.findings() if finding.level is not Level.OK]

    assert time.monotonic() - begun < 10
    assert [(f.name, f.more, f.facts["check"]) for f in found] == [("doctor", "late", "slack_bot_token")]


async def test_the_command_tells_monitoring_by_its_status(office: Ailing) -> None:
    command = Office(office.folder)

    good = await command.sotay("doctor", "--json")
    backed_up(office.folder, timedelta(days=3))
    doubtful = await command.sotay("doctor", "--json")
    (office.folder / "noi-bo").rename(office.folder / "moved")
    bad = await command.sotay("doctor")

    assert (good.status, good.json["level"], good.json["fail"], good.json["warn"]) == (0, "ok", 0, 0), good.out
    assert (doubtful.status, doubtful.json["level"], doubtful.json["fail"], doubtful.json["warn"]) == (1, "warn", 0, 1)
    assert bad.status == 2
    assert "[spaces.noi-bo] sources" in bad.out
    office.config.write_text("[log]\nlevl = 1\n", encoding="utf-8")
    assert (await command.sotay("doctor")).status == 2, "settings that cannot be read"
    assert office.slack.bot_token not in bad.out + bad.notes + good.out + good.notes
