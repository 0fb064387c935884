"""A conversation in the terminal: questions typed, answers streamed, votes by command."""

import asyncio
import signal
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Protocol

from rich.console import Console

from bots.keyboard import ReadLine
from bots.terminal import SURFACE, AnswerPrinter, Ended, plain
from core.conversation import Answer, Outcome, Person
from core.errors import SotayError
from core.feedback import FeedbackBook
from core.intake import Incoming, Receipt
from core.texts import translate

MAX_QUESTION = 4_000
"""Characters; longer ones are refused with a sentence, since no search can use them."""


def check_question(text: str) -> None:
    """Raises `SotayError` for a question that is none."""
    if not text.strip():
        raise SotayError("console.empty_question")
    if len(text) > MAX_QUESTION:
        raise SotayError("console.long_question", limit=MAX_QUESTION)


def typed(text: str, person: Person, surface: str, thread_id: str) -> Incoming:
    """A question typed in the terminal now, as the inbox takes it. Who presses Enter has finished the sentence."""
    key, now = f"{SURFACE}:{uuid.uuid4().hex}", datetime.now(UTC)
    return Incoming(surface, key, key, thread_id, surface, person.id, text.strip(), now, is_whole=True)


def as_json(ended: Ended) -> dict[str, object]:
    """The answer as `sotay ask --json` prints it; without one, the sentence that there is instead."""
    answer = ended.answer
    if answer is None:
        return {"answer": ended.text, "outcome": Outcome.FAILED.value, "citations": [], "passages": []}
    return {
        "answer": answer.text,
        "outcome": answer.outcome.value,
        "lang": answer.language.value,
        "citations": [
            {
                key: value
                for key, value in asdict(citation).items()
                if key in {"n", "document", "page", "heading", "quote"}
            }
            for citation in answer.citations
        ],
        "passages": [{"document": p.document, "page": p.page, "score": round(p.score, 4)} for p in answer.passages],
        "route": answer.route.value,
        "timings": dict(answer.timings),
    }


@contextmanager
def cancelled_by_interrupt(task: asyncio.Task[Ended]) -> Iterator[None]:
    """Ctrl-C cancels `task` instead of the whole program while the block runs."""
    loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGINT)
    loop.add_signal_handler(signal.SIGINT, task.cancel)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)


def said(error: Exception, language: str) -> str:
    return error.text(language) if isinstance(error, SotayError) else str(error)


class Answering(Protocol):
    """`core.inbox.Inbox` as a chat needs it."""

    async def accept(self, message: Incoming) -> Receipt: ...

    async def stop(self, question_id: str, person: str) -> Receipt: ...


class Showing(Protocol):
    """`bots.terminal.TerminalSurface` as a chat needs it."""

    name: str
    is_closed: bool

    async def ended(self, question_id: str) -> Ended: ...


@dataclass(slots=True)
class Chat:
    """One conversation at the terminal. `read` returns the next line typed; EOFError ends the chat.

    `answering` is entered while an answer is waited for: who cancels the task given to it stops the answer.
    """

    inbox: Answering
    surface: Showing
    feedback: FeedbackBook
    person: Person
    console: Console
    language: str
    read: ReadLine
    answering: Callable[[asyncio.Task[Ended]], AbstractContextManager[None]] = cancelled_by_interrupt
    thread_id: str = ""
    answer: Answer | None = None

    async def run(self) -> None:
        """Until the person leaves, or nobody can read on; errors are said and the chat goes on."""
        self.thread_id = uuid.uuid4().hex
        self._say("console.welcome")
        going_on = True
        while going_on and not self.surface.is_closed and (line := await self._next_line()) is not None:
            try:
                going_on = await self._obey(line)
            except* SotayError as failed:
                for error in failed.exceptions:
                    self.console.print(plain(said(error, self.language), style="red"))

    async def _next_line(self) -> str | None:
        try:
            return (await self.read()).strip()
        except (EOFError, KeyboardInterrupt):
            return None

    async def _obey(self, line: str) -> bool:
        """Does what a line asks for; False ends the chat."""
        command, _, rest = line.partition(" ")
        if not line.startswith("/"):
            if line:
                await self._answer(line)
            return True
        if command in {"/quit", "/exit", "/thoat"}:
            return False
        action = self._commands().get(command)
        if action is None:
            self._say("console.unknown_command", command=command)
        else:
            await action(rest.strip())
        return True

    def _commands(self) -> Mapping[str, Callable[[str], Awaitable[None]]]:
        return {
            "/up": self._up,
            "/down": self._down,
            "/correct": self._correct,
            "/sources": self._sources,
            "/new": self._new,
            "/help": self._help,
        }

    async def _answer(self, text: str) -> None:
        """Streams one answer; it may be stopped, and the chat goes on."""
        check_question(text)
        message = typed(text, self.person, self.surface.name, self.thread_id)
        question_id = (await self.inbox.accept(message)).question_id or ""
        async with asyncio.TaskGroup() as group:
            ending = group.create_task(self.surface.ended(question_id))
            with self.answering(ending):
                await asyncio.wait([ending])
        if ending.cancelled():
            await self.inbox.stop(question_id, self.person.id)
            self.answer = (await self.surface.ended(question_id)).answer
        else:
            self.answer = ending.result().answer

    async def _up(self, _rest: str) -> None:
        await self.feedback.vote(self._last().id, self.person.id, 1)
        self._say("console.thanks")

    async def _down(self, reason: str) -> None:
        await self.feedback.vote(self._last().id, self.person.id, -1)
        if reason:
            await self.feedback.explain(self._last().id, self.person.id, reason)
        self._say("console.thanks_down")

    async def _correct(self, text: str) -> None:
        if not text:
            self._say("console.correct_usage")
            return
        await self.feedback.correct(self._last().id, self.person.id, text)
        self._say("console.thanks_correction")

    async def _sources(self, _rest: str) -> None:
        printer = AnswerPrinter(self.console, self.language)
        printer.sources(self._last())
        for rank, passage in enumerate(self._last().passages, start=1):
            page = translate(self.language, "place.page", page=passage.page) if passage.page else passage.heading
            self.console.print(plain(f"{rank:>3}. {passage.score:.2f}  {passage.document}  {page}", style="dim"))

    async def _new(self, _rest: str) -> None:
        self.thread_id, self.answer = uuid.uuid4().hex, None
        self._say("console.new_thread")

    async def _help(self, _rest: str) -> None:
        self._say("console.help")

    def _last(self) -> Answer:
        if self.answer is None:
            raise SotayError("console.no_answer_yet")
        return self.answer

    def _say(self, message_id: str, **facts: object) -> None:
        self.console.print(plain(translate(self.language, message_id, **facts), style="dim"))
