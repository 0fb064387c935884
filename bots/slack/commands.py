"""Questions that come without a message of their own: slash commands, and a shortcut on somebody's message."""

from dataclasses import dataclass

from bots.reading import Payload, is_ts, mapping, word
from bots.slack.escaping import escape
from bots.slack.events import Accepting, Confirmation
from bots.slack.files import shared_files
from bots.slack.identity import Identity
from bots.slack.ids import ASK, COMMAND, SURFACE, Spot, person_of
from bots.slack.typed import plain
from core.clock import Clock
from core.conversation import Language
from core.intake import Incoming
from core.texts import translate

ASK_ABOUT = "ask_about_message"
"""The callback of the message shortcut."""
QUESTION_CHARACTERS = 2_900
"""Of the question, as it is repeated to the channel."""


@dataclass(frozen=True, slots=True)
class Commands:
    """What is asked is durable when a method returns; StoreError says that it is not."""

    inbox: Accepting
    identity: Identity
    clock: Clock
    language: Language

    async def ask(self, body: Payload) -> dict[str, str]:
        """`/hoi QUESTION`; what Slack shows in reply: the question, to all who will read the answer."""
        team, channel, user = (word(body.get(name)) for name in ("team_id", "channel_id", "user_id"))
        text = plain(word(body.get("text")), self.identity.user)
        if not text:
            usage = translate(self.language, "slack.command_usage", command=word(body.get("command")))
            return {"response_type": "ephemeral", "text": usage}
        place = Spot(team, channel).place
        key = f"{place}:{COMMAND}:{word(body.get('trigger_id'))}"
        now = self.clock.now()
        await self.inbox.accept(Incoming(SURFACE, key, key, key, place, person_of(user), text, now))
        asked = translate(self.language, "slack.command_asked", question=escape(shortened(text)))
        return {"response_type": "in_channel", "text": asked}

    async def ask_about(self, body: Payload) -> Confirmation | None:
        """The shortcut: what the message says is asked by the person who chose it, and answered in its thread."""
        message, user = mapping(body.get("message")), word(mapping(body.get("user")).get("id"))
        channel, team = word(mapping(body.get("channel")).get("id")), word(mapping(body.get("team")).get("id"))
        ts, thread_ts = message.get("ts"), message.get("thread_ts")
        if not (channel and user and is_ts(ts)):
            return None
        text, files = plain(word(message.get("text")), self.identity.user), shared_files(message)
        if not text and not files:
            return Confirmation(channel, user, "slack.nothing_to_ask_about")
        key = f"{Spot(team, channel, word(ts)).name}:{ASK}:{user}:{word(body.get('action_ts'))}"
        thread = word(thread_ts) if is_ts(thread_ts) else word(ts)
        asked = Incoming(
            surface=SURFACE,
            key=key,
            event=key,
            conversation=Spot(team, channel, thread).name,
            place=Spot(team, channel).place,
            person=person_of(user),
            text=text,
            sent_at=self.clock.now(),
            files=files,
        )
        await self.inbox.accept(asked)
        return Confirmation(channel, user, "slack.shortcut_accepted", thread)


def shortened(text: str) -> str:
    return text if len(text) <= QUESTION_CHARACTERS else f"{text[:QUESTION_CHARACTERS]}…"
