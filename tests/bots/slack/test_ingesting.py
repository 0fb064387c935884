"""`/sotay`: help for everybody, and for administrators the way of documents into the handbook."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bots.slack import views
from bots.slack.files import SlackFiles
from bots.slack.ids import person_of
from bots.slack.ingesting import MESSAGE, Added, Ingesting, packed, wanted_space
from core.conversation import RefusedFile
from core.errors import IngestError
from tests.bots.slack.bench import Bench, a_bench
from tests.slack_server.hands import Outcome as Pressed

SPACES = ("noi-bo", "Công khai")


@dataclass
class Shelf:
    """A `Library` that keeps what it is given; files named in `refused` it does not read."""

    kept: list[tuple[str, str, bytes]] = field(default_factory=list)
    refused: Mapping[str, RefusedFile] = field(default_factory=dict)
    is_broken: bool = False

    async def add(self, space: str, name: str, data: bytes) -> Added:
        if self.is_broken:
            raise IngestError("ingest.folder_missing", source="kho")
        if name in self.refused:
            return Added(0, self.refused[name])
        self.kept.append((space, name, data))
        return Added(1)


@dataclass
class Desk:
    bench: Bench
    shelf: Shelf = field(default_factory=Shelf)

    def __post_init__(self) -> None:
        files = SlackFiles(self.bench.api, largest=1_000)
        self.ingesting = Ingesting(self.bench.telling, files, self.shelf, self._spaces, self.bench.is_administrator)

    @staticmethod
    async def _spaces() -> Sequence[str]:
        return SPACES

    def register(self, app: AsyncApp) -> None:
        async def command(ack: AsyncAck, body: dict[str, object]) -> None:
            typed = await self.ingesting.typed(body)
            await ack(typed.reply) if typed.reply else await ack()
            await self.ingesting.after_typed(typed)

        app.command("/sotay")(command)
        self.bench.on_view(app, views.INGEST_VIEW, self.ingesting.keep, self.ingesting.after)

    async def type(self, user: str, text: str) -> str:
        """What is shown in answer to the command; nothing where a window opens."""
        pressed = await self.bench.slack.hands.command(user, self.bench.channel, "/sotay", text)
        assert pressed.acknowledged
        return str(pressed.payload.get("text", ""))

    def uploaded(self, name: str, data: bytes, **changes: str) -> dict[str, object]:
        """A file as a window tells of it."""
        slack = self.bench.slack
        slack.people.upload(self.bench.lan, self.bench.office, name, data, **changes)
        return list(slack.workspace.files.values())[-1].to_json()

    async def send(self, user: str, space: str, files: Sequence[object]) -> Pressed:
        """The window, opened and sent."""
        trigger = self.bench.slack.workspace.new_trigger(user)
        assert await self.bench.telling.open(trigger, views.ingest_modal("vi", SPACES))
        chosen: dict[str, object] = {"type": "static_select", "selected_option": {"value": space}}
        given: dict[str, object] = {"type": "file_input", "files": list(files)}
        return await self.bench.submit(user, {views.SPACE: chosen, views.DOCUMENTS: given})


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with a_bench(tmp_path) as bench:
        desk = Desk(bench)
        async with bench.listening(desk.register):
            yield desk


@pytest.mark.parametrize("text", ["", "  ", "help", "im lặng", "ingestion noi-bo"])
async def test_other_words_bring_help(desk: Desk, text: str) -> None:
    assert "/sotay ingest" in await desk.type(desk.bench.lan, text)
    assert not desk.bench.slack.views(desk.bench.lan)
    assert desk.bench.slack.ephemerals(desk.bench.lan)


async def test_help_comes_in_the_language_of_the_person(desk: Desk) -> None:
    await desk.bench.people.choose_language(person_of(desk.bench.an), "en")
    assert "ask the handbook" in await desk.type(desk.bench.an, "")


async def test_only_administrators_may_add_documents(desk: Desk) -> None:
    assert "quản trị viên" in await desk.type(desk.bench.an, "ingest")
    assert not desk.bench.slack.views(desk.bench.an)


@pytest.mark.parametrize(
    ("text", "spaces"),
    [
        ("ingest", SPACES),
        ("INGEST noi-bo", ("noi-bo",)),
        ("ingest cong khai", ("Công khai",)),
        ("nạp tài liệu nội-bộ", ("noi-bo",)),
    ],
)
async def test_an_administrator_chooses_space_and_files_in_a_window(
    desk: Desk, text: str, spaces: tuple[str, ...]
) -> None:
    assert await desk.type(desk.bench.lan, text) == ""
    modal = await desk.bench.modal(desk.bench.lan)
    options = modal["blocks"][0]["element"]["options"]
    assert tuple(option["value"] for option in options) == spaces


async def test_a_space_that_is_not_there_is_named_with_those_that_are(desk: Desk) -> None:
    said = await desk.type(desk.bench.lan, "ingest <!channel>")
    assert said == "Không có không gian channel. Các không gian hiện có: noi-bo, Công khai."
    assert not desk.bench.slack.views(desk.bench.lan)


async def test_files_go_into_the_space_and_the_administrator_hears_of_each(desk: Desk) -> None:
    desk.shelf.refused = {"b.exe": RefusedFile("b.exe", "documents.unknown_type", {"suffix": ".exe"})}
    files = [desk.uploaded("a.txt", b"mot"), desk.uploaded("b.exe", b"hai"), desk.uploaded("c.md", b"ba")]
    assert (await desk.send(desk.bench.lan, "noi-bo", files)).acknowledged
    begun, done = await desk.bench.written(desk.bench.lan, 2)
    assert desk.shelf.kept == [("noi-bo", "a.txt", b"mot"), ("noi-bo", "c.md", b"ba")]
    assert begun.text.startswith("Đang đọc 3 tệp cho không gian noi-bo.")
    head, *lines = done.text.split("\n")
    assert head == "Xong. 3 tệp cho không gian noi-bo đã được xem, 2 tài liệu được đưa vào sổ tay."
    assert [line[0] for line in lines] == ["✓", "✗", "✓"]
    assert "b.exe thuộc loại không đọc được" in lines[1]
    assert (done.unfurl_links, done.unfurl_media) == (False, False)
    assert not desk.bench.slack.views(desk.bench.lan)


@pytest.mark.parametrize(
    ("changes", "faults", "text_id"),
    [
        ({"size": 5_000}, [], "answer.file_too_large"),
        ({"mimetype": "image/png"}, [], "answer.file_picture"),
        ({"url_private_download": "https://example.com/a.txt"}, [], "answer.file_unreachable"),
        ({}, [503], "slack.ingest_unreachable"),
        ({}, ["drop_before"] * 3, "slack.ingest_unreachable"),
    ],
)
async def test_a_file_that_cannot_be_had_is_told_of(
    desk: Desk, changes: dict[str, object], faults: list[str | int], text_id: str
) -> None:
    for fault in faults:
        desk.bench.slack.fail("files.download", fault)
    await desk.send(desk.bench.lan, "noi-bo", [desk.uploaded("a.txt", b"x") | changes])
    _, done = await desk.bench.written(desk.bench.lan, 2)
    assert done.text.split("\n")[1] == f"✗ {RefusedFile('a.txt', text_id, {'limit': '0.001'}).text('vi')}"
    assert desk.shelf.kept == []


async def test_a_token_that_may_not_read_files_is_told_of(desk: Desk) -> None:
    away = {"url_private_download": f"{desk.bench.slack.workspace.origin}/files/F0/a.txt"}
    await desk.send(desk.bench.lan, "noi-bo", [desk.uploaded("a.txt", b"x") | away])
    _, done = await desk.bench.written(desk.bench.lan, 2)
    assert done.text.split("\n")[1] == f"✗ {RefusedFile('a.txt', 'answer.file_sign_in').text('vi')}"
    assert desk.shelf.kept == []


async def test_a_file_whose_address_is_not_told_is_asked_for(desk: Desk) -> None:
    file = desk.uploaded("a.txt", b"mot")
    await desk.send(desk.bench.lan, "noi-bo", [{"id": file["id"], "name": "a.txt"}])
    await desk.bench.written(desk.bench.lan, 2)
    assert desk.shelf.kept == [("noi-bo", "a.txt", b"mot")]


async def test_a_library_that_fails_says_why_for_each_file(desk: Desk) -> None:
    desk.shelf.is_broken = True
    await desk.send(desk.bench.lan, "noi-bo", [desk.uploaded("a.txt", b"mot"), desk.uploaded("b.txt", b"hai")])
    _, done = await desk.bench.written(desk.bench.lan, 2)
    assert done.text.count("Không có thư mục kho") == 2


@pytest.mark.parametrize(
    ("space", "count", "block"), [("khác", 1, views.SPACE), ("", 1, views.SPACE), ("noi-bo", 0, views.DOCUMENTS)]
)
async def test_what_is_wrong_is_said_in_the_window(desk: Desk, space: str, count: int, block: str) -> None:
    files = [desk.uploaded("a.txt", b"mot") for _ in range(count)]
    pressed = await desk.send(desk.bench.lan, space, files)
    assert set(pressed.payload["errors"]) == {block}
    assert not desk.bench.slack.user_errors
    assert desk.shelf.kept == []


async def test_who_is_no_administrator_any_more_sends_in_vain(desk: Desk) -> None:
    pressed = await desk.send(desk.bench.an, "noi-bo", [desk.uploaded("a.txt", b"mot")])
    assert "quản trị viên" in pressed.payload["errors"][views.SPACE]
    assert desk.shelf.kept == []


async def test_a_window_full_of_nonsense_is_refused(desk: Desk) -> None:
    kept = await desk.ingesting.keep({"user": {"id": desk.bench.lan}, "view": {"state": {"values": {"space": 7}}}})
    assert isinstance(kept, dict)


@pytest.mark.parametrize(("text", "space"), [("ingest", ""), ("nap X y", "X y"), ("hello", None), ("", None)])
def test_the_word_after_the_command_decides(text: str, space: str | None) -> None:
    assert wanted_space(text) == space


def test_long_lists_come_in_several_messages() -> None:
    lines = ["x" * 400] * 20
    texts = packed(lines)
    assert "\n".join(texts).split("\n") == lines
    assert all(len(text) <= MESSAGE for text in texts)
    assert len(texts) == 3
