"""What the workplace of the Telegram tests is furnished with."""

from collections.abc import Sequence
from dataclasses import dataclass

from bots.telegram.ids import message_id
from core.conversation import Answer
from core.intake import Incoming, Receipt
from tests.core.store.lobby import Lobby
from tests.telegram_server.messages import Message as Stands
from tests.telegram_server.refusals import Json


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer as it stands on Telegram, in its chat under `asked`."""

    answer: Answer
    chat: int
    asked: int
    message: int

    @property
    def message_id(self) -> str:
        return message_id(self.chat, self.message)


@dataclass
class Desk:
    """The inbox as far as people's side of it goes."""

    lobby: Lobby

    async def accept(self, message: Incoming) -> Receipt:
        return await self.lobby.accept(message)

    async def stop_newest(self, conversations: Sequence[str], person: str, event: str) -> Receipt | None:
        return await self.lobby.intake.stop_newest(conversations, person, event, self.lobby.now)

    async def stop(self, question_id: str, person: str) -> Receipt:
        return await self.lobby.intake.stop(question_id, person, self.lobby.now)


def texts(messages: Sequence[Stands]) -> list[str]:
    return [message.text for message in messages]


def labels(message: Stands) -> list[str]:
    """What its buttons say."""
    return [str(button["text"]) for button in message.buttons]


def commands_of(told: Sequence[Json]) -> dict[str, str]:
    return {str(each["command"]): str(each["description"]) for each in told}
