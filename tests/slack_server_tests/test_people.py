"""The events that people cause, as Slack shapes them."""

import pytest

from tests.slack_server import Impossible, Json, SlackServer
from tests.slack_server_tests.office import manifest


def heard(slack: SlackServer) -> list[Json]:
    """Every event that was sent, oldest first."""
    return [delivery.event for delivery in slack.deliveries.all]


async def test_each_kind_of_channel_has_its_name(slack: SlackServer, lan: str, general: str) -> None:
    private = slack.people.add_channel("kín", [lan], is_private=True)
    for channel in (general, private, slack.people.im(lan), slack.people.add_group_dm([lan])):
        slack.people.say(lan, channel, "a")
    assert [event["channel_type"] for event in heard(slack)] == ["channel", "group", "im", "mpim"]


async def test_direct_messages_have_no_mention_event(slack: SlackServer, lan: str) -> None:
    slack.people.ask(lan, slack.people.im(lan), "nghỉ phép?")
    assert [event["type"] for event in heard(slack)] == ["message"]


async def test_the_app_hears_nothing_where_it_is_not(slack: SlackServer, lan: str) -> None:
    others = slack.people.add_channel("khác", [lan], with_app=False)
    ts = slack.people.ask(lan, others, "nghỉ phép?")
    slack.people.react(lan, ts, "+1")
    assert not heard(slack)


async def test_only_subscribed_events_are_sent() -> None:
    async with SlackServer(manifest(events=["app_mention"])) as slack:
        lan = slack.people.add_user("Lan")
        general = slack.people.add_channel("chung", [lan])
        slack.people.ask(lan, general, "nghỉ phép?")
        slack.people.say(lan, slack.people.im(lan), "a")
        assert [event["type"] for event in heard(slack)] == ["app_mention"]


async def test_an_edit_that_adds_a_mention_is_a_mention(slack: SlackServer, lan: str, general: str) -> None:
    ts = slack.people.say(lan, general, "nghỉ phép?")
    slack.people.edit(lan, ts, f"{slack.people.mention} nghỉ phép?")
    slack.people.edit(lan, ts, f"{slack.people.mention} nghỉ ốm?")
    _, changed, mention, again = heard(slack)
    assert (changed["subtype"], changed["message"]["ts"], changed["channel"]) == ("message_changed", ts, general)
    assert changed["previous_message"]["text"] == "nghỉ phép?"
    assert (mention["type"], mention["ts"], mention["edited"]["user"]) == ("app_mention", ts, lan)
    assert again["subtype"] == "message_changed"


async def test_deletions_are_told_or_leave_a_tombstone(slack: SlackServer, lan: str, general: str) -> None:
    ts = slack.people.say(lan, general, "a")
    slack.people.delete(lan, ts)
    assert (heard(slack)[-1]["subtype"], heard(slack)[-1]["deleted_ts"]) == ("message_deleted", ts)
    parent = slack.people.say(lan, general, "hỏi")
    slack.people.say(lan, general, "thêm", thread_ts=parent)
    slack.people.delete(lan, parent)
    last = heard(slack)[-1]
    assert (last["subtype"], last["message"]["subtype"]) == ("message_changed", "tombstone")
    assert last["previous_message"]["text"] == "hỏi"


async def test_reactions_come_and_go(slack: SlackServer, lan: str, general: str) -> None:
    ts = slack.people.say(lan, general, "a")
    slack.people.react(lan, ts, "+1::skin-tone-3")
    assert slack.message(ts).to_json()["reactions"] == [{"name": "+1::skin-tone-3", "users": [lan], "count": 1}]
    slack.people.unreact(lan, ts, "+1::skin-tone-3")
    added, removed = heard(slack)[1:]
    assert (added["type"], removed["type"]) == ("reaction_added", "reaction_removed")
    assert added["item"] == {"type": "message", "channel": general, "ts": ts}
    assert (added["user"], added["item_user"]) == (lan, lan)
    with pytest.raises(Impossible):
        slack.people.unreact(lan, ts, "+1")


async def test_a_file_comes_as_a_message(slack: SlackServer, lan: str, general: str) -> None:
    slack.people.upload(lan, general, "nội quy.pdf", b"%PDF", mimetype="application/pdf", text="đọc giúp")
    event, shared = heard(slack)
    file = event["files"][0]
    assert (event["subtype"], event["text"]) == ("file_share", "đọc giúp")
    assert (file["filetype"], file["size"], file["mimetype"]) == ("pdf", 4, "application/pdf")
    assert (shared["type"], shared["file_id"], shared["channel_id"]) == ("file_shared", file["id"], general)


async def test_other_bots_are_marked(slack: SlackServer, general: str) -> None:
    slack.people.bot_says(general, f"{slack.people.mention} xin chào")
    message, mention = heard(slack)
    assert (message["subtype"], message["bot_id"]) == ("bot_message", "B0OTHER")
    assert (mention["type"], mention["bot_id"]) == ("app_mention", "B0OTHER")


async def test_coming_and_going_is_told(slack: SlackServer, lan: str, general: str) -> None:
    binh = slack.people.add_user("Bình")
    slack.people.join(binh, general)
    slack.people.leave(binh, general)
    assert [(event["type"], event["user"]) for event in heard(slack)] == [
        ("member_joined_channel", binh),
        ("member_left_channel", binh),
    ]
    with pytest.raises(Impossible):
        slack.people.say(binh, general, "a")
    assert lan in slack.workspace.channels[general].members


async def test_opening_a_tab_is_told(slack: SlackServer, lan: str) -> None:
    slack.people.open_home(lan, "messages")
    event = heard(slack)[0]
    assert (event["type"], event["tab"], event["channel"]) == ("app_home_opened", "messages", slack.people.im(lan))


async def test_strangers_and_shared_channels_are_marked(slack: SlackServer) -> None:
    guest = slack.people.add_user("Khách", is_stranger=True, team="T2")
    shared = slack.people.add_channel("đối tác", [guest], is_ext_shared=True)
    slack.people.say(guest, shared, "a")
    payload = slack.deliveries.all[0].payload
    assert payload["is_ext_shared_channel"] is True
    assert (payload["event"]["team"], payload["event"]["user_team"]) == ("T2", "T2")


async def test_made_up_events_are_sent_as_they_are(slack: SlackServer) -> None:
    made_up = {"type": "message", "channel": "C9", "ts": "1.2", "text": None, "surprise": [1]}
    slack.people.deliver(made_up, "message.channels")
    assert heard(slack) == [made_up]


async def test_threads_hang_on_messages(slack: SlackServer, lan: str, general: str) -> None:
    parent = slack.people.say(lan, general, "hỏi")
    reply = slack.people.say(lan, general, "thêm", thread_ts=parent, broadcast=True)
    event = heard(slack)[-1]
    assert (event["subtype"], event["thread_ts"], event["parent_user_id"]) == ("thread_broadcast", parent, lan)
    with pytest.raises(Impossible):
        slack.people.say(lan, general, "nữa", thread_ts=reply)


async def test_waiting_in_vain_names_the_last_calls(slack: SlackServer) -> None:
    with pytest.raises(TimeoutError, match=r"last calls \[\]"):
        await slack.until(lambda s: s.calls, seconds=0.01)


async def test_direct_messages_may_be_off() -> None:
    closed = manifest()
    closed["features"]["app_home"]["messages_tab_read_only_enabled"] = True
    async with SlackServer(closed) as slack:
        lan = slack.people.add_user("Lan")
        with pytest.raises(Impossible, match="no direct messages"):
            slack.people.say(lan, slack.people.im(lan), "a")


async def test_others_come_and_go_unheard_where_the_app_is_not(slack: SlackServer, lan: str) -> None:
    others = slack.people.add_channel("khác", [lan], with_app=False)
    slack.people.join(slack.people.add_user("Bình"), others)
    assert not heard(slack)
    slack.people.join(slack.app.bot_user, others)
    assert [event["user"] for event in heard(slack)] == [slack.app.bot_user]
