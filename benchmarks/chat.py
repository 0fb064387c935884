"""A chat platform in memory: it remembers what was seen of each question and when, and fails as its weather says."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from core.conversation import Answer, Attachment, Remark
from core.intake import SharedFile
from core.surfaces import Action, MessageGone, Part, Posting, Rates

_T = TypeVar("_T")
numbers = itertools.count(1)

BEARS_ALL = Rates(
    place_burst=1e6, place_per_second=1e6, burst=1e6, per_second=1e6, reserve=0.0, preview_seconds=0.0, call_seconds=5.0
)


@dataclass(slots=True)
class Shown:
    """One message of ours. `final_text` is None until an answer or a notice stands there."""

    posting: Posting
    final_text: str | None = None
    is_answer: bool = False


@dataclass(slots=True)
class Story:
    """What the asker of one question has seen, times by `time.perf_counter`.

    `posts` counts the messages ever sent, `writings` the final texts ever written.
    """

    messages: dict[str, Shown] = field(default_factory=dict)
    placed_at: float | None = None
    ended_at: float | None = None
    previewed_at: float = 0.0
    posts: int = 0
    writings: int = 0

    @property
    def standing(self) -> list[Shown]:
        """What people read there now."""
        return list(self.messages.values())


class Weather:
    """Fair weather: everything is done as it is asked for."""

    async def __call__(self, action: Action, effect: Callable[[], _T]) -> _T:
        del action
        return effect()


@dataclass
class Storm(Weather):
    """From `start` to `end` (`time.perf_counter`) every call comes to grief; without an `error` no word comes back."""

    error: Exception | None
    start: float
    end: float
    previews: int = 0

    async def __call__(self, action: Action, effect: Callable[[], _T]) -> _T:
        if not self.start <= time.perf_counter() < self.end:
            return effect()
        self.previews += action is Action.EDIT
        if self.error:
            raise self.error
        return await asyncio.Future()


@dataclass
class Chat:
    """`core.surfaces.ChatSurface`. `weather` does each call's effect, or fails before it or after it."""

    name: str = "chat"
    rates: Rates = BEARS_ALL
    weather: Weather = field(default_factory=Weather)
    stories: dict[str, Story] = field(default_factory=dict)
    on_final: Callable[[str], None] = lambda _question_id: None
    members: Callable[[], Awaitable[frozenset[str] | None]] | None = None

    def story(self, question_id: str) -> Story:
        return self.stories.setdefault(question_id, Story())

    def cost(self, action: Action, place: str) -> float:
        del place
        return 0.0 if action in {Action.ANNOUNCE, Action.FIND} else 1.0

    def render(self, answer: Answer) -> Sequence[Part]:
        return [Part(answer.text, answer.text)]

    async def announce(self, posting: Posting, text: str) -> bool:
        del posting, text
        return False

    async def post_placeholder(self, posting: Posting, text: str) -> str:
        del text
        return await self._call(Action.PLACEHOLDER, posting, lambda: self._post(posting))

    async def open_answer(self, posting: Posting, text: str) -> str:
        return await self.post_placeholder(posting, text)

    async def post_part(self, posting: Posting, text: str) -> str:
        del text
        action = Action.PART if posting.part else Action.PLACEHOLDER
        return await self._call(action, posting, lambda: self._post(posting))

    async def edit(self, posting: Posting, message_id: str, text: str) -> None:
        del text
        await self._call(Action.EDIT, posting, lambda: self._write(posting, message_id, None))

    async def finish(self, posting: Posting, message_id: str, answer: Answer, part: Part) -> None:
        del answer
        write = lambda: self._write(posting, message_id, part.text, is_answer=True)  # noqa: E731
        await self._call(Action.FINISH, posting, write)

    async def fail(self, posting: Posting, message_id: str, text: str) -> None:
        await self._call(Action.FAIL, posting, lambda: self._write(posting, message_id, text))

    async def remove(self, posting: Posting, message_id: str) -> None:
        def take_away() -> None:
            self.story(posting.question_id).messages.pop(message_id, None)

        await self._call(Action.REMOVE, posting, take_away)

    async def find(self, posting: Posting, known: frozenset[str]) -> str | None:
        def look() -> str | None:
            messages = self.story(posting.question_id).messages
            lost = [name for name, shown in messages.items() if shown.posting == posting and name not in known]
            return lost[-1] if lost else None

        return await self._call(Action.FIND, posting, look)

    async def readers(self, place: str) -> frozenset[str] | None:
        del place
        return await self.members() if self.members else frozenset()

    async def groups(self, person: str) -> frozenset[str]:
        del person
        return frozenset()

    async def remarks(self, conversation: str, reply_to: str) -> Sequence[Remark]:
        del conversation, reply_to
        return ()

    async def fetch(self, file: SharedFile) -> Attachment:
        raise NotImplementedError(f"nobody sends files here: {file}")

    async def _call(self, action: Action, posting: Posting, effect: Callable[[], _T]) -> _T:
        if action is Action.EDIT:
            self.story(posting.question_id).previewed_at = time.perf_counter()
        return await self.weather(action, effect)

    def _post(self, posting: Posting) -> str:
        message_id = f"m{next(numbers)}"
        story = self.story(posting.question_id)
        story.messages[message_id] = Shown(posting)
        story.posts += 1
        story.placed_at = story.placed_at or time.perf_counter()
        return message_id

    def _write(self, posting: Posting, message_id: str, final: str | None, *, is_answer: bool = False) -> None:
        story = self.story(posting.question_id)
        shown = story.messages.get(message_id)
        if shown is None:
            raise MessageGone(message_id)
        shown.final_text, shown.is_answer = final, is_answer
        if final is not None:
            story.ended_at = time.perf_counter()
            story.writings += 1
            self.on_final(posting.question_id)
