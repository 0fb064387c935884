"""What the scripted conversation is made of: an office with a small handbook, what people see, the last reckoning."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from core.documents import Document, Space
from core.intake import OPEN, State
from core.ports import AttachmentReader
from core.store.database import Database
from core.store.documents import DocumentRepository
from core.store.spaces import SpaceRepository
from core.store.tables import inbox
from tests.bots.slack.office import Office, Plan, open_office
from tests.bots.slack.script_lines import (
    ANSWERED,
    DOCUMENTS,
    FIRST_WORDS,
    HOURS,
    HOUSE,
    LEAVE,
    RULES,
    THUMBS,
    Prompter,
)
from tests.fakes import ListRetriever
from tests.slack_server import Json, Message, Outcome, SlackServer, views
from tests.slack_server.inputs import find_element


@dataclass
class Scene:
    """An office with the small handbook, and its prompter. `rung` are the users that our messages may mention."""

    office: Office
    model: Prompter
    retriever: ListRetriever
    rung: list[str] = field(default_factory=list)

    @property
    def slack(self) -> SlackServer:
        return self.office.slack

    def ours(self, channel: str, ts: str) -> list[Message]:
        """Our messages in the thread."""
        return [said for said in self.slack.thread(channel, ts)[1:] if said.user == self.slack.app.bot_user]

    async def streamed(self, channel: str, ts: str, words: str = FIRST_WORDS) -> Message:
        """The open stream in the thread, once it shows the beginning of these words."""

        def open_streams() -> list[Message]:
            ours = self.ours(channel, ts)
            return [
                m
                for m in ours
                if m.stream and not m.stream.over and m.stream.text and words.startswith(m.stream.text.strip())
            ]

        await self.slack.until(lambda _: open_streams())
        return open_streams()[0]

    async def answer(self, channel: str, ts: str, text: str = ANSWERED) -> Message:
        """The last answer in the thread with this text, once all that belongs under it is there."""
        return await self._standing(channel, ts, text, THUMBS)

    async def word(self, channel: str, ts: str, text: str) -> Message:
        """The same for a message of ours that is no answer, and has nothing to press."""
        return await self._standing(channel, ts, text)

    async def _standing(self, channel: str, ts: str, text: str, *blocks: str) -> Message:
        def found() -> list[Message]:
            ours = [said for said in self.ours(channel, ts) if said.metadata and text in said.seen()]
            return [said for said in ours if {*blocks} <= {block["type"] for block in said.blocks}]

        await self.slack.until(lambda _: found())
        return found()[-1]

    async def told(self, user: str, words: str) -> Message:
        """What only this user sees, once it says these words."""
        await self.slack.until(lambda slack: any(words in told.seen() for told in slack.ephemerals(user)))
        return next(told for told in reversed(self.slack.ephemerals(user)) if words in told.seen())

    async def window(self, user: str) -> str:
        """The id of the window that has opened before the user."""
        await self.slack.until(lambda slack: slack.views(user))
        return self.slack.views(user)[-1].id

    async def submit(self, user: str, states: Mapping[str, Json]) -> Outcome:
        """Sends the window in front of the user; `states` by block, as Slack reports what was filled in."""
        hands, view = self.slack.hands, self.slack.views(user)[-1]
        values = {"state": {"values": {block: {"value": state} for block, state in states.items()}}}
        described = views.described(self.slack.workspace, view) | values
        payload = hands._payload("view_submission", user) | {"view": described, "response_urls": []}
        outcome = await hands._interact(user, "submit", payload)
        hands._apply(user, view, outcome.payload)
        return outcome

    async def tick(self, user: str, action_id: str, *, ticked: bool) -> None:
        """Ticks or unticks the only box of that name in the user's home tab."""
        hands, view = self.slack.hands, self.slack.home(user)
        assert view
        _, box = find_element(view.json["blocks"], action_id)
        chosen = {"type": "checkboxes", "action_id": action_id, "selected_options": box["options"] if ticked else []}
        payload = hands._payload("block_actions", user) | hands._view_context(view)
        await hands._interact(user, f"tick {action_id}", payload | {"actions": [chosen]})

    async def card(self, words: str) -> Message:
        """The first message in the administrators' channel, once it holds these words."""
        place = self.office.admin_channel
        await self.slack.until(lambda slack: slack.messages(place) and words in slack.messages(place)[0].seen())
        return self.slack.messages(place)[0]

    async def home(self, user: str, words: str, *, gone: str = "\0") -> str:
        """What the user's home tab says, once it holds these words, and not those that are `gone`."""

        def seen() -> str:
            view = self.slack.home(user)
            return str(view.json) if view else gone

        await self.slack.until(lambda _: words in seen() and gone not in seen())
        return seen()

    async def private(self, user: str, words: str) -> Message:
        """The direct message with these words, once it has come."""
        place = self.slack.people.im(user)
        await self.slack.until(lambda slack: any(words in said.seen() for said in slack.messages(place)))
        return next(said for said in self.slack.messages(place) if words in said.seen())

    async def calm(self) -> None:
        """Waits until no message grows any more and nothing is being delivered."""
        await self.slack.until(lambda _: not self._is_open())
        await self.slack.settled()

    async def reckon(self) -> None:
        """With the office closed: nothing was lost, nothing said twice, nobody rung but the people in `rung`."""
        slack = self.slack
        assert slack.violations == []
        assert sorted(mention for _, _, mention in slack.pings) == sorted(f"<@{user}>" for user in self.rung)
        assert (slack.lost, slack.unacknowledged, slack.user_errors) == ([], [], [])
        assert not slack.limited
        assert slack.workspace.statuses == {}
        states, answers = await self._states(), Counter(self._answered())
        assert not set(states.values()) & set(OPEN)
        assert {question for question, state in states.items() if state == State.ANSWERED} <= answers.keys()
        assert set(answers.values()) <= {1}

    def _is_open(self) -> bool:
        """Whether a message of ours is still a stream."""
        channels = self.slack.workspace.channels
        return any(m.stream and not m.stream.over for channel in channels for m in self.slack.messages(channel))

    def _answered(self) -> list[str]:
        """The questions that first parts of our messages belong to."""
        marks = [
            dict[str, Any](said.metadata["event_payload"])
            for channel in self.slack.workspace.channels
            for said in self.slack.messages(channel)
            if said.metadata and said.metadata["event_type"] == "sotay_answer"
        ]
        return [str(mark["question_id"]) for mark in marks if mark["part"] == 0]

    async def _states(self) -> dict[str, str]:
        """Every question with where it stands."""
        async with self.office.database.reading() as connection:
            rows = await connection.execute(select(inbox.c.question_id, inbox.c.state))
            return {str(row.question_id): str(row.state) for row in rows}


@asynccontextmanager
async def open_scene(
    database: Database,
    slack: SlackServer,
    *,
    attachments: AttachmentReader | None = None,
    spaces: Sequence[Space] = (RULES, HOUSE),
) -> AsyncIterator[Scene]:
    """The office at work, with its documents on the shelves; the reckoning is made at the end."""
    model, retriever = Prompter(), ListRetriever([LEAVE, HOURS])
    plan = Plan(model=model, retriever=retriever, attachments=attachments, spaces=spaces)
    await SpaceRepository(database).sync([(space, ()) for space in spaces])
    for path, space in DOCUMENTS.items():
        if space in spaces:
            await shelve(database, path, space)
    async with open_office(database, slack, plan) as office:
        scene = Scene(office, model, retriever)
        yield scene
        await scene.calm()
    await scene.reckon()


async def shelve(database: Database, path: str, space: Space) -> None:
    """A document that is indexed, without any text."""
    documents = DocumentRepository(database)
    await documents.replace(Document(path, space.name, "/srv/handbook", path, path, path, 1, 0.0), [])
    await documents.mark_indexed(path)
