"""Reading a thread as Slack keeps it: all pages, oldest first."""

from collections.abc import AsyncIterator, Awaitable, Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime

from bots.slack.addressing import SPOKEN
from bots.slack.api import Reply, SlackApi
from bots.slack.identity import Identity
from bots.slack.ids import Spot, asker_of
from bots.slack.typed import mentions, plain
from core.conversation import Remark

PAGE = 200
"""Messages asked for at once; Slack gives at most 1,000 and advises 200."""
MOST_MESSAGES = 2_000
"""Messages of one thread that are read, oldest first: each page counts against the workspace's budget."""


@dataclass(frozen=True, slots=True)
class Threads:
    """The threads of a workspace. Calls raise `Refused` and SurfaceError."""

    api: SlackApi
    identity: Identity
    questions: Callable[[str], Awaitable[AbstractSet[str]]]
    """The keys of the messages of a conversation that were questions to us."""

    async def messages(self, spot: Spot, since: str | None = None) -> AsyncIterator[Reply]:
        """The messages of a thread after `since`, oldest first; without a thread the newest page of the channel."""
        where = {"channel": spot.channel, "limit": PAGE, "include_all_metadata": True}
        if spot.ts is None:
            page = await self.api.call_with("conversations.history", where)
            for message in reversed(page["messages"]):
                yield message
            return
        count, last = 0, float(since or 0)
        async for message in self.api.pages("conversations.replies", "messages", **where, ts=spot.ts, oldest=since):
            if float(message["ts"]) <= last:
                continue  # the first message of the thread may come with every page
            yield message
            last, count = float(message["ts"]), count + 1
            if count >= MOST_MESSAGES:
                return

    async def remarks(self, conversation: str, reply_to: str) -> list[Remark]:
        """What people said in the thread before the question and not to us.

        Nothing is asked of Slack where the question begins the thread, or where all is said to us. Nothing is told
        either where the thread was not read as far as the question: what is long past would pass for the newest.
        """
        thread, asked = Spot.of(conversation), Spot.of(reply_to)
        if thread.ts in {None, asked.ts} or is_direct(thread.channel):
            return []
        questions = await self.questions(conversation)
        said = [message async for message in self.messages(thread)]
        author = next((message.get("user") for message in said if message["ts"] == asked.ts), None)
        if author is None and len(said) >= MOST_MESSAGES:
            return []
        asker = asker_of(reply_to) or author
        return [
            Remark(text, moment(message["ts"]), by_asker=message.get("user") == asker)
            for message in said
            if asked.ts is None or float(message["ts"]) < float(asked.ts)
            if Spot(thread.team, thread.channel, message["ts"]).name not in questions
            if self._is_remark(message) and (text := plain(message.get("text", ""), self.identity.user))
        ]

    def _is_remark(self, message: Reply) -> bool:
        """Said by a person to other people; what was said to us is a question, and stands in the journal."""
        is_ours = message.get("user") == self.identity.user or message.get("bot_id") is not None
        to_us = self.identity.user in mentions(message.get("text", ""))
        return message.get("subtype") in SPOKEN and not is_ours and not to_us


def is_direct(channel: str) -> bool:
    """Whether a channel is a direct message with one person."""
    return channel.startswith("D")


def moment(ts: str) -> datetime:
    """The time of a message; a `ts` is seconds since 1970 with a serial number behind the dot."""
    return datetime.fromtimestamp(float(ts), UTC)
