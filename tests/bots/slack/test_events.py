"""What Slack delivers, and what becomes of it before it is acknowledged."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.reading import Payload
from bots.slack.events import Confirmation
from core.errors import StoreError
from core.intake import SharedFile, Verdict
from tests.bots.slack.lobby import BOT, Lobby

ASK = f"<@{BOT}> nghỉ phép mấy ngày?"
TS, THREAD = "1700000000.000200", "1700000000.000100"
ROOT, UNDER = f"slack:T1:C1:{TS}", f"slack:T1:C1:{THREAD}"


@pytest.fixture
def lobby() -> Lobby:
    return Lobby()


def said(text: str = ASK, **fields: object) -> dict[str, Any]:
    return {
        "type": "message",
        "channel": "C1",
        "channel_type": "channel",
        "user": "U1",
        "ts": TS,
        "text": text,
    } | fields


def edited(text: str, before: str = ASK, version: str = "1700000009.000000", **fields: object) -> dict[str, Any]:
    now = said(text) | fields | {"edited": {"user": "U1", "ts": version}}
    changed = {"type": "message", "subtype": "message_changed", "channel": "C1", "ts": "1700000009.000001"}
    return changed | {"message": now, "previous_message": said(before) | fields}


def deleted(**fields: object) -> Payload:
    gone = {"type": "message", "subtype": "message_deleted", "channel": "C1", "deleted_ts": TS, "ts": "1700000009.9"}
    return gone | {"previous_message": said() | fields}


async def test_a_mention_is_accepted_with_all_that_it_says(lobby: Lobby) -> None:
    files = [
        {"id": "F1", "name": "a.pdf", "mimetype": "application/pdf", "size": 9, "url_private_download": "https://f"}
    ]
    await lobby.deliver(said(files=files, subtype="file_share"), "Ev9")
    (asked,) = lobby.inbox.accepted
    assert (asked.surface, asked.key, asked.conversation, asked.place) == ("slack", ROOT, ROOT, "slack:T1:C1")
    assert (asked.person, asked.text, asked.event, asked.version) == ("slack:U1", "nghỉ phép mấy ngày?", "slack:Ev9", 0)
    assert asked.sent_at == datetime.fromtimestamp(1700000000.0002, UTC)
    assert asked.files == (SharedFile("F1", "a.pdf", "application/pdf", 9, "https://f"),)


async def test_the_twins_of_a_mention_have_one_key(lobby: Lobby) -> None:
    await lobby.deliver(said(), "Ev1")
    await lobby.deliver(said(type="app_mention"), "Ev2")
    assert len({asked.key for asked in lobby.inbox.accepted}) == 1
    assert len({asked.event for asked in lobby.inbox.accepted}) == 2


async def test_what_cannot_be_kept_is_an_error_and_so_is_not_acknowledged(lobby: Lobby) -> None:
    lobby.inbox.is_away = True
    for event in (said(), edited("<@U0BOT> khác?"), deleted()):
        if event.get("subtype"):
            lobby.inbox.is_away = False
            await lobby.deliver(said())
            lobby.inbox.is_away = True
        with pytest.raises(StoreError):
            await lobby.deliver(event)


async def test_follow_ups_are_answered_where_we_have_answered_and_nobody_has_muted_us(lobby: Lobby) -> None:
    follow_up = said("thế năm ngoái thì sao?", thread_ts=THREAD)
    await lobby.deliver(follow_up)
    assert lobby.inbox.accepted == []
    lobby.notes.answered.add(UNDER)
    await lobby.deliver(follow_up)
    assert [asked.conversation for asked in lobby.inbox.accepted] == [UNDER]
    muted = await lobby.deliver(said(f"<@{BOT}> im lặng", thread_ts=THREAD, ts="1700000000.000300"))
    assert muted == Confirmation("C1", "U1", "slack.muted", THREAD)
    await lobby.deliver(said("còn nữa?", thread_ts=THREAD, ts="1700000000.000400"))
    assert len(lobby.inbox.accepted) == 1
    await lobby.deliver(said(ASK, thread_ts=THREAD, ts="1700000000.000500"))
    assert len(lobby.inbox.accepted) == 2
    assert await lobby.deliver(said(f"<@{BOT}> nói tiếp", thread_ts=THREAD)) == Confirmation(
        "C1", "U1", "slack.unmuted", THREAD
    )
    await lobby.deliver(said("còn nữa?", thread_ts=THREAD, ts="1700000000.000600"))
    assert len(lobby.inbox.accepted) == 3


async def test_a_thread_under_a_message_of_ours_goes_on_with_its_question(lobby: Lobby) -> None:
    lobby.notes.begun = {f"C1/{THREAD}": "slack:T1:C1:command:1.2"}
    await lobby.deliver(said(thread_ts=THREAD))
    assert [asked.conversation for asked in lobby.inbox.accepted] == ["slack:T1:C1:command:1.2"]


async def test_a_direct_message_needs_no_name(lobby: Lobby) -> None:
    await lobby.deliver(said("nghỉ phép mấy ngày?", channel="D1", channel_type="im"))
    assert [asked.place for asked in lobby.inbox.accepted] == ["slack:T1:D1"]


async def test_an_edit_counts_by_its_time(lobby: Lobby) -> None:
    await lobby.deliver(said())
    await lobby.deliver(edited(f"<@{BOT}> nghỉ ốm mấy ngày?"))
    assert [(asked.key, asked.text, asked.version) for asked in lobby.inbox.accepted] == [
        (ROOT, "nghỉ phép mấy ngày?", 0.0),
        (ROOT, "nghỉ ốm mấy ngày?", 1700000009.0),
    ]


async def test_an_edit_that_adds_our_name_asks(lobby: Lobby) -> None:
    await lobby.deliver(edited(ASK, before="nghỉ phép mấy ngày?"))
    assert [asked.key for asked in lobby.inbox.accepted] == [ROOT]


async def test_an_edit_that_takes_our_name_away_still_changes_the_question(lobby: Lobby) -> None:
    await lobby.deliver(said())
    await lobby.deliver(edited("nghỉ ốm mấy ngày?"))
    assert [asked.text for asked in lobby.inbox.accepted][1:] == ["nghỉ ốm mấy ngày?"]


async def test_an_edit_that_overtakes_its_follow_up_asks_and_that_of_an_old_message_does_not(lobby: Lobby) -> None:
    lobby.notes.answered.add(UNDER)
    now = time.time()
    for age in (60, 3600):
        ts = f"{now - age:.6f}"
        event = edited("thế năm nay?", before="thế năm ngoái?", version=f"{now:.6f}", thread_ts=THREAD, ts=ts)
        await lobby.deliver(event)
    assert [asked.text for asked in lobby.inbox.accepted] == ["thế năm nay?"]


async def test_changes_that_are_no_edits_change_nothing(lobby: Lobby) -> None:
    await lobby.deliver(edited(ASK))  # the same text: a preview was added
    unfurled = edited("khác")
    del unfurled["message"]["edited"]
    await lobby.deliver(unfurled)
    await lobby.deliver(edited("ai đó nói gì khác", before="gì đó"))
    assert lobby.inbox.accepted == []


async def test_a_deletion_takes_the_question_back(lobby: Lobby) -> None:
    await lobby.deliver(said())
    await lobby.deliver(deleted())
    assert [(asked.key, asked.text) for asked in lobby.inbox.accepted][1:] == [(ROOT, None)]


async def test_a_deletion_that_comes_first_is_kept(lobby: Lobby) -> None:
    await lobby.deliver(deleted())
    assert [(asked.key, asked.text) for asked in lobby.inbox.accepted] == [(ROOT, None)]


async def test_a_deletion_of_a_follow_up_that_comes_first_is_kept(lobby: Lobby) -> None:
    gone = deleted(text="thế năm ngoái?", thread_ts=THREAD)
    await lobby.deliver(gone)
    assert lobby.inbox.accepted == []
    lobby.notes.answered.add(UNDER)
    await lobby.deliver(gone)
    assert [(asked.key, asked.text) for asked in lobby.inbox.accepted] == [(ROOT, None)]


async def test_the_first_message_of_a_thread_is_deleted_as_a_tombstone(lobby: Lobby) -> None:
    await lobby.deliver(said())
    tombstone = {"type": "message", "subtype": "tombstone", "ts": TS, "user": "USLACKBOT", "text": "This was deleted."}
    event = {"type": "message", "subtype": "message_changed", "channel": "C1", "ts": "1700000009.9"}
    await lobby.deliver(event | {"message": tombstone, "previous_message": said()})
    assert [asked.text for asked in lobby.inbox.accepted] == ["nghỉ phép mấy ngày?", None]


async def test_what_others_delete_is_none_of_ours(lobby: Lobby) -> None:
    await lobby.deliver(deleted(text="chuyện khác"))
    assert lobby.inbox.accepted == []


async def test_stop_by_word_and_by_button(lobby: Lobby) -> None:
    lobby.notes.answered.add(UNDER)
    for delivery in ("message", "app_mention"):  # one word, delivered as both
        assert await lobby.deliver(said("dừng", thread_ts=THREAD, type=delivery)) is None
    for kind in ("agent_session_stopped", "message_stream_stopped"):
        await lobby.deliver({"type": kind, "channel": "C1", "thread_ts": THREAD, "user": "U1"})
    assert lobby.inbox.stopped == [(UNDER, "slack:U1")] * 2
    lobby.inbox.verdict = Verdict.KNOWN
    later = said(f"<@{BOT}> dừng", ts="1700000000.000300")
    assert await lobby.deliver(later) == Confirmation("C1", "U1", "slack.nothing_to_stop", None)


async def test_the_button_stops_what_is_written_in_the_message_it_stands_on(lobby: Lobby) -> None:
    named: list[tuple[str, str]] = []

    async def stop_message(message: str, person: str) -> bool:
        named.append((message, person))
        return message == f"C1/{TS}"

    events = replace(lobby.events, stop_message=stop_message)
    button = {"channel": "C1", "thread_ts": THREAD, "user": "U1"}
    for about in ({"message_ts": TS}, {"streaming_message_ts": [TS, "1700000000.000900"]}):
        await events.take({"team_id": "T1", "event": {"type": "message_stream_stopped", **button, **about}})
    assert named == [(f"C1/{TS}", "slack:U1")] * 2 + [("C1/1700000000.000900", "slack:U1")]
    assert lobby.inbox.stopped == []
    for unknown in ({"message_ts": "1700000000.000900"}, {"message_ts": 7, "streaming_message_ts": 7}):
        await events.take({"team_id": "T1", "event": {"type": "agent_session_stopped", **button, **unknown}})
    assert lobby.inbox.stopped == [(UNDER, "slack:U1")]


async def test_reactions_and_moves_are_passed_on(lobby: Lobby) -> None:
    await lobby.deliver({"type": "reaction_added", "user": "U1", "reaction": "+1", "item": {}})
    await lobby.deliver({"type": "member_joined_channel", "channel": "C7", "user": "U2"})
    assert [event["type"] for event in lobby.reactions] == ["reaction_added"]
    assert lobby.moved == ["C7"]


SUBTYPES = [
    "bot_message", "me_message", "channel_join", "channel_leave", "channel_topic", "channel_purpose",
    "channel_name", "channel_archive", "channel_unarchive", "channel_convert_to_private",
    "channel_posting_permissions", "group_join", "group_leave", "group_topic", "ekm_access_denied", "file_comment",
    "file_mention", "file_share", "message_changed", "message_deleted", "message_replied", "pinned_item",
    "reminder_add", "reply_broadcast", "thread_broadcast", "tombstone", "huddle_thread", "document_mention",
    "unheard_of",
]  # fmt: skip
TYPES = [
    "message", "app_mention", "reaction_added", "reaction_removed", "member_joined_channel", "member_left_channel",
    "channel_shared", "channel_unshared", "agent_session_stopped", "message_stream_stopped", "app_home_opened",
    "app_context_changed", "team_join",
]  # fmt: skip
WORDS = st.sampled_from(
    ["", ASK, "dừng", f"<@{BOT}> im lặng", "<@", "<!channel>", "💥", "\x00", TS, THREAD, "C1", "D1", "U1"]
)
SCALARS = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | WORDS | st.text(max_size=20)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=8
)
NAMES = [
    "channel", "user", "ts", "text", "thread_ts", "bot_id", "subtype", "files", "edited", "deleted_ts",
    "channel_type", "team", "hidden", "item", "reaction", "item_user", "event_ts", "blocks", "client_msg_id",
    "parent_user_id", "username",
]  # fmt: skip


def fields(values: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(st.sampled_from(NAMES), values, max_size=8)


INNER = st.one_of(
    JSON, fields(JSON), st.just(dict(said())), st.builds(lambda extra: dict(said()) | extra, fields(JSON))
)
EVENTS = st.builds(
    lambda base, extra, kind, subtype, now, before: (
        base | extra | {"type": kind, "subtype": subtype, "message": now, "previous_message": before}
    ),
    st.sampled_from([{}, dict(said()), dict(edited("khác")), dict(deleted())]),
    fields(JSON),
    st.sampled_from(TYPES) | JSON,
    st.none() | st.sampled_from(SUBTYPES) | JSON,
    INNER,
    INNER,
)


@pytest.mark.timeout(300)
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(event=EVENTS)
async def test_no_event_at_all_raises_anything(event: dict[str, object]) -> None:
    lobby = Lobby()
    await lobby.deliver(event)
    for asked in lobby.inbox.accepted:
        assert asked.key.startswith("slack:T1:")
        assert asked.text is None or isinstance(asked.text, str)
        assert asked.person not in {"slack:", f"slack:{BOT}"} or asked.text is None
