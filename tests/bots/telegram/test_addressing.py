"""Who is answered."""

import pytest

from bots.telegram.addressing import Call, Message, call_of, message_of, question_of
from core.intake import SharedFile
from tests.bots.telegram.lobby import AN, BOT, GROUP, NAME, SENT, US, Json, at, command, in_group, private, replying

PHOTO: Json = {"photo": [{"file_id": "p1", "file_size": 10}, {"file_id": "p2", "file_size": 90}]}
VOICE: Json = {"voice": {"file_id": "v1", "file_size": 50, "mime_type": "audio/ogg"}}
DOCUMENT: Json = {"document": {"file_id": "d1", "file_name": "a.pdf", "mime_type": "application/pdf", "file_size": 9}}
ANONYMOUS: Json = {
    "from": {"id": 1087968824, "is_bot": True, "first_name": "Group"},
    "sender_chat": {"id": GROUP, "type": "supergroup"},
}


def read(told: Json, *, is_edit: bool = False) -> Message:
    message = message_of(told, 500_001, US, is_edit=is_edit)
    assert message is not None
    return message


def call(told: Json) -> Call:
    return call_of(read(told), US)


def test_what_a_message_says() -> None:
    message = read(private())
    assert (message.spot.name, message.person, message.sent_at) == ("telegram:900:7001:15", "telegram:7001", at(0))
    assert (message.event, message.version, message.is_private) == ("telegram:900:update:500001", 0.0, True)
    assert question_of(message, US) == "nghỉ phép mấy ngày?"


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        (private(), Call.QUESTION),
        (in_group(), Call.QUESTION),
        (in_group(f"@{NAME}"), Call.QUESTION),
        (in_group("nghỉ phép?", **replying(9)), Call.QUESTION),
        (command("/hoi nghỉ phép?"), Call.QUESTION),
        (command("/ask@sotay_bot leave?", in_group()), Call.QUESTION),
        (command("/hoi"), Call.COMMAND),
        (command("/moi", in_group()), Call.COMMAND),
        (private("Dừng!"), Call.STOP),
        (in_group("huỷ", **replying(9)), Call.STOP),
        (in_group(f"@{NAME} stop"), Call.STOP),
        (private("", caption="trong này?", **PHOTO), Call.QUESTION),
        (private("", **DOCUMENT), Call.QUESTION),
        (private("", **PHOTO), Call.PICTURE),
        (private("", **VOICE), Call.VOICE),
        (private("", video_note={"file_id": "n1"}), Call.VOICE),
        (private("", sticker={"file_id": "s1"}), Call.ODD),
        (private("", location={"latitude": 1}), Call.ODD),
        (in_group("", **PHOTO, **replying(9)), Call.PICTURE),
        (in_group(**ANONYMOUS), Call.QUESTION),
    ],
)
def test_answered(told: Json, wanted: Call) -> None:
    assert call(told) is wanted


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(in_group("nghỉ phép?"), id="not to us"),
        pytest.param(in_group("nghỉ phép?", **replying(9, AN)), id="a reply to somebody else"),
        pytest.param(command("/hoi@other_bot a", in_group()), id="another bot's command"),
        pytest.param(private() | {"from": {"id": 5, "is_bot": True}}, id="another bot"),
        pytest.param(private() | {"from": {"id": BOT, "is_bot": True}}, id="ourselves"),
        pytest.param(private() | {"from": {"id": BOT, "is_bot": False}}, id="ourselves, somehow"),
        pytest.param(private() | {"from": {"id": 5}}, id="nobody knows what"),
        pytest.param(private(via_bot={"id": 5, "is_bot": True}), id="by way of a bot"),
        pytest.param(in_group(is_automatic_forward=True, sender_chat={"id": -5}), id="a channel's post in its group"),
        pytest.param(private("", new_chat_title="x"), id="a service message"),
        pytest.param(private("", pinned_message={"message_id": 3}), id="another"),
        pytest.param(in_group("", **PHOTO), id="a picture in a group"),
    ],
)
def test_not_answered(told: Json) -> None:
    assert call(told) is Call.NOTHING


def test_a_mention_in_passing_is_none_of_ours() -> None:
    entities = [{"type": "mention", "offset": 0, "length": 4}, {"type": "mention", "offset": 9, "length": 10}]
    assert call(in_group(f"@lan hỏi @{NAME} đi", entities=entities)) is Call.NOTHING
    assert call(private(f"@lan hỏi @{NAME} đi", entities=entities)) is Call.QUESTION


def test_channels_and_halves_of_messages_are_nothing() -> None:
    assert message_of(private(chat={"id": -5, "type": "channel"}), 1, US) is None
    assert message_of(private(chat={"id": "x", "type": "private"}), 1, US) is None
    assert message_of(private(message_id=None), 1, US) is None
    assert message_of({}, 1, US) is None


def test_an_anonymous_administrator_asks_in_the_name_of_the_chat() -> None:
    assert read(in_group(**ANONYMOUS)).person == f"telegram:{GROUP}"


def test_topics_are_told_from_chains_of_replies() -> None:
    topic = read(in_group(message_thread_id=4, is_topic_message=True))
    chain = read(in_group(message_thread_id=4))
    assert (topic.topic, topic.chain) == (4, None)
    assert (chain.topic, chain.chain) == (None, 4)


def test_of_two_edits_in_one_second_the_later_is_the_higher() -> None:
    first = message_of(private(edit_date=SENT + 9), 500_001, US, is_edit=True)
    second = message_of(private(edit_date=SENT + 9), 500_002, US, is_edit=True)
    later = message_of(private(edit_date=SENT + 10), 400_000, US, is_edit=True)
    assert first
    assert second
    assert later
    assert 0 < SENT + 9 < first.version < second.version < later.version
    assert read(private(), is_edit=True).version > 0


def test_files() -> None:
    assert read(private("", **DOCUMENT)).files == (SharedFile("d1", "a.pdf", "application/pdf", 9, ""),)
    assert read(private("", **PHOTO)).files == (SharedFile("p2", "photo.jpg", "image/jpeg", 90, ""),)
    assert read(private("", **VOICE)).files == (SharedFile("v1", "voice.ogg", "audio/ogg", 50, ""),)
    assert read(private("", document={"file_id": 5}, photo="x", voice=7)).files == ()


def test_who_replies_to_a_document_asks_about_it() -> None:
    document, picture = private("", 9, **DOCUMENT, **PHOTO), private("", 9, **PHOTO)
    shared = (SharedFile("d1", "a.pdf", "application/pdf", 9, ""),)
    assert read(in_group(reply_to_message=document)).files == shared
    assert read(in_group(reply_to_message=document) | PHOTO).files[0].id == "p2"
    assert read(in_group(reply_to_message=picture)).files == ()
    assert call_of(read(in_group("ai biết không?", reply_to_message=document)), US) is Call.NOTHING


def test_a_time_beyond_all_times_is_borne() -> None:
    assert read(private(date=10**17)).sent_at.year == 3000
    assert read(private(date="x")).sent_at.year == 1970
    assert read(private(edit_date=10**30), is_edit=True).version < 10**12


def test_the_question_of_a_command_is_what_follows_it() -> None:
    assert question_of(read(command("/hoi@sotay_bot nghỉ phép?")), US) == "nghỉ phép?"
    assert question_of(read(command("/moi nghỉ")), US) == "/moi nghỉ"
