"""Where a message may stand whose sending was interrupted: bots cannot read chats, so numbers are tried.

A supergroup counts its messages for itself; all private chats and small groups of a bot share one count.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bots.telegram.ids import Spot, chat_and_message, message_id
from core.surfaces import Posting

REACH = 12
"""Numbers that are tried from where the search begins."""
SUPERGROUPS = -1_000_000_000_000
"""The ids of supergroups and channels are below."""
MOST_SENDS = 1_000
"""Sends that are kept in mind."""
TOGETHER = 0
"""The count that is shared."""


@dataclass(frozen=True, slots=True)
class Send:
    """The message of a posting has a number above `floor`. `is_over`: Telegram has said which."""

    floor: int
    is_over: bool = False


@dataclass(slots=True)
class Lost:
    """What this process knows of the numbers: a send that it began is above all that it had seen until then."""

    is_note: Callable[[int, int], bool]
    _seen: dict[int, int] = field(default_factory=dict)
    _sends: dict[tuple[str, int], Send] = field(default_factory=dict)

    def begin(self, posting: Posting) -> None:
        """The message is about to be sent, maybe once more because no word has come back."""
        before = self._sends.pop(key_of(posting), None)
        if before is None or before.is_over:
            chat, asked = Spot.of(posting.place).chat, question_number(posting)
            before = Send(max(self._seen.get(count_of(chat), 0), asked or 0))
        self._keep(posting, before)

    def sent(self, posting: Posting, chat: int, number: int) -> None:
        """The message has this number. Should its id not be stored now, it is found again at once."""
        count = count_of(chat)
        self._seen[count] = max(self._seen.get(count, 0), number)
        self._sends.pop(key_of(posting), None)
        self._keep(posting, Send(number - 1, is_over=True))

    def numbers(self, posting: Posting, known: frozenset[str]) -> Iterator[int]:
        """The numbers to try, the most likely first; those of `known` messages and of our notes are left out.

        After a restart the search begins at the question, and for a later part also at the last message that is known.
        """
        chat = Spot.of(posting.place).chat
        send = self._sends.get(key_of(posting))
        starts = [send.floor if send else question_number(posting) or 0]
        if send is None and posting.part:
            ours = (number for at, number in map(chat_and_message, known) if at == chat)
            starts.append(max((*starts, *ours)))
        for start in dict.fromkeys(starts):
            unknown = (
                number
                for number in itertools.count(start + 1)
                if message_id(chat, number) not in known and not self.is_note(chat, number)
            )
            yield from itertools.islice(unknown, REACH)

    def _keep(self, posting: Posting, send: Send) -> None:
        while len(self._sends) >= MOST_SENDS:
            del self._sends[next(iter(self._sends))]
        self._sends[key_of(posting)] = send


def key_of(posting: Posting) -> tuple[str, int]:
    return posting.question_id, posting.part


def count_of(chat: int) -> int:
    """The name of the count that numbers the messages of the chat."""
    return chat if chat < SUPERGROUPS else TOGETHER


def question_number(posting: Posting) -> int | None:
    """The number of the question's message; None where the chat has moved since: it means nothing there."""
    asked = Spot.of(posting.reply_to)
    return asked.message if asked.chat == Spot.of(posting.place).chat else None
