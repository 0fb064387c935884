"""Files of questions: fetched with limits, refused with reasons, and no address in any log."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
from telegram import Bot

from bots.telegram.addressing import message_of
from bots.telegram.files import PLATFORM_LARGEST, TelegramFiles
from bots.telegram.ids import Account
from core.intake import SharedFile
from core.surfaces import FileRefused, SurfaceError, SurfaceSilent, SurfaceUnavailable
from tests.telegram_server import Rates, TelegramServer
from tests.telegram_server_tests.office import connected_bot

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
DATA = b"%PDF-1.4 nghi phep"


@dataclass
class Cabinet:
    telegram: TelegramServer
    bot: Bot
    files: TelegramFiles

    def __post_init__(self) -> None:
        self.an = self.telegram.people.add_user("An")

    def sent(
        self, kind: str = "document", mime_type: str = "application/pdf", *, size: int | None = None
    ) -> SharedFile:
        """A file that An has sent, as the events read it."""
        self.telegram.people.send_file(self.an, self.an, "a.pdf", DATA, kind=kind, mime_type=mime_type, size=size)
        update = self.telegram.unconfirmed[-1].to_json()
        message = message_of(update["message"], update["update_id"], Account(900001))
        assert message
        return message.files[0]

    async def refusal(self, file: SharedFile) -> FileRefused:
        with pytest.raises(FileRefused) as refused:
            await self.files.fetch(file)
        return refused.value


@pytest.fixture
async def cabinet() -> AsyncIterator[Cabinet]:
    async with TelegramServer(rates=Rates(on=False)) as telegram, connected_bot(telegram) as bot:
        yield Cabinet(telegram, bot, TelegramFiles(bot, 50_000_000))


async def test_a_document_is_fetched_whole(cabinet: Cabinet) -> None:
    fetched = await cabinet.files.fetch(cabinet.sent())
    assert (fetched.name, fetched.data) == ("a.pdf", DATA)


async def test_pictures_and_recordings_are_refused_without_a_call(cabinet: Cabinet) -> None:
    for kind, mime, why in (
        ("photo", "image/jpeg", "answer.file_picture"),
        ("document", "image/png", "answer.file_picture"),
        ("voice", "audio/ogg", "answer.file_spoken"),
        ("document", "video/mp4", "answer.file_spoken"),
    ):
        assert (await cabinet.refusal(cabinet.sent(kind=kind, mime_type=mime))).message_id == why
    assert cabinet.telegram.called("getFile") == []


async def test_what_is_too_large_is_refused_by_what_is_told_and_by_what_comes(cabinet: Cabinet) -> None:
    small = replace(cabinet.files, largest=10)
    with pytest.raises(FileRefused) as refused:
        await small.fetch(cabinet.sent())
    assert refused.value.message_id == "answer.file_too_large"
    assert cabinet.telegram.called("getFile") == []
    with pytest.raises(FileRefused):
        await small.fetch(replace(cabinet.sent(), size=0))
    assert cabinet.telegram.called("file") == []


async def test_the_platforms_own_limit_is_told(cabinet: Cabinet) -> None:
    file = cabinet.sent(size=PLATFORM_LARGEST + 1)
    for told in (file, replace(file, size=0)):
        refused = await cabinet.refusal(told)
        assert (refused.message_id, refused.facts) == ("answer.file_too_large", {"limit": "21"})


async def test_a_file_that_is_gone_is_refused(cabinet: Cabinet) -> None:
    refused = await cabinet.refusal(replace(cabinet.sent(), id="unknown"))
    assert refused.message_id == "answer.file_gone"


async def test_an_address_that_has_expired_is_asked_for_once_more(cabinet: Cabinet) -> None:
    cabinet.telegram.fail("file", "Not Found")
    assert (await cabinet.files.fetch(cabinet.sent())).data == DATA
    cabinet.telegram.fail("file", "Not Found", times=2)
    with pytest.raises(SurfaceUnavailable):
        await cabinet.files.fetch(cabinet.sent())


@pytest.mark.parametrize(
    ("method", "fault", "kind"),
    [
        ("getFile", 502, SurfaceUnavailable),
        ("getFile", "flood", SurfaceUnavailable),
        ("getFile", "Unauthorized", SurfaceUnavailable),
        ("getFile", "hang", SurfaceSilent),
        ("file", 502, SurfaceUnavailable),
        ("file", "drop_before", SurfaceUnavailable),
        ("file", "hang", SurfaceSilent),
    ],
)
async def test_faults_on_the_way_are_the_cores_own_and_name_no_address(
    cabinet: Cabinet, method: str, fault: str | int, kind: type[SurfaceError], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "bots")
    file = cabinet.sent()
    cabinet.telegram.fail(method, fault)
    with pytest.raises(kind) as failed:
        await replace(cabinet.files, seconds=0.3).fetch(file)
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__
    assert cabinet.telegram.token not in repr(failed.value) + caplog.text


async def test_a_file_that_may_not_be_had_is_refused(cabinet: Cabinet) -> None:
    cabinet.telegram.fail("file", "Forbidden: no")
    assert (await cabinet.refusal(cabinet.sent())).message_id == "answer.file_unreachable"
