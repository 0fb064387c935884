"""What is kept of people, said with their first question: to each in private; in a group to all, once."""

from dataclasses import asdict

from bots.first_use import Accepting, FirstUse, Kept
from bots.telegram.ids import Spot, person_of
from bots.telegram.presses import Where
from bots.telegram.telling import Telling
from core.intake import Incoming
from core.texts import translate


def first_use_of(inbox: Accepting, telling: Telling, kept: Kept | None) -> FirstUse:
    """The inbox, with that said; without `kept` nothing is."""

    async def tell(message: Incoming) -> bool:
        spot, conversation = Spot.of(message.key), Spot.of(message.conversation)
        is_private = spot.chat > 0
        language = await telling.language(spot.chat) if is_private else telling.office_language
        text_id = "telegram.first_use" if is_private else "telegram.first_use_in_group"
        text = translate(language, text_id, **asdict(kept) if kept else {})
        return await telling.say(Where(spot.chat, conversation.topic), text) is not None

    return FirstUse(inbox, telling.people, subject_of, tell if kept else None)


def subject_of(message: Incoming) -> str:
    """The asker in private, where the chat has their number; else the chat."""
    chat = Spot.of(message.key).chat
    return message.person if chat > 0 else person_of(chat)
