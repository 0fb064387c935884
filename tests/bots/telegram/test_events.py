"""What Telegram delivers, and what becomes of it before it is confirmed."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import StoreError
from core.intake import SharedFile
from core.texts import translate
from tests.bots.telegram.lobby import (
    AN,
    BOT,
    GROUP,
    NAME,
    SENT,
    Json,
    Lobby,
    at,
    command,
    in_group,
    nothing,
    private,
    replying,
)

ROOT = f"telegram:{BOT}:{AN}:15"
PHOTO: Json = {"photo": [{"file_id": "p1", "file_size": 10}]}


@pytest.fixture
def lobby() -> Lobby:
    return Lobby()


def edited(text: str, after: int = 9, **fields: Any) -> Json:  # noqa: ANN401
    return private(text, edit_date=SENT + after, **fields)


async def test_a_question_is_accepted_with_all_that_it_says(lobby: Lobby) -> None:
    document = {"file_id": "d1", "file_name": "a.pdf", "mime_type": "application/pdf", "file_size": 9}
    await lobby.deliver(500_007, message=private("", caption="nói gì?", document=document))
    (asked,) = lobby.inbox.accepted
    assert (asked.surface, asked.key, asked.conversation, asked.place) == ("telegram", ROOT, ROOT, ROOT[:-3])
    assert (asked.person, asked.text, asked.version) == (f"telegram:{AN}", "nói gì?", 0)
    assert (asked.event, asked.sent_at) == (f"telegram:{BOT}:update:500007", at(0))
    assert asked.files == (SharedFile("d1", "a.pdf", "application/pdf", 9, ""),)


async def test_who_is_linked_asks_as_who_they_are(lobby: Lobby) -> None:
    lobby.aliases[f"telegram:{AN}"] = "slack:U1"
    await lobby.deliver(message=private())
    assert lobby.inbox.accepted[0].person == "slack:U1"


async def test_what_cannot_be_kept_is_an_error_and_so_is_not_confirmed(lobby: Lobby) -> None:
    await lobby.deliver(message=private())
    lobby.inbox.is_away = True
    for update in ({"message": private(message=16)}, {"message": private("dừng")}, {"edited_message": edited("khác?")}):
        with pytest.raises(StoreError):
            await lobby.deliver(**update)  # type: ignore[arg-type]


async def test_an_edit_of_a_question_is_its_next_version(lobby: Lobby) -> None:
    await lobby.deliver(message=private())
    await lobby.deliver(500_010, edited_message=edited("nghỉ ốm mấy ngày?", after=9_000))
    first, second = lobby.inbox.accepted
    assert (second.key, second.conversation, second.text) == (first.key, first.conversation, "nghỉ ốm mấy ngày?")
    assert second.version == pytest.approx(SENT + 9_000 + 0.50001, abs=1e-6)
    assert second.event != first.event


async def test_an_edit_of_what_was_no_question_is_none_unless_it_comes_soon(lobby: Lobby) -> None:
    await lobby.deliver(edited_message=edited("sau một giờ", after=3_600))
    await lobby.deliver(edited_message=in_group("không hỏi ai", edit_date=SENT + 9))
    assert lobby.inbox.accepted == []
    await lobby.deliver(edited_message=in_group(edit_date=SENT + 9))
    assert [asked.text for asked in lobby.inbox.accepted] == ["nghỉ phép mấy ngày?"]


async def test_an_edit_that_empties_a_question_takes_it_back(lobby: Lobby) -> None:
    await lobby.deliver(message=command("/hoi nghỉ phép?"))
    await lobby.deliver(edited_message=command("/hoi", edit_date=SENT + 5))
    assert [asked.text for asked in lobby.inbox.accepted] == ["nghỉ phép?", None]


async def test_an_edited_command_is_not_done_again(lobby: Lobby) -> None:
    await lobby.deliver(edited_message=command("/xoadulieu", edit_date=SENT + 5))
    assert lobby.commands == []


async def test_strangers_are_told_how_to_get_in_and_nothing_else(lobby: Lobby) -> None:
    lobby.strangers = {AN}
    assert await lobby.deliver(message=private()) is nothing
    assert await lobby.deliver(message=command("/nguon")) is nothing
    await lobby.deliver(message=private("", sticker={"file_id": "s"}))
    await lobby.deliver(edited_message=edited("a?"))
    assert len(lobby.turned_away) == 3
    assert (lobby.inbox.accepted, lobby.commands, lobby.said) == ([], [], [])
    await lobby.deliver(message=command("/start CODE"))
    assert [(found.name, found.arguments) for found, _ in lobby.commands] == [("start", "CODE")]


async def test_a_stranger_in_a_group_who_does_not_speak_to_us_is_told_nothing(lobby: Lobby) -> None:
    lobby.strangers = {GROUP}
    assert await lobby.deliver(message=in_group("chào cả nhà")) is None
    assert lobby.turned_away == []
    await lobby.deliver(message=in_group())
    assert len(lobby.turned_away) == 1


async def test_the_edit_of_somebody_who_may_not_ask_any_more_changes_nothing(lobby: Lobby) -> None:
    await lobby.deliver(message=private())
    lobby.strangers = {AN}
    await lobby.deliver(edited_message=edited("khác?"))
    assert len(lobby.inbox.accepted) == 1


async def test_commands_are_handed_on_with_their_message(lobby: Lobby) -> None:
    await lobby.deliver(message=command("/ngonngu en"))
    await lobby.deliver(message=command("/hoi"))
    await lobby.deliver(message=command("/hoi nghỉ phép?"))
    await lobby.deliver(message=command(f"/moi@{NAME}", in_group()))
    await lobby.deliver(message=command("/moi@other_bot", in_group()))
    assert [found.name for found, _ in lobby.commands] == ["ngonngu", "hoi", "moi"]
    assert lobby.commands[0][0].arguments == "en"
    assert lobby.commands[0][1].spot.name == ROOT
    assert [asked.text for asked in lobby.inbox.accepted] == ["nghỉ phép?"]


async def test_buttons_and_reactions_are_handed_on_with_the_number_of_the_update(lobby: Lobby) -> None:
    query, reaction = {"id": "1", "data": "v1:up:a"}, {"message_id": 5, "new_reaction": []}
    assert await lobby.deliver(500_005, callback_query=query) is nothing
    await lobby.deliver(500_006, message_reaction=reaction)
    assert (lobby.queries, lobby.reactions) == ([(query, 500_005)], [(reaction, 500_006)])


async def test_who_explains_a_vote_asks_nothing(lobby: Lobby) -> None:
    lobby.explanations = {30}
    assert await lobby.deliver(message=private("14 ngày", **replying(30))) is nothing
    assert await lobby.deliver(edited_message=edited("15 ngày", 3_600, **replying(30))) is nothing
    await lobby.deliver(message=private("14 ngày?", 16, **replying(31)))
    assert [asked.text for asked in lobby.inbox.accepted] == ["14 ngày?"]


async def test_stop_stops_the_newest_question_of_who_says_it(lobby: Lobby) -> None:
    await lobby.deliver(message=private())
    lobby.inbox.stoppable = {ROOT}
    assert await lobby.tell(message=private("dừng", 16)) == []
    assert lobby.inbox.stopped == [(ROOT, f"telegram:{AN}")]


async def test_stop_in_a_group_finds_the_question_without_a_reply(lobby: Lobby) -> None:
    place = f"telegram:{BOT}:{GROUP}"
    await lobby.deliver(message=in_group(message=20))
    lobby.inbox.stoppable = {f"{place}:20"}
    assert await lobby.tell(message=in_group(f"@{NAME} huỷ", 25)) == []
    assert [conversation for conversation, _ in lobby.inbox.stopped] == [f"{place}:25", f"{place}:20"]


async def test_stop_where_nothing_is_under_way_says_so(lobby: Lobby) -> None:
    assert await lobby.tell(message=private("dừng")) == [translate("vi", "telegram.nothing_to_stop")]
    (where, _) = lobby.said[0]
    assert (where.chat, where.reply_to) == (AN, 15)


@pytest.mark.parametrize(
    ("fields", "text_id"),
    [
        (PHOTO, "telegram.picture_alone"),
        ({"voice": {"file_id": "v1"}}, "telegram.voice_alone"),
        ({"sticker": {"file_id": "s1"}}, "telegram.odd_alone"),
        ({"location": {"latitude": 1.0}}, "telegram.odd_alone"),
    ],
)
async def test_what_cannot_be_answered_gets_one_sentence(lobby: Lobby, fields: Json, text_id: str) -> None:
    assert await lobby.tell(message=private("", **fields)) == [translate("vi", text_id)]
    assert lobby.inbox.accepted == []
    assert await lobby.tell(message=private("", **fields)) == []  # the same message once more
    english = private("", 16, **fields) | {"from": {"id": AN, "is_bot": False, "language_code": "en"}}
    assert await lobby.tell(message=english) == [translate("en", text_id)]


async def test_pictures_of_one_album_are_spoken_of_once(lobby: Lobby) -> None:
    said = [await lobby.tell(message=private("", n, media_group_id="7", **PHOTO)) for n in (15, 16, 17)]
    assert [len(sentences) for sentences in said] == [1, 0, 0]


async def test_a_caption_makes_a_question_of_a_picture(lobby: Lobby) -> None:
    await lobby.deliver(message=private("", caption="trong ảnh là gì?", **PHOTO))
    (asked,) = lobby.inbox.accepted
    assert (asked.text, asked.files[0].mime) == ("trong ảnh là gì?", "image/jpeg")


async def test_a_group_that_becomes_a_supergroup_takes_everything_along(lobby: Lobby) -> None:
    old = {"id": -55, "type": "group"}
    await lobby.deliver(message=private("", chat=old, migrate_to_chat_id=GROUP))
    await lobby.deliver(message=in_group("", migrate_from_chat_id=-55))
    assert lobby.moved == [(-55, GROUP)] * 2


async def test_where_we_are_put_or_thrown_out_is_noted_and_nothing_more(
    lobby: Lobby, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    standing = {"chat": {"id": AN, "type": "private"}, "new_chat_member": {"status": "kicked"}}
    assert await lobby.deliver(my_chat_member=standing) is None
    assert f"chat {AN}: the bot is now kicked" in caplog.text


async def test_other_kinds_of_updates_are_passed_over(lobby: Lobby) -> None:
    for kind in ("channel_post", "inline_query", "poll", "business_message", "something_new"):
        assert await lobby.tell(**{kind: private()}) == []
    assert lobby.inbox.accepted == []


KNOWN = st.sampled_from([
    "id", "type", "text", "caption", "entities", "caption_entities", "offset", "length", "user", "from", "chat", "date",
    "message_id", "sender_chat", "reply_to_message", "document", "photo", "voice", "sticker", "file_id", "file_size",
    "edit_date", "migrate_to_chat_id", "new_chat_member", "status", "media_group_id", "message_thread_id", "via_bot",
    "is_bot", "is_topic_message", "language_code", "new_field",
])  # fmt: skip
LEAVES: st.SearchStrategy[object] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from([AN, GROUP, BOT, "private", 2**80])
)
JUNK = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KNOWN, inner, max_size=6)),
    max_leaves=8,
)
BODIES = st.one_of(
    JUNK,
    st.builds(lambda fields: private() | fields, st.dictionaries(KNOWN, JUNK, max_size=4)),
    st.builds(lambda fields: in_group() | fields, st.dictionaries(KNOWN, JUNK, max_size=4)),
    st.builds(lambda text: command("/hoi a", private()) | {"text": text}, st.text()),
)
UPDATES = st.sampled_from([
    "message", "edited_message", "callback_query", "message_reaction", "my_chat_member", "channel_post", "new_kind",
])  # fmt: skip


@pytest.mark.timeout(300)
@settings(max_examples=3_500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(updates=st.lists(st.tuples(UPDATES, BODIES), min_size=2, max_size=4), number=st.one_of(JUNK, st.integers()))
async def test_nothing_that_may_come_makes_us_fall(updates: list[tuple[str, object]], number: object) -> None:
    """Ten thousand updates and more."""
    lobby = Lobby()
    for kind, body in updates:
        after = await lobby.events.take({"update_id": number, kind: body})
        if after is not None:
            await after()
    for asked in lobby.inbox.accepted:
        assert asked.key.startswith(f"telegram:{BOT}:")
        assert asked.person
        (asked.text or "").encode()
