"""The door as a chat surface: what is shown goes to the visitor who asked, as fast as they read it."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bots.door_words import Failed, Noted, Refused, Shown, Word, finished, word_line
from bots.terminal import SURFACE, UNLIMITED, ReadAlone
from core.conversation import Answer
from core.surfaces import Part, Posting

READ_SECONDS = 600.0
"""Who takes nothing of what they are told for so long has left."""


@dataclass(eq=False, slots=True)
class Outbox:
    """What is still to be said to one visitor: of notes and of previews the newest one, and the end.

    Nobody waits for who reads slowly: previews that come meanwhile take the place of those before. `is_said`: the end
    has been.
    """

    is_ended: bool = False
    is_said: bool = False
    _waiting: dict[str, Word] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, word: Word) -> None:
        """What is to be said in between."""
        if not self.is_ended:
            self._waiting.pop(word.kind, None)
            self._waiting[word.kind] = word
            self._news.set()

    def end(self, word: Word) -> None:
        """The last word; nothing is said after it."""
        if not self.is_ended:
            self.is_ended, self._waiting = True, {word.kind: word}
            self._news.set()

    async def say_to(self, writer: asyncio.StreamWriter) -> None:
        """Says all of it, up to the end. Raises OSError where nobody listens any more, TimeoutError among them."""
        while not self.is_said:
            await self._news.wait()
            self._news.clear()
            words, is_end = self._waiting, self.is_ended
            self._waiting = {}
            async with asyncio.timeout(READ_SECONDS):
                for word in words.values():
                    writer.write(word_line(word))
                    await writer.drain()
            self.is_said = is_end


class DoorSurface(ReadAlone):
    """`core.surfaces.ChatSurface` for all visitors of one service. Its name is its own: no other worker writes here.

    What is shown of a question whose visitor has left is shown to nobody.
    """

    def __init__(self) -> None:
        self.name = f"{SURFACE}:{uuid.uuid4().hex}"
        self.rates = UNLIMITED
        self._outboxes: dict[str, Outbox] = {}

    @contextmanager
    def visited(self, key: str) -> Iterator[Outbox]:
        """While the block runs, what is shown under the message with this key is put into the outbox."""
        self._outboxes[key] = outbox = Outbox()
        try:
            yield outbox
        finally:
            del self._outboxes[key]

    def close(self) -> None:
        """Everybody who still waits hears that the service stops."""
        for outbox in self._outboxes.values():
            outbox.end(Refused("beside.stopped", {}))

    async def announce(self, posting: Posting, text: str) -> bool:
        if text:
            self._put(posting, Noted(text))
        return True

    async def post_placeholder(self, posting: Posting, text: str) -> str:
        self._put(posting, Shown(text))
        return posting.question_id

    async def open_answer(self, posting: Posting, text: str) -> str:
        return await self.post_placeholder(posting, text)

    async def edit(self, posting: Posting, message_id: str, text: str) -> None:
        del message_id
        self._put(posting, Shown(text))

    async def finish(self, posting: Posting, message_id: str, answer: Answer, part: Part) -> None:
        del message_id, part
        self._end(posting, finished(answer))

    async def fail(self, posting: Posting, message_id: str, text: str) -> None:
        del message_id
        self._end(posting, Failed(text))

    async def remove(self, posting: Posting, message_id: str) -> None:
        del message_id
        self._end(posting, Failed(""))

    def _put(self, posting: Posting, word: Word) -> None:
        if outbox := self._outboxes.get(posting.reply_to):
            outbox.put(word)

    def _end(self, posting: Posting, word: Word) -> None:
        if outbox := self._outboxes.get(posting.reply_to):
            outbox.end(word)
