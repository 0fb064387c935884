"""Who is answered."""

from dataclasses import replace

import pytest

from bots.slack.addressing import Call, Message, call_of

BOT = "U0BOT"
CHANNEL = Message("C1", "1700.000100", "", "U1")
THREAD = replace(CHANNEL, ts="1700.000200", thread_ts="1700.000100")
DIRECT = replace(CHANNEL, channel="D1", is_direct=True)


def call(message: Message, text: str) -> Call:
    return call_of(replace(message, text=text), BOT)


@pytest.mark.parametrize(
    ("message", "text", "expected"),
    [
        (CHANNEL, "<@U0BOT> nghỉ phép mấy ngày?", Call.QUESTION),
        (CHANNEL, "nghỉ phép mấy ngày vậy <@U0BOT|sotay>?", Call.QUESTION),
        (CHANNEL, "<@U0BOT>", Call.QUESTION),
        (CHANNEL, "nghỉ phép mấy ngày?", Call.NOTHING),
        (THREAD, "thế còn năm ngoái?", Call.FOLLOW_UP),
        (THREAD, "<@U0BOT> thế còn năm ngoái?", Call.QUESTION),
        (DIRECT, "nghỉ phép mấy ngày?", Call.QUESTION),
        (replace(DIRECT, thread_ts="1700.000001"), "thế còn năm ngoái?", Call.QUESTION),
        (DIRECT, "", Call.NOTHING),
        (THREAD, "", Call.NOTHING),
    ],
)
def test_mentions_direct_messages_and_threads_are_heard(message: Message, text: str, expected: Call) -> None:
    assert call(message, text) is expected


@pytest.mark.parametrize(
    "text",
    ["<@U2> bạn xem giúp <@U0BOT> nói đúng không", "<!channel> hỏi <@U0BOT> nhé", "<!subteam^S1|@nhom> ơi <@U0BOT>"],
)
def test_a_message_that_opens_by_addressing_somebody_else_is_theirs(text: str) -> None:
    assert call(CHANNEL, text) is Call.NOTHING


@pytest.mark.parametrize("text", ["<@U2> anh duyệt giúp em", "<!here> họp nhé"])
def test_the_same_in_a_thread_without_our_name(text: str) -> None:
    assert call(THREAD, text) is Call.NOTHING


def test_in_a_direct_message_too() -> None:
    assert call(DIRECT, "<@U2> là ai?") is Call.NOTHING


@pytest.mark.parametrize(
    "changes",
    [
        {"bot_id": "B2"},
        {"subtype": "bot_message", "bot_id": "B2", "user": None},
        {"user": None},
        {"user": BOT},
        {"user": "USLACKBOT"},
        {"subtype": "channel_join"},
        {"subtype": "channel_topic"},
        {"subtype": "reminder_add"},
        {"subtype": "assistant_app_thread"},
    ],
)
def test_other_bots_and_the_platforms_own_notes_are_never_answered(changes: dict[str, str | None]) -> None:
    for message in (CHANNEL, THREAD, DIRECT):
        spoken = replace(message, text="<@U0BOT> nghỉ phép?", **changes)  # type: ignore[arg-type]
        assert call_of(spoken, BOT) is Call.NOTHING


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
def test_files_and_broadcasts_are_spoken(subtype: str) -> None:
    assert call_of(replace(CHANNEL, text="<@U0BOT> xem giúp", subtype=subtype), BOT) is Call.QUESTION


def test_a_file_alone_is_a_question_where_all_is_said_to_us() -> None:
    shared = {"subtype": "file_share", "has_files": True}
    assert call_of(replace(DIRECT, **shared), BOT) is Call.QUESTION  # type: ignore[arg-type]
    assert call_of(replace(THREAD, **shared), BOT) is Call.FOLLOW_UP  # type: ignore[arg-type]
    assert call_of(replace(CHANNEL, **shared), BOT) is Call.NOTHING  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<@U0BOT> im lặng", Call.MUTE),
        ("<@U0BOT> im lang!", Call.MUTE),
        ("<@U0BOT> Mute", Call.MUTE),
        ("<@U0BOT> nói tiếp", Call.UNMUTE),
        ("<@U0BOT> unmute", Call.UNMUTE),
        ("<@U0BOT> dừng", Call.STOP),
        ("<@U0BOT> stop.", Call.STOP),
        ("<@U0BOT> dừng tàu bay ở vị trí nào?", Call.QUESTION),
        ("<@U0BOT> mute nút nào trên bàn điều khiển?", Call.QUESTION),
    ],
)
def test_orders_are_told_from_questions(text: str, expected: Call) -> None:
    assert call(CHANNEL, text) is expected


def test_stop_needs_no_name_in_a_thread() -> None:
    assert call(THREAD, "dừng") is Call.STOP
    assert call(CHANNEL, "dừng") is Call.NOTHING
