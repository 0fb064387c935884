"""What a person did with something of ours, read from the payload of an interaction without trust."""

from dataclasses import dataclass
from datetime import datetime

from bots.reading import Payload, is_ts, items, mapping, word
from bots.slack.ids import message_id, person_of
from bots.slack.threads import moment


@dataclass(frozen=True, slots=True)
class Click:
    """A click (`block_actions`). `ts` is empty for one that was not in a message, as in the home tab.

    `at` is the platform's time of it. `thread_ts` is None outside a thread, and where the payload does not tell.
    """

    user: str
    action_id: str
    value: str
    trigger_id: str
    action: Payload
    channel: str = ""
    ts: str = ""
    thread_ts: str | None = None
    at: datetime | None = None

    @property
    def person(self) -> str:
        return person_of(self.user)

    @property
    def message_id(self) -> str:
        """The id of the message that was clicked."""
        return message_id(self.channel, self.ts)


def click_of(body: Payload) -> Click | None:
    """The click; None for what is none."""
    clicked = items(body.get("actions"))
    user = word(mapping(body.get("user")).get("id"))
    if not clicked or not user:
        return None
    container, message = mapping(body.get("container")), mapping(body.get("message"))
    ts, action_ts = container.get("message_ts") or message.get("ts"), clicked[0].get("action_ts")
    thread_ts = message.get("thread_ts") or container.get("thread_ts")
    return Click(
        user=user,
        action_id=word(clicked[0].get("action_id")),
        value=word(clicked[0].get("value")),
        trigger_id=word(body.get("trigger_id")),
        action=clicked[0],
        channel=word(container.get("channel_id")) or word(mapping(body.get("channel")).get("id")),
        ts=word(ts) if is_ts(ts) else "",
        thread_ts=word(thread_ts) if is_ts(thread_ts) else None,
        at=moment(word(action_ts)) if is_ts(action_ts) else None,
    )
