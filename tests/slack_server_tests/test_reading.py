"""The methods that tell of places, people and reactions."""

from slack_sdk.web.async_client import AsyncWebClient

from tests.slack_server import SlackServer
from tests.slack_server_tests.office import client_of, manifest, refusal


async def test_a_channel_says_who_may_read_it(slack: SlackServer, client: AsyncWebClient, lan: str) -> None:
    shared = slack.people.add_channel("đối tác", [lan], is_private=True, is_ext_shared=True)
    channel = (await client.conversations_info(channel=shared, include_num_members=True))["channel"]
    assert (channel["is_private"], channel["is_ext_shared"], channel["is_member"]) == (True, True, True)
    assert channel["num_members"] == 2
    others = slack.people.add_channel("khác", [lan], with_app=False)
    assert (await client.conversations_info(channel=others))["channel"]["is_member"] is False
    assert await refusal(client.conversations_history(channel=others)) == "not_in_channel"


async def test_direct_messages_name_the_other_side(slack: SlackServer, client: AsyncWebClient, lan: str) -> None:
    opened = (await client.conversations_open(users=[lan]))["channel"]["id"]
    assert opened == slack.people.im(lan)
    channel = (await client.conversations_info(channel=opened))["channel"]
    assert (channel["is_im"], channel["user"]) == (True, lan)


async def test_each_kind_of_place_has_its_scope() -> None:
    scopes = ["channels:read", "channels:history"]
    bare = manifest(scopes=scopes, events=[]) | {"features": {}}
    async with SlackServer(bare) as slack:
        lan = slack.people.add_user("Lan")
        client = client_of(slack)
        general = slack.people.add_channel("chung", [lan])
        private = slack.people.add_channel("kín", [lan], is_private=True)
        assert (await client.conversations_history(channel=general))["ok"]
        assert await refusal(client.conversations_history(channel=private)) == "missing_scope"
        assert await refusal(client.users_conversations(types="private_channel")) == "missing_scope"
        assert await refusal(client.users_conversations(types="secret")) == "invalid_types"
        assert await refusal(client.users_info(user=lan)) == "missing_scope"
        assert await refusal(client.chat_postMessage(channel=general, text="a")) == "missing_scope"


async def test_conversations_of_another_are_those_the_app_may_see(
    slack: SlackServer, client: AsyncWebClient, lan: str, general: str
) -> None:
    slack.people.add_channel("kín", [lan], with_app=False, is_private=True)
    found = await client.users_conversations(user=lan, types="public_channel,private_channel")
    assert [channel["id"] for channel in found["channels"]] == [general]


async def test_replies_come_in_pages_after_their_parent(
    slack: SlackServer, client: AsyncWebClient, lan: str, general: str
) -> None:
    slack.settings.page_size = 2
    parent = slack.people.say(lan, general, "hỏi")
    replies = [slack.people.say(lan, general, str(n), thread_ts=parent) for n in range(3)]
    pages = await client.conversations_replies(channel=general, ts=parent)
    assert [m["ts"] async for page in pages for m in page["messages"]] == [parent, *replies]
    newest = await client.conversations_replies(channel=general, ts=parent, oldest=replies[1])
    assert [m["ts"] for m in newest["messages"]] == [parent, replies[2]]
    assert await refusal(client.conversations_replies(channel=general, ts="1.1")) == "thread_not_found"


async def test_reactions_are_added_once_and_read(
    slack: SlackServer, client: AsyncWebClient, lan: str, general: str
) -> None:
    ts = slack.people.say(lan, general, "a")
    await client.reactions_add(channel=general, timestamp=ts, name="eyes")
    assert await refusal(client.reactions_add(channel=general, timestamp=ts, name="eyes")) == "already_reacted"
    slack.people.react(lan, ts, "eyes")
    told = (await client.reactions_get(channel=general, timestamp=ts))["message"]["reactions"]
    assert told == [{"name": "eyes", "users": [slack.app.bot_user, lan], "count": 2}]


async def test_the_team_has_a_name(client: AsyncWebClient) -> None:
    assert (await client.team_info())["team"]["id"] == "T1"
