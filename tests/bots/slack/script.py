"""What the scripted conversation is made of: a small handbook, a model that knows its lines, and the last reckoning."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from core.documents import Document, Label, Passage, Space
from core.folding import fold
from core.intake import OPEN, State
from core.ports import AttachmentReader, Completion, CompletionRequest, Delta, Finish
from core.store.database import Database
from core.store.documents import DocumentRepository
from core.store.spaces import SpaceRepository
from core.store.tables import inbox
from tests.bots.slack.office import STAFF, Office, Plan, open_office
from tests.fakes import ListRetriever
from tests.slack_server import Json, Message, Outcome, SlackServer, views
from tests.slack_server.inputs import find_element

RULES = Space("noi-bo", Label.INTERNAL, frozenset({STAFF}))
HOUSE = Space("chung", Label.PUBLIC)
LEAVE = Passage(
    chunk_id="leave",
    document_id="leave",
    document="quy-dinh-nghi-phep.pdf",
    title="Quy định nghỉ phép",
    heading="Điều 5. Nghỉ phép năm",
    page=2,
    text="Người lao động làm việc đủ 12 tháng được nghỉ phép năm 14 ngày làm việc, hưởng nguyên lương. "
    "Trưởng phòng duyệt đơn trên cổng nhân sự.",
    space=RULES.name,
    label=RULES.label,
    score=1.0,
)
HOURS = replace(
    LEAVE,
    chunk_id="hours",
    document_id="hours",
    document="gioi-thieu.pdf",
    title="Giới thiệu cơ quan",
    heading="Giờ làm việc",
    page=1,
    text="Giờ làm việc từ 8 giờ đến 17 giờ 30, thứ Hai đến thứ Sáu. Khách vào cổng chính.",
    space=HOUSE.name,
    label=HOUSE.label,
    score=0.5,
)
DOCUMENTS = {"quy-dinh-nghi-phep.pdf": RULES, "noi-quy.docx": RULES, "gioi-thieu.pdf": HOUSE}
"""What stands on the shelves, by its path."""

ASKED = "Tôi có bao nhiêu ngày nghỉ phép năm?"
FIRST_WORDS = "Bạn làm việc đủ 12 tháng thì được nghỉ phép năm 14 ngày làm việc, "
ANSWERED = f"{FIRST_WORDS}hưởng nguyên lương [1]."
UNKNOWN = "Cơ quan có xe đưa đón nhân viên không?"
NOT_FOUND = "Sổ tay không nói về điều này."
DENIED = "Bạn chưa được phép tra cứu tài liệu nào."
THUMBS = "context_actions"
"""The type of the block with which every answer ends, or nearly."""
LINES: Mapping[str, Sequence[str]] = {
    "nghi phep": (FIRST_WORDS, "hưởng nguyên lương [1]."),
    "ai duyet": ("Trưởng phòng của bạn duyệt đơn nghỉ phép ", "trên cổng nhân sự [1]."),
    "may gio": ("Giờ làm việc từ 8 giờ đến 17 giờ 30, ", "thứ Hai đến thứ Sáu [1]."),
    "khach san": ("Khách sạn khi đi công tác được thanh toán tối đa ", "900.000 đồng một đêm [1]."),
}
"""What the model says to a question that holds these words, folded; to any other that the passages do not say."""


def a_set_event() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass
class Prompter:
    """A model that knows its lines. With `opening` cleared it says nothing, with `middle` its first words only.

    `broken_off` counts the answers that somebody has ended in between.
    """

    lines: Mapping[str, Sequence[str]] = field(default_factory=lambda: LINES)
    name: str = "prompter"
    opening: asyncio.Event = field(default_factory=a_set_event)
    middle: asyncio.Event = field(default_factory=a_set_event)
    asked: list[CompletionRequest] = field(default_factory=list)
    broken_off: int = 0

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        self.asked.append(request)
        question = fold(request.messages[-1].content.splitlines()[-1])
        first, *rest = next((line for words, line in self.lines.items() if words in question), ("Tôi không biết.",))
        try:
            await self.opening.wait()
            yield Delta(first)
            await self.middle.wait()
        except (asyncio.CancelledError, GeneratorExit):
            self.broken_off += 1
            raise
        for piece in rest:
            yield Delta(piece)
        text = "".join((first, *rest))
        yield Completion(text, self.name, Finish.STOP, 100, len(text), -0.1, cost_usd=0.0)

    def was_shown(self, words: str) -> bool:
        """Whether the last prompt holds these words."""
        return any(words in message.content for message in self.asked[-1].messages)


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
            return [m for m in ours if m.stream and not m.stream.over and m.stream.text and words.startswith(m.stream.text.strip())]

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
