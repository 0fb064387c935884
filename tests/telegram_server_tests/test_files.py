"""Files that people send and the bot fetches, and the other way round."""

import pytest
from telegram import Bot, InputFile
from telegram.error import InvalidToken

from tests.manual_clock import ManualClock
from tests.telegram_server import TelegramServer
from tests.telegram_server_tests.office import connected_bot, posted, refusal

PDF = "application/pdf"


async def test_a_document_is_heard_of_and_fetched(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    telegram.people.send_file(lan, lan, "nội quy.pdf", b"%PDF", mime_type=PDF, caption="xem /giup tôi")
    message = (await bot.get_updates())[0].message
    assert message
    assert message.document
    assert (message.document.file_name, message.document.mime_type, message.document.file_size) == (
        "nội quy.pdf",
        PDF,
        4,
    )
    assert (message.text, message.caption) == (None, "xem /giup tôi")
    assert [entity.type for entity in message.caption_entities] == ["bot_command"]
    file = await message.document.get_file()
    assert file.file_path
    assert file.file_path.startswith(telegram.base_file_url)
    assert bytes(await file.download_as_bytearray()) == b"%PDF"
    assert [called.method for called in telegram.calls[-2:]] == ["getFile", "file"]


async def test_an_album_is_several_messages(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    for name in ("a.jpg", "b.jpg"):
        telegram.people.send_file(lan, lan, name, b"1", kind="photo", mime_type="image/jpeg", album="7")
    updates = await bot.get_updates()
    assert [update.message.media_group_id for update in updates if update.message] == ["7", "7"]


async def test_a_path_is_good_for_an_hour() -> None:
    clock = ManualClock()
    async with TelegramServer(clock=clock) as telegram, connected_bot(telegram) as bot:
        lan = telegram.people.add_user("Lan")
        telegram.people.send_file(lan, lan, "a.jpg", b"1", kind="photo", mime_type="image/jpeg")
        message = (await bot.get_updates())[0].message
        assert message
        file = await message.photo[-1].get_file()
        assert file.file_path
        assert "/photos/" in file.file_path
        clock.advance(3601.0)
        with pytest.raises(InvalidToken, match="Not Found"):
            await file.download_as_bytearray()


async def test_files_may_be_too_big_or_unknown(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    telegram.people.send_file(lan, lan, "to.zip", b"1", size=20 * 2**20 + 1)
    message = (await bot.get_updates())[0].message
    assert message
    assert message.document
    assert await refusal(message.document.get_file()) == "File is too big"
    assert await refusal(bot.get_file("file-0")) == "Wrong file_id or the file is temporarily unavailable"


async def test_the_bot_sends_files_with_captions(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    sent = await bot.send_document(lan, b"%PDF", "<b>Nội quy</b>", parse_mode="HTML", filename="nội quy.pdf")
    assert sent.document
    assert (sent.document.file_name, sent.caption, sent.caption_entities[0].type) == ("nội quy.pdf", "Nội quy", "bold")
    again = await bot.send_document(lan, sent.document.file_id)
    assert again.document == sent.document
    photo = await bot.send_photo(lan, InputFile(b"1", "a.jpg", attach=True))
    assert len(photo.photo) == 2
    assert [message.text for message in telegram.said(lan)] == ["Nội quy", "", ""]
    assert await refusal(bot.send_photo(lan, b"1", "a" * 1025)) == "Message caption is too long"
    assert await refusal(bot.send_document(lan, "file-0")) == "Wrong file identifier/http url specified"
    assert await refusal(bot.send_document(lan, b"")) == "File must be non-empty"
    telegram.settings.upload_bytes = 3
    assert await refusal(bot.send_document(lan, b"1234")) == "File is too big"
    missing = await posted(telegram, "sendPhoto", {"chat_id": lan})
    assert missing["description"] == "Bad Request: there is no photo in the request"


async def test_downloads_go_wrong_on_demand(telegram: TelegramServer, bot: Bot, lan: int) -> None:
    sent = await bot.send_document(lan, b"%PDF")
    assert sent.document
    file = await sent.document.get_file()
    telegram.fail("file", 503)
    assert await refusal(file.download_as_bytearray()) == "Service Unavailable"
    assert await file.download_as_bytearray()
