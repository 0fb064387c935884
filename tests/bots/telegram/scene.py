"""What the scripted conversation is made of: an office with a small handbook, what people see, the last reckoning."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from bots.memory import Memory
from bots.telegram import controls
from bots.telegram.adapter import TelegramAdapter
from bots.telegram.controls import Action
from core.inbox import Inbox
from core.intake import OPEN, State
from core.store import tables
from core.store.database import Database
from tests.bots.slack.script_lines import ANSWERED, Prompter
from tests.bots.telegram.crew import Crew
from tests.fakes import ListRetriever
from tests.telegram_server import Message, Press, TelegramServer

PATIENCE = 10.0


@dataclass
class Office:
    """A running adapter with all that a test may want to look at."""

    telegram: TelegramServer
    database: Database
    memory: Memory
    inbox: Inbox
    adapter: TelegramAdapter
    model: Prompter
    retriever: ListRetriever
    crew: Crew

    async def until(self, condition: Callable[[], object]) -> None:
        await self.telegram.until(lambda _telegram: condition(), PATIENCE)

    def under(self, chat: int, asked: int) -> list[Message]:
        """Our messages that reply to this one."""
        return [said for said in self.telegram.said(chat) if said.reply_to == asked]

    async def answer(self, chat: int, asked: int, text: str = ANSWERED) -> Message:
        """The answer to this message with this text, once it is finished: it has its thumbs."""
        return await self._standing(lambda: [m for m in self.under(chat, asked) if text in m.text and answer_of(m)])

    async def growing(self, chat: int, asked: int, words: str) -> Message:
        """What stands under the question while it is answered, once it shows these words and can be stopped."""
        return await self._standing(
            lambda: [m for m in self.under(chat, asked) if words in m.text and button(m, Action.STOP)]
        )

    async def word(self, chat: int, said_to: int, words: str) -> Message:
        """A message of ours under this one that says these words, and is not worked on any more."""
        return await self._standing(
            lambda: [m for m in self.under(chat, said_to) if words in m.text and not button(m, Action.STOP)]
        )

    async def said(self, chat: int, words: str) -> Message:
        """A message of ours in the chat that says these words."""
        return await self._standing(lambda: [m for m in self.telegram.said(chat) if words in m.text])

    async def _standing(self, found: Callable[[], Sequence[Message]]) -> Message:
        await self.until(found)
        return found()[-1]

    async def press(self, user: int, message: Message, says: str) -> Press:
        """Presses the button that says so, and waits until it rests."""
        data = next(str(each["callback_data"]) for each in message.buttons if says in str(each["text"]))
        press = self.telegram.people.press(user, message.chat, message.id, data)
        await self.until(lambda: press.answered is not None)
        return press

    async def heard(self) -> None:
        """Everything that people did has been taken, and confirmed to Telegram."""
        await self.until(lambda: not self.telegram.unconfirmed)

    async def calm(self) -> None:
        """Nothing is on its way any more."""
        await self.heard()
        await self.until(lambda: not self.unfinished())
        await self.until(lambda: all(press.answered is not None for press in self.telegram.world.presses.values()))

    def ours(self) -> list[Message]:
        return [said for chat in self.telegram.world.chats for said in self.telegram.said(chat)]

    def unfinished(self) -> list[Message]:
        """What can still be stopped. In a group that has become another nothing can be changed any more."""
        chats = self.telegram.world.chats
        return [said for said in self.ours() if button(said, Action.STOP) and not chats[said.chat].migrated_to]

    async def reckon(self) -> None:
        """With the office closed: nothing lost, nobody called while asked to wait, one finished answer a question.

        To be asked to wait is no fault here: time flies, so half a second in which the machine stands still is six,
        and what was due in them goes in one heap. `test_paced.py` is strict about it.
        """
        telegram = self.telegram
        assert telegram.violations == []
        assert (telegram.unconfirmed, telegram.lost) == ([], [])
        assert [called for called in telegram.calls if called.error and not is_expected(called.error)] == []
        states, posts = await self._states(), await self._posts()
        assert not set(states.values()) & {*OPEN, State.FAILED}
        answered = {question for question, state in states.items() if state == State.ANSWERED}
        standing = {f"{said.chat}/{said.id}": said for said in self.ours()}
        assert {post for question in answered for post in posts[question]} <= standing.keys()
        shown = [answer_of(said) for said in self.ours() if answer_of(said)]
        assert len(shown) == len(set(shown))
        assert {len(posts[question]) for question in answered} <= {1}

    async def _states(self) -> dict[str, str]:
        async with self.database.reading() as connection:
            rows = await connection.execute(select(tables.inbox.c.question_id, tables.inbox.c.state))
            return {str(row.question_id): str(row.state) for row in rows}

    async def _posts(self) -> dict[str, list[str]]:
        """The messages of ours for each question."""
        found: dict[str, list[str]] = {}
        post = tables.inbox_post
        async with self.database.reading() as connection:
            for row in await connection.execute(select(post.c.question_id, post.c.message_id)):
                found.setdefault(str(row.question_id), []).append(str(row.message_id))
        return found


def is_expected(error: str) -> bool:
    """Whether Telegram refused what we could not know of, or a test made it."""
    return any(words in error for words in ("upgraded to a supergroup", "Bad Gateway", "Too Many Requests"))


def button(message: Message, *actions: Action) -> str:
    """The id behind a button of this kind under the message; empty where there is none."""
    for each in message.buttons:
        try:
            pressed = controls.read(str(each.get("callback_data")))
        except ValueError:
            continue
        if pressed.action in actions:
            return pressed.id
    return ""


def answer_of(message: Message) -> str:
    """The id of the answer that can be voted on there; empty where none can."""
    return button(message, Action.UP)


def entities_of(message: Message) -> set[str]:
    return {str(entity["type"]) for entity in message.entities}
