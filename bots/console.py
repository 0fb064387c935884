"""The terminal as a chat surface: questions typed, answers streamed, sources below, votes by command."""

import asyncio
import signal
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from core.conversation import Answer, Outcome, Person, Place, Question
from core.errors import SotayError
from core.feedback import FeedbackBook
from core.output import visible
from core.pipeline import Event, Pipeline, Searching
from core.ports import Delta
from core.texts import translate
from core.writing import Restarted

PRIVATE_CHAT = Place("console")
MAX_QUESTION = 4_000
"""Characters; longer ones are refused with a sentence, since no search can use them."""


def check_question(text: str) -> None:
    """Raises `SotayError` for a question that is none."""
    if not text.strip():
        raise SotayError("console.empty_question")
    if len(text) > MAX_QUESTION:
        raise SotayError("console.long_question", limit=MAX_QUESTION)


def ask(text: str, person: Person, thread_id: str) -> Question:
    """A question typed in the terminal now."""
    return Question(uuid.uuid4().hex, thread_id, person, PRIVATE_CHAT, text.strip(), datetime.now(UTC))


def as_json(answer: Answer) -> dict[str, object]:
    """The answer as `sotay ask --json` prints it."""
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
def cancelled_by_interrupt(task: asyncio.Task[None]) -> Iterator[None]:
    """Ctrl-C cancels `task` instead of the whole program while the block runs."""
    loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGINT)
    loop.add_signal_handler(signal.SIGINT, task.cancel)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)


class AnswerPrinter:
    """Prints the events of one answer: text as it streams, then whatever the final answer adds, then its sources."""

    def __init__(self, console: Console, language: str) -> None:
        self.console = console
        self.language = language
        self.shown = ""

    async def show(self, events: AsyncIterator[Event]) -> Answer:
        """Prints until the `Answer` comes, and returns it."""
        async for event in events:
            match event:
                case Searching():
                    self._say("console.searching")
                case Delta(text):
                    self._write(text)
                case Restarted():
                    self._start_over()
                case Answer():
                    self._finish(event)
                    return event
        raise AssertionError("the pipeline ended without an answer")

    def _say(self, message_id: str, **facts: object) -> None:
        self.console.print(_plain(translate(self.language, message_id, **facts), style="dim"))

    def _write(self, text: str) -> None:
        self.shown += text
        self.console.print(_plain(text), end="", soft_wrap=True)

    def _start_over(self) -> None:
        if self.shown:
            self.console.print()
        self.shown = ""
        self._say("console.restarted")

    def _finish(self, answer: Answer) -> None:
        if answer.text.startswith(self.shown):
            self._write(answer.text[len(self.shown) :])
        else:
            self.console.print()
            self._write(answer.text)
        self.console.print("\n")
        self.sources(answer)
        if answer.outcome is Outcome.ANSWERED:
            seconds = answer.timings["total"] / 1000
            self._say(f"console.footer_{answer.route.value}", model=answer.model, seconds=f"{seconds:.1f}")

    def sources(self, answer: Answer) -> None:
        """The numbered sources: title, file, page or heading, and the quoted line."""
        for citation in answer.citations:
            page = translate(self.language, "place.page", page=citation.page) if citation.page else ""
            where = " · ".join(part for part in (citation.document, page, citation.heading) if part)
            number, place = _plain(f"[{citation.n}] ", style="bold"), _plain(f" ({where})", style="dim")
            self.console.print(Text.assemble(number, _plain(citation.title), place))
            self.console.print(_plain(f"    “{citation.quote}”", style="italic"))


def _plain(text: str, style: str = "") -> Text:
    """Text that is shown as it stands: no markup, nothing that steers the terminal."""
    return Text(visible(text), style=style)


def said(error: Exception, language: str) -> str:
    return error.text(language) if isinstance(error, SotayError) else str(error)


@dataclass(slots=True)
class Chat:
    """One conversation at the terminal. `read` returns the next line typed; EOFError ends the chat."""

    pipeline: Pipeline
    feedback: FeedbackBook
    person: Person
    console: Console
    language: str
    read: Callable[[], Awaitable[str]]
    thread_id: str = ""
    answer: Answer | None = None

    async def run(self) -> None:
        """Until the person leaves; errors are said and the chat goes on."""
        self.thread_id = uuid.uuid4().hex
        self._say("console.welcome")
        going_on = True
        while going_on and (line := await self._next_line()) is not None:
            try:
                going_on = await self._obey(line)
            except* SotayError as failed:
                for error in failed.exceptions:
                    self.console.print(_plain(said(error, self.language), style="red"))

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
        """Streams one answer; Ctrl-C stops it, and the chat goes on."""
        check_question(text)
        async with asyncio.TaskGroup() as group:
            answering = group.create_task(self._stream(ask(text, self.person, self.thread_id)))
            with cancelled_by_interrupt(answering):
                await asyncio.wait([answering])
        if answering.cancelled():
            self._say("console.cancelled")

    async def _stream(self, question: Question) -> None:
        async with aclosing(self.pipeline.answer(question)) as events:
            self.answer = await AnswerPrinter(self.console, self.language).show(events)

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
            self.console.print(_plain(f"{rank:>3}. {passage.score:.2f}  {passage.document}  {page}", style="dim"))

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
        self.console.print(_plain(translate(self.language, message_id, **facts), style="dim"))
