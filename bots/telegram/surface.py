"""Telegram as a chat surface: drafts while there are no words, messages that are edited, and the search for lost ones.

What is not finished bears a button that stops the question, and by it a message is known that was sent while nobody
heard its number: Telegram says of the very same buttons that nothing was modified.
"""

import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bots.telegram.api import Keyboard, Sent, TelegramApi
from bots.telegram.controls import stop_keyboard
from bots.telegram.drafts import SECONDS as DRAFT_SECONDS
from bots.telegram.drafts import Drafts
from bots.telegram.files import TelegramFiles
from bots.telegram.ids import SURFACE, Spot, chat_and_message, message_id
from bots.telegram.lost import Lost, question_number
from bots.telegram.presses import Where
from bots.telegram.relocation import SameAs, settled
from bots.telegram.render import Renderer, failure, preview
from core.conversation import Answer, Attachment, Remark
from core.intake import SharedFile
from core.surfaces import Action, MarkupRefused, MessageGone, Part, Posting, Rates, SurfaceError

log = logging.getLogger(__name__)

RATES = Rates(
    place_burst=4.0,
    place_per_second=1.0,
    burst=10.0,
    per_second=20.0,
    reserve=0.0,
    preview_seconds=1.2,
    call_seconds=15.0,
    announce_seconds=DRAFT_SECONDS - 8.0,
)
"""A chat bears about a message a second and short bursts, a bot 30 a second: 10 + 20 in the worst one.

There is no reserve beside the prices: who sends the message pays for its last text half in advance.
"""
IN_PRIVATE: Mapping[Action, float] = {Action.FIND: 2.0}
"""Every call costs one, but for a search."""
IN_GROUPS: Mapping[Action, float] = {
    Action.ANNOUNCE: 0.0,
    Action.PLACEHOLDER: 4.0,
    Action.OPEN: 4.0,
    Action.PART: 4.0,
    Action.EDIT: 4.0,
    Action.FINISH: 2.5,
    Action.FAIL: 2.5,
    Action.REMOVE: 1.0,
    Action.FIND: 4.0,
}
"""A group bears 20 calls a minute, edits too. So previews come every four seconds, the last text waits 2.5 at most for
them, and in the worst minute, of messages and their last texts alone, (4 + 60) / 6.5 pairs make 19.
"""
EVERYBODY = f"{SURFACE}:*:"
"""Begins the name of a reader who stands for everybody in a group chat, with the group of the settings behind it."""
DOTS = "…"
MOST_SHOWN = 1_000
"""Unfinished messages whose text is kept in mind, and messages whose trying was interrupted."""


@dataclass(slots=True)
class TelegramSurface:
    """`core.surfaces.ChatSurface` over one bot.

    `language` is that of the stop button. `rooms` are the chats whose members all belong to a group of the settings,
    under one of the ids that the chat has: `same_as` knows the others.
    """

    api: TelegramApi
    renderer: Renderer
    drafts: Drafts
    files: TelegramFiles
    language: str
    rooms: Mapping[int, str] = field(default_factory=dict)
    name: str = SURFACE
    rates: Rates = RATES
    same_as: SameAs = settled
    _lost: Lost = field(init=False)
    _shown: dict[str, str] = field(default_factory=dict)
    _tried: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=MOST_SHOWN))

    def __post_init__(self) -> None:
        self._lost = Lost(self.api.is_note)

    def cost(self, action: Action, place: str) -> float:
        return (IN_GROUPS if Spot.of(place).chat < 0 else IN_PRIVATE).get(action, 1.0)

    def render(self, answer: Answer) -> Sequence[Part]:
        return self.renderer.parts(answer)

    async def announce(self, posting: Posting, text: str) -> bool:
        return await self.drafts.show(posting, text)

    async def post_placeholder(self, posting: Posting, text: str) -> str:
        return await self._post(posting, preview(text))

    async def open_answer(self, posting: Posting, text: str) -> str:
        return await self._post(posting, preview(text))

    async def post_part(self, posting: Posting, text: str) -> str:
        """Without its text: a lost message may be out of reach, and what it says would stand there twice."""
        del text
        return await self._post(posting, DOTS)

    async def edit(self, posting: Posting, message_id: str, text: str) -> None:
        shown = preview(text)
        if self._shown.pop(message_id, None) != shown:
            chat, number = chat_and_message(message_id)
            await self.api.rewrite(chat, number, shown, keyboard=self._stop(posting))
        self._keep(message_id, shown)

    async def finish(self, posting: Posting, message_id: str, answer: Answer, part: Part) -> None:
        is_last = posting.part == len(self.renderer.parts(answer)) - 1
        keyboard = self.renderer.keyboard(answer) if is_last else ()
        await self._end(message_id, part.plain if part.is_refused else part.text, keyboard, is_html=not part.is_refused)

    async def fail(self, posting: Posting, message_id: str, text: str) -> None:
        del posting
        part = failure(text)
        try:
            await self._end(message_id, part.text, is_html=True)
        except MarkupRefused:
            await self._end(message_id, part.plain)

    async def remove(self, posting: Posting, message_id: str) -> None:
        del posting
        self._shown.pop(message_id, None)
        await self.api.take_away(*chat_and_message(message_id))

    async def find(self, posting: Posting, known: frozenset[str]) -> str | None:
        chat = Spot.of(posting.place).chat
        for number in self._lost.numbers(posting, known):
            if await self._is_lost(posting, chat, number):
                return message_id(chat, number)
        return None

    async def _is_lost(self, posting: Posting, chat: int, number: int) -> bool:
        """Whether the message is the posting's, by its stop button, or else by the question that it replies to.

        Another message of ours that nobody knows, as it was sent beside the answers before a restart, gets the button
        thereby, and loses it again.
        """
        stop = self._stop(posting)
        try:
            changed = await self.api.put_buttons(chat, number, stop)
            if changed is None and (chat, number) not in self._tried:
                return True
            before = changed or await self.api.put_buttons(chat, number, ())
            replied = before.reply_to_message if before else None
            is_ours = replied is not None and replied.message_id == question_number(posting)
            await self.api.put_buttons(chat, number, stop if is_ours else ())
        except MessageGone as gone:
            log.debug("no message of ours is %s of chat %s: %s", number, chat, gone)
            return False
        except SurfaceError:
            self._tried.append((chat, number))  # it may have got our button just now
            raise
        if not is_ours:
            log.warning("message %s of chat %s is another one, and has no buttons any more", number, chat)
        return is_ours

    async def readers(self, place: str) -> frozenset[str] | None:
        """Nobody else in private; in groups, whose members Telegram does not list, whom the settings vouch for.

        Raises StoreError.
        """
        chat = Spot.of(place).chat
        if chat > 0:
            return frozenset()
        ids = (chat,) if chat in self.rooms else await self.same_as(chat)
        return next((frozenset({f"{EVERYBODY}{self.rooms[each]}"}) for each in ids if each in self.rooms), None)

    async def groups(self, person: str) -> frozenset[str]:
        """The group that a reader of `readers` stands for; Telegram itself vouches for nobody."""
        group = person.removeprefix(EVERYBODY)
        return frozenset({group}) if person != group and group in self.rooms.values() else frozenset()

    async def remarks(self, conversation: str, reply_to: str) -> Sequence[Remark]:
        """None: a bot cannot read what was said before."""
        del conversation, reply_to
        return ()

    async def fetch(self, file: SharedFile) -> Attachment:
        return await self.files.fetch(file)

    async def _post(self, posting: Posting, text: str) -> str:
        """Sends a message under the question, or without one where that is gone or stands in another chat."""
        chat, topic = Spot.of(posting.place).chat, Spot.of(posting.conversation).topic
        where = Where(chat, topic, question_number(posting))
        self._lost.begin(posting)
        sent: Sent = await self.api.post(where, text, keyboard=self._stop(posting))
        self._lost.sent(posting, sent.chat, sent.message)
        name = message_id(sent.chat, sent.message)
        self._keep(name, text)
        return name

    async def _end(self, name: str, text: str, keyboard: Keyboard = (), *, is_html: bool = False) -> None:
        self._shown.pop(name, None)
        chat, number = chat_and_message(name)
        await self.api.rewrite(chat, number, text, is_html=is_html, keyboard=keyboard)

    def _stop(self, posting: Posting) -> Keyboard:
        return stop_keyboard(self.language, posting.question_id)

    def _keep(self, name: str, text: str) -> None:
        while len(self._shown) >= MOST_SHOWN:
            del self._shown[next(iter(self._shown))]
        self._shown[name] = text
