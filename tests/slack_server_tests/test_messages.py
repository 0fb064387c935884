"""Posting, changing, deleting and reading messages."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack_server import SlackServer
from tests.slack_server_tests.office import refusal

METADATA = {"event_type": "answer", "event_payload": {"id": "q1"}}


async def test_times_are_unique_and_rise(client: AsyncWebClient, general: str) -> None:
    times = [(await client.chat_postMessage(channel=general, text=str(n)))["ts"] for n in range(5)]
    assert times == sorted(set(times))


async def test_a_post_carries_the_app_and_keeps_what_was_said_of_links(
    slack: SlackServer, client: AsyncWebClient, general: str
) -> None:
    answer = await client.chat_postMessage(channel=general, text="x" * 40_001, unfurl_links=False)
    said = answer["message"]
    assert (said["bot_id"], said["user"], said["app_id"]) == (slack.app.bot_id, slack.app.bot_user, slack.app.id)
    assert len(said["text"]) == 40_000
    assert (slack.message(answer["ts"]).unfurl_links, slack.message(answer["ts"]).unfurl_media) == (False, None)


async def test_places_to_post(slack: SlackServer, client: AsyncWebClient, lan: str) -> None:
    others = slack.people.add_channel("khác", [lan], with_app=False)
    secret = slack.people.add_channel("kín", [lan], with_app=False, is_private=True)
    assert await refusal(client.chat_postMessage(channel=others, text="a")) == "not_in_channel"
    assert await refusal(client.chat_postMessage(channel=secret, text="a")) == "channel_not_found"
    assert (await client.chat_postMessage(channel=lan, text="a"))["channel"] == slack.people.im(lan)


async def test_nothing_to_say_is_refused(client: AsyncWebClient, general: str) -> None:
    assert await refusal(client.api_call("chat.postMessage", json={"channel": general, "text": " "})) == "no_text"
    assert await refusal(client.chat_postMessage(channel=general, text="a", thread_ts="1.1")) == "thread_not_found"


async def test_markdown_text_stands_alone_and_is_limited(client: AsyncWebClient, general: str) -> None:
    assert (await client.chat_postMessage(channel=general, markdown_text="**a**"))["message"]["blocks"] == [
        {"block_id": "b0", "type": "markdown", "text": "**a**"}
    ]
    both = client.chat_postMessage(channel=general, markdown_text="a", text="b")
    assert await refusal(both) == "markdown_text_conflict"
    assert await refusal(client.chat_postMessage(channel=general, markdown_text="a" * 12_001)) == "msg_too_long"


async def test_an_update_keeps_blocks_it_does_not_name(
    slack: SlackServer, client: AsyncWebClient, general: str
) -> None:
    ts = (await client.chat_postMessage(channel=general, text="a", blocks=[markdown("cũ")]))["ts"]
    await client.chat_update(channel=general, ts=ts, text="b")
    assert slack.message(ts).seen() == "cũ"
    await client.chat_update(channel=general, ts=ts, text="b", blocks=[markdown("mới")])
    assert slack.message(ts).shown == ["cũ", "mới"]
    assert slack.message(ts).edited is not None
    assert await refusal(client.chat_update(channel=general, ts=ts, text="a" * 4001)) == "msg_too_long"


async def test_only_own_messages_are_changed_or_deleted(
    slack: SlackServer, client: AsyncWebClient, lan: str, general: str
) -> None:
    ts = slack.people.say(lan, general, "của tôi")
    assert await refusal(client.chat_update(channel=general, ts=ts, text="b")) == "cant_update_message"
    assert await refusal(client.chat_delete(channel=general, ts=ts)) == "cant_delete_message"
    assert await refusal(client.chat_update(channel=general, ts="1.1", text="b")) == "message_not_found"


async def test_a_deleted_parent_leaves_a_tombstone(
    slack: SlackServer, client: AsyncWebClient, lan: str, general: str
) -> None:
    parent = slack.people.say(lan, general, "hỏi")
    await client.chat_postMessage(channel=general, text="đáp", thread_ts=parent)
    slack.people.delete(lan, parent)
    first, second = (await client.conversations_replies(channel=general, ts=parent))["messages"]
    assert (first["subtype"], second["text"], second["parent_user_id"]) == ("tombstone", "đáp", lan)


async def test_metadata_comes_only_when_asked_for(client: AsyncWebClient, general: str) -> None:
    parent = (await client.chat_postMessage(channel=general, text="a"))["ts"]
    await client.chat_postMessage(channel=general, text="b", thread_ts=parent, metadata=METADATA)
    without = await client.conversations_replies(channel=general, ts=parent)
    with_it = await client.conversations_replies(channel=general, ts=parent, include_all_metadata=True)
    assert "metadata" not in without["messages"][1]
    assert with_it["messages"][1]["metadata"] == METADATA
    assert without["messages"][0]["reply_count"] == 1
    wrong = client.chat_postMessage(channel=general, text="b", metadata={"id": "q1"})
    assert await refusal(wrong) == "invalid_metadata_format"


async def test_history_is_newest_first_without_replies_and_in_pages(
    slack: SlackServer, client: AsyncWebClient, lan: str, general: str
) -> None:
    slack.settings.page_size = 2
    first, *_ = [slack.people.say(lan, general, str(n)) for n in range(5)]
    slack.people.say(lan, general, "trong luồng", thread_ts=first)
    found, cursors = [], []
    async for page in await client.conversations_history(channel=general):
        found += [message["text"] for message in page["messages"]]
        cursors.append(page["response_metadata"]["next_cursor"])
    assert found == ["4", "3", "2", "1", "0"]
    assert [bool(cursor) for cursor in cursors] == [True, True, False]
    assert await refusal(client.conversations_history(channel=general, cursor="x")) == "invalid_cursor"


async def test_history_between_two_times(slack: SlackServer, client: AsyncWebClient, lan: str, general: str) -> None:
    a, b, c = (slack.people.say(lan, general, word) for word in "abc")
    between = await client.conversations_history(channel=general, oldest=a, latest=c)
    assert [message["ts"] for message in between["messages"]] == [b]
    inclusive = await client.conversations_history(channel=general, oldest=a, latest=c, inclusive=True)
    assert [message["ts"] for message in inclusive["messages"]] == [c, b, a]


async def test_members_and_conversations_come_in_pages(slack: SlackServer, client: AsyncWebClient, lan: str) -> None:
    slack.settings.page_size = 1
    a = slack.people.add_channel("a", [lan])
    b = slack.people.add_channel("b", [lan], is_private=True)
    members = [m async for page in await client.conversations_members(channel=b) for m in page["members"]]
    assert members == [lan, slack.app.bot_user]
    pages = await client.users_conversations(types="public_channel,private_channel")
    assert [channel["id"] async for page in pages for channel in page["channels"]] == [a, b]
    people = [user["id"] async for page in await client.users_list() for user in page["members"]]
    assert people == [slack.app.bot_user, lan]


async def test_a_link_to_a_message(client: AsyncWebClient, general: str) -> None:
    ts = (await client.chat_postMessage(channel=general, text="a"))["ts"]
    link = (await client.chat_getPermalink(channel=general, message_ts=ts))["permalink"]
    assert link.endswith(f"/archives/{general}/p{ts.replace('.', '')}")


@pytest.mark.parametrize("mention", ["<!channel>", "<!here|here>", "<@U0001>", "<!subteam^S1>"])
async def test_active_mentions_are_noted(
    slack: SlackServer, client: AsyncWebClient, general: str, mention: str
) -> None:
    ts = (await client.chat_postMessage(channel=general, text=f"a {mention}"))["ts"]
    await client.chat_update(channel=general, ts=ts, text="a", blocks=[markdown(mention)])
    assert slack.pings == [(general, ts, mention)] * 2


async def test_escaped_mentions_ring_nobody(slack: SlackServer, client: AsyncWebClient, general: str) -> None:
    await client.chat_postMessage(channel=general, text="&lt;!channel&gt; @channel")
    assert not slack.pings
    await client.chat_postMessage(channel=general, text="@channel", link_names=True)
    assert [ping[2] for ping in slack.pings] == ["@channel"]


async def test_an_ephemeral_message_is_for_one_member(
    slack: SlackServer, client: AsyncWebClient, lan: str, general: str
) -> None:
    binh = slack.people.add_user("Bình")
    await client.chat_postEphemeral(channel=general, user=lan, text="chỉ mình chị")
    assert [message.text for message in slack.ephemerals(lan)] == ["chỉ mình chị"]
    assert not slack.messages(general)
    assert await refusal(client.chat_postEphemeral(channel=general, user=binh, text="a")) == "user_not_in_channel"


def markdown(text: str) -> dict[str, str]:
    return {"type": "markdown", "text": text}
