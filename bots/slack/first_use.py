"""What is kept of somebody, said with their first question: shown to the asker alone, in the thread of the question."""

from dataclasses import asdict

from bots.first_use import Accepting, FirstUse, Kept
from bots.slack.escaping import escape
from bots.slack.ids import Spot, user_of
from bots.slack.telling import Telling
from core.intake import Incoming
from core.texts import translate


def first_use_of(inbox: Accepting, telling: Telling, kept: Kept | None) -> FirstUse:
    """The inbox, with that said; without `kept` nothing is."""

    async def tell(message: Incoming) -> bool:
        asked, thread = Spot.of(message.key), Spot.of(message.conversation)
        user = user_of(message.person)
        text = translate(await telling.language(user), "slack.first_use", **asdict(kept) if kept else {})
        return await telling.show(asked.channel, user, escape(text), thread.ts if thread.ts != asked.ts else None)

    return FirstUse(inbox, telling.people, lambda message: message.person, tell if kept else None)
