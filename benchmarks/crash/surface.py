"""The worker's side of the sockets: `core.surfaces.ChatSurface` over calls to the platform."""

import asyncio
import itertools
from collections.abc import Sequence

from benchmarks.crash.chat import TELLING
from benchmarks.crash.script import PART_CHARACTERS, pieces
from benchmarks.crash.wire import Line, write_line
from core.conversation import Answer, Attachment, Remark
from core.intake import SharedFile
from core.surfaces import Action, MessageGone, Part, Posting, Rates, SurfaceUnavailable

CALM = Rates(
    place_burst=1e6,
    place_per_second=1e6,
    burst=1e6,
    per_second=1e6,
    reserve=0.0,
    preview_seconds=0.02,
    call_seconds=5.0,
)
"""A platform that bears everything."""
REACH = 12
"""Messages after the question that are tried, where an interrupted send cannot be looked up."""


class Calls:
    """Calls under way on one connection."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._numbers = itertools.count()
        self._open: dict[int, asyncio.Future[Line]] = {}

    async def call(self, line: Line) -> str | None:
        """The platform's word. Raises SurfaceError."""
        number = next(self._numbers)
        answered = self._open[number] = asyncio.get_running_loop().create_future()
        write_line(self._writer, line | {"call": number})
        try:
            reply = await answered
        finally:
            del self._open[number]
        if "error" in reply:
            raise (
                MessageGone(reply["error"]) if reply["error"] == "message_gone" else SurfaceUnavailable(reply["error"])
            )
        value: str | None = reply["value"]
        return value

    def heard(self, reply: Line) -> None:
        """A reply has come; nobody may wait for it any more."""
        answered = self._open.get(reply["reply"])
        if answered and not answered.done():
            answered.set_result(reply)


class SocketSurface:
    """One of the platform's surfaces."""

    rates = CALM

    def __init__(self, name: str, calls: Calls) -> None:
        self.name = name
        self._calls = calls

    def cost(self, action: Action, place: str) -> float:
        del place
        return 0.0 if action is Action.ANNOUNCE else 1.0

    def render(self, answer: Answer) -> Sequence[Part]:
        return [Part(piece, piece) for piece in pieces(answer.text, PART_CHARACTERS)]

    async def announce(self, posting: Posting, text: str) -> bool:
        del posting, text
        return False

    async def post_placeholder(self, posting: Posting, text: str) -> str:
        del text
        return str(await self._do("post", posting))

    async def open_answer(self, posting: Posting, text: str) -> str:
        return await self.post_placeholder(posting, text)

    async def post_part(self, posting: Posting, text: str) -> str:
        del text
        return str(await self._do("post", posting))

    async def edit(self, posting: Posting, message_id: str, text: str) -> None:
        del text
        await self._do("edit", posting, message_id=message_id)

    async def finish(self, posting: Posting, message_id: str, answer: Answer, part: Part) -> None:
        del answer
        await self._do("finish", posting, message_id=message_id, text=part.text)

    async def fail(self, posting: Posting, message_id: str, text: str) -> None:
        await self._do("fail", posting, message_id=message_id, text=text)

    async def remove(self, posting: Posting, message_id: str) -> None:
        try:
            await self._do("remove", posting, message_id=message_id)
        except MessageGone:
            return

    async def find(self, posting: Posting, known: frozenset[str]) -> str | None:
        if self.name == TELLING:
            return await self._do("find", posting, known=sorted(known))
        return await self._probe(posting, known)

    async def readers(self, place: str) -> frozenset[str] | None:
        del place
        return frozenset()

    async def groups(self, person: str) -> frozenset[str]:
        del person
        return frozenset()

    async def remarks(self, conversation: str, reply_to: str) -> Sequence[Remark]:
        del conversation, reply_to
        return ()

    async def fetch(self, file: SharedFile) -> Attachment:
        raise NotImplementedError(f"nobody sends files here: {file}")

    async def _probe(self, posting: Posting, known: frozenset[str]) -> str | None:
        """Tries to edit what follows the question: only our own messages let themselves be edited."""
        first = int(posting.reply_to.rpartition(":")[2]) + 1
        following = (str(number) for number in itertools.count(first))
        for message_id in itertools.islice((number for number in following if number not in known), REACH):
            try:
                await self._do("edit", posting, message_id=message_id)
            except (MessageGone, SurfaceUnavailable):
                continue
            return message_id
        return None

    async def _do(self, action: str, posting: Posting, **facts: object) -> str | None:
        where = {"surface": self.name, "place": posting.place, "key": posting.reply_to}
        whose = {"question_id": posting.question_id, "part": posting.part}
        return await self._calls.call({"do": action, **where, **whose, **facts})
