"""What people said in a thread, as Slack keeps it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bots.slack.adapter import SlackConfig, open_client
from bots.slack.api import SlackApi
from bots.slack.budgets import MethodBudgets
from bots.slack.identity import Identity
from bots.slack.ids import Spot
from bots.slack.threads import MOST_MESSAGES, Threads
from core.clock import SteadyClock
from core.conversation import Remark
from tests.bots.slack.office import MANIFEST
from tests.bots.slack.strange import serving
from tests.slack_server import SlackServer
from tests.slack_server.rates import Rates

TEAM = "T1"


class Talk:
    """A thread that people talk in; `questions` are the keys of what was asked of us."""

    def __init__(self, slack: SlackServer, api: SlackApi) -> None:
        self.slack, self.identity = slack, Identity()
        self.questions: set[str] = set()
        self.threads = Threads(api, self.identity, self._questions)
        self.an, self.binh = slack.people.add_user("An"), slack.people.add_user("Bình")
        self.channel = slack.people.add_channel("chung", [self.an, self.binh])
        self.root = slack.people.say(self.an, self.channel, "Mai nghỉ được không?")

    async def _questions(self, conversation: str) -> set[str]:
        assert conversation == self.key(self.root)
        return self.questions

    def key(self, ts: str) -> str:
        return Spot(TEAM, self.channel, ts).name

    def say(self, text: str, user: str = "") -> str:
        return self.slack.people.say(user or self.an, self.channel, text, thread_ts=self.root)

    def ask(self, text: str = "Có đúng không?", user: str = "") -> str:
        ts = self.say(f"{self.slack.people.mention} {text}", user)
        self.questions.add(self.key(ts))
        return ts

    async def remarks(self, asked: str) -> list[Remark]:
        return await self.threads.remarks(self.key(self.root), asked if ":" in asked else self.key(asked))

    async def texts(self, asked: str) -> list[str]:
        return [remark.text for remark in await self.remarks(asked)]


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    async with (
        SlackServer(dict(MANIFEST), rates=Rates(on=False)) as slack,
        open_client(SlackConfig(slack.bot_token, api_url=slack.api_url)) as client,
    ):
        api = SlackApi(client, MethodBudgets(SteadyClock()))
        opened = Talk(slack, api)
        await opened.identity.learn(api, SteadyClock(), asyncio.Event())
        yield opened


async def test_what_was_said_before_comes_oldest_first_over_all_pages(talk: Talk) -> None:
    talk.slack.settings.page_size = 3
    said = [talk.say(f"Ý {n}", talk.binh if n % 2 else talk.an) and f"Ý {n}" for n in range(10)]
    asked = talk.ask()
    talk.say("Sau đó")
    remarks = await talk.remarks(asked)
    assert [remark.text for remark in remarks] == ["Mai nghỉ được không?", *said]
    assert [remark.by_asker for remark in remarks[1:]] == [True, False] * 5
    assert [remark.said_at for remark in remarks] == sorted(remark.said_at for remark in remarks)


async def test_ours_those_of_bots_and_the_platforms_are_no_remarks(talk: Talk) -> None:
    await talk.threads.api.call("chat.postMessage", channel=talk.channel, thread_ts=talk.root, text="Của chúng tôi")
    talk.slack.people.bot_says(talk.channel, "Của máy khác", thread_ts=talk.root)
    talk.say("Có lẽ vậy", talk.binh)
    assert await talk.texts(talk.ask()) == ["Mai nghỉ được không?", "Có lẽ vậy"]


async def test_what_was_asked_of_us_is_no_remark_with_our_name_or_without(talk: Talk) -> None:
    talk.ask("Câu trước?")
    talk.questions.add(talk.key(talk.say("Còn năm ngoái?")))
    talk.say(f"Để hỏi {talk.slack.people.mention} xem", talk.binh)
    assert await talk.texts(talk.ask()) == ["Mai nghỉ được không?"]


async def test_marks_are_read_as_people_see_them(talk: Talk) -> None:
    talk.say(f"<@{talk.an}> xem &lt;mục 3&gt;", talk.binh)
    talk.slack.people.upload(talk.binh, talk.channel, "a.pdf", b"x", text="", thread_ts=talk.root)
    assert await talk.texts(talk.ask()) == ["Mai nghỉ được không?", f"@{talk.an} xem <mục 3>"]


async def test_a_question_that_begins_its_thread_asks_nothing_of_slack(talk: Talk) -> None:
    assert await talk.remarks(talk.root) == []
    assert await talk.threads.remarks("slack:T1:C1:command:1.2", "slack:T1:C1:command:1.2") == []
    assert await talk.threads.remarks("slack:T1:D1:1.1", "slack:T1:D1:1.2") == []
    assert talk.slack.called("conversations.replies") == []


async def test_who_asks_by_the_shortcut_is_the_asker_not_who_wrote_it(talk: Talk) -> None:
    talk.say("Chắc là được", talk.binh)
    chosen = talk.say("Ai biết không?", talk.an)
    remarks = await talk.remarks(f"{talk.key(chosen)}:ask:{talk.binh}:1700000000.1")
    assert [(remark.text, remark.by_asker) for remark in remarks] == [
        ("Mai nghỉ được không?", False),
        ("Chắc là được", True),
    ]


async def test_a_thread_of_a_thousand_messages_is_read_in_a_few_calls(talk: Talk) -> None:
    talk.slack.settings.page_size = 1_000
    for number in range(1_000):
        talk.say(f"Ý {number}", talk.binh)
    remarks = await talk.remarks(talk.ask(user=talk.binh))
    assert len(remarks) == 1_001
    assert remarks[-1] == Remark("Ý 999", remarks[-1].said_at, by_asker=True)
    assert len(talk.slack.called("conversations.replies")) == 6


async def test_of_a_thread_too_long_to_be_read_nothing_is_told(talk: Talk) -> None:
    talk.slack.settings.page_size = 1_000
    for number in range(MOST_MESSAGES):
        talk.say(f"Ý {number}", talk.binh)
    assert await talk.remarks(talk.ask()) == []
    assert len(talk.slack.called("conversations.replies")) == MOST_MESSAGES / 200


async def test_the_first_message_counts_once_though_it_comes_with_every_page() -> None:
    pages = [("1700000000.000100", "1700000000.000200"), ("1700000000.000100", "1700000000.000300")]

    async def replies(request: web.Request) -> web.StreamResponse:
        number = 1 if request.query.get("cursor") else 0
        said = [{"user": "U1", "ts": ts, "text": ts, "type": "message"} for ts in pages[number]]
        more = {"next_cursor": "" if number else "next"}
        return web.json_response({"ok": True, "messages": said, "response_metadata": more})

    async def none(_conversation: str) -> set[str]:
        return set()

    async with serving(replies) as url, open_client(SlackConfig("xoxb-1", api_url=url)) as client:
        threads = Threads(SlackApi(client, MethodBudgets(SteadyClock())), Identity("U0BOT", TEAM), none)
        spot = Spot(TEAM, "C1", pages[0][0])
        assert [message["ts"] async for message in threads.messages(spot)] == [*pages[0], pages[1][1]]
        later = [message["ts"] async for message in threads.messages(spot, since=pages[0][0])]
        assert later == [pages[0][1], pages[1][1]]


async def test_without_a_thread_the_newest_messages_of_the_channel_come_oldest_first(talk: Talk) -> None:
    said = [talk.slack.people.say(talk.an, talk.channel, f"Tin {n}") for n in range(5)]
    found = [message["ts"] async for message in talk.threads.messages(Spot(TEAM, talk.channel))]
    assert found == [talk.root, *said]
