"""Which conversation a message belongs to."""

from bots.telegram.addressing import Message, message_of
from bots.telegram.ids import SURFACE, Spot
from core.intake import Incoming
from tests.bots.telegram.lobby import AN, BOT, GROUP, SENT, US, Json, KeptBook, Lobby, in_group, private, replying

FIRST = f"telegram:{BOT}:{AN}:15"
MINUTE = 60


async def asked(lobby: Lobby, told: Json) -> str:
    """The message is a question; its conversation."""
    await lobby.deliver(message=told)
    return lobby.inbox.accepted[-1].conversation


def read(told: Json) -> Message:
    message = message_of(told, 1, US)
    assert message
    return message


def later(minutes: float, message: int, text: str = "còn thai sản?", **fields: object) -> Json:
    return private(text, message, int(SENT + minutes * MINUTE), **fields)


async def test_in_private_one_line_goes_on_with_the_other_for_half_an_hour() -> None:
    lobby = Lobby()
    assert await asked(lobby, private()) == FIRST
    assert await asked(lobby, later(29, 17)) == FIRST
    assert await asked(lobby, later(58, 19)) == FIRST  # half an hour from the last question, not from the first
    assert await asked(lobby, later(89, 21)) == f"telegram:{BOT}:{AN}:21"


async def test_what_replies_to_an_answer_of_ours_belongs_to_it_however_old() -> None:
    lobby = Lobby()
    await asked(lobby, private())
    lobby.book.ours[f"{AN}/16"] = FIRST
    assert await asked(lobby, later(500, 20)) == f"telegram:{BOT}:{AN}:20"
    assert await asked(lobby, later(501, 22, **replying(16))) == FIRST


async def test_what_replies_to_an_own_question_belongs_to_it() -> None:
    lobby = Lobby()
    await asked(lobby, private())
    await asked(lobby, later(500, 20))
    assert await asked(lobby, later(501, 22, **replying(15, AN))) == FIRST


async def test_what_replies_to_something_else_goes_on_as_any_other_line() -> None:
    lobby = Lobby()
    await asked(lobby, private())
    assert await asked(lobby, later(1, 18, **replying(3))) == FIRST


async def test_a_new_conversation_begins_when_it_is_wished() -> None:
    lobby = Lobby()
    await asked(lobby, private())
    await lobby.conversations.begin_anew(read(later(1, 16)))
    assert await asked(lobby, later(2, 17)) == f"telegram:{BOT}:{AN}:17"
    assert await asked(lobby, later(3, 19)) == f"telegram:{BOT}:{AN}:17"
    lobby.book.ours[f"{AN}/16"] = FIRST
    assert await asked(lobby, later(4, 21, **replying(16))) == FIRST


async def test_a_wish_that_comes_once_more_ends_nothing_that_has_begun_since() -> None:
    lobby = Lobby()
    await asked(lobby, private())
    for _ in range(2):
        await lobby.conversations.begin_anew(read(later(1, 16)))
        assert await asked(lobby, later(2, 17)) == f"telegram:{BOT}:{AN}:17"
    assert lobby.book.muted == {FIRST}


async def test_the_wish_changes_nothing_where_nothing_goes_on_or_in_a_group() -> None:
    lobby = Lobby()
    await asked(lobby, private())
    await asked(lobby, in_group())
    await lobby.conversations.begin_anew(read(later(90, 16)))
    await lobby.conversations.begin_anew(read(in_group(message=17)))
    assert lobby.book.muted == set()


async def test_a_message_that_comes_once_more_stays_where_it_was() -> None:
    lobby = Lobby()
    await asked(lobby, private())
    await asked(lobby, later(20, 17))
    await lobby.conversations.begin_anew(read(later(21, 18)))
    assert await asked(lobby, later(20, 17)) == FIRST


async def test_in_groups_a_conversation_is_a_chain_of_replies() -> None:
    lobby = Lobby()
    place = Spot(BOT, GROUP).place
    assert await asked(lobby, in_group()) == f"{place}:15"
    assert await asked(lobby, in_group(message=16)) == f"{place}:16"
    lobby.book.ours[f"{GROUP}/17"] = f"{place}:15"
    assert await asked(lobby, in_group("còn?", 18, **replying(17))) == f"{place}:15"
    assert await asked(lobby, in_group(message=20, message_thread_id=3, **replying(9, AN))) == f"{place}:3"
    assert await asked(lobby, in_group(message=21, **replying(9, AN))) == f"{place}:9"


async def test_a_topic_is_one_conversation() -> None:
    lobby = Lobby()
    topic: Json = {"message_thread_id": 4, "is_topic_message": True}
    assert await asked(lobby, in_group(**topic)) == f"telegram:{BOT}:{GROUP}:topic:4"
    lobby.book.ours[f"{GROUP}/17"] = f"telegram:{BOT}:{GROUP}:9"
    assert await asked(lobby, in_group("a", 18, **topic, **replying(17))) == f"telegram:{BOT}:{GROUP}:topic:4"


async def test_topics_in_private_are_apart_from_what_is_outside_them() -> None:
    lobby = Lobby()
    await asked(lobby, private(message_thread_id=4, is_topic_message=True))
    assert await asked(lobby, later(1, 17)) == f"telegram:{BOT}:{AN}:17"


async def test_candidates_are_the_own_conversation_and_then_the_newest_of_the_chat() -> None:
    lobby = Lobby()
    for message in range(20, 40):
        await asked(lobby, in_group(message=message))
    await asked(lobby, private())
    found = await lobby.conversations.candidates(read(in_group("huỷ", 50)))
    assert found[:3] == [f"telegram:{BOT}:{GROUP}:{n}" for n in (50, 39, 38)]
    assert len(found) == 10


async def test_other_surfaces_and_chats_are_none_of_ours() -> None:
    lobby = Lobby()
    book = KeptBook(lobby.inbox)
    for surface, place in (("slack", f"telegram:{BOT}:{AN}"), (SURFACE, f"telegram:{BOT}:5")):
        lobby.inbox.accepted.append(
            Incoming(surface, "k", "e", f"{place}:3", place, "p", "a", read(private()).sent_at),
        )
    assert await book.recent_conversations(SURFACE, read(private()).sent_at)
    assert await asked(lobby, private()) == FIRST
