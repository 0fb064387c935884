"""The terminal as a chat surface: what is sent is printed, and an edit prints what it adds."""

import asyncio
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from core.conversation import Answer, Attachment, Outcome, Remark
from core.intake import SharedFile
from core.output import visible
from core.surfaces import Action, Part, Posting, Rates, Undeliverable
from core.texts import translate

SURFACE = "console"
UNLIMITED = Rates(place_burst=1e9, place_per_second=1e9, burst=1e9, per_second=1e9, reserve=0.0, preview_seconds=0.0)

UNREADABLE = (SystemExit, OSError, UnicodeError)
"""What printing raises where nobody can read it: rich's word for a broken pipe, a terminal that has gone or cannot show
Vietnamese."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a question ended at the terminal: the text shown, and the answer unless it was a mere sentence."""

    text: str
    answer: Answer | None = None


class AnswerPrinter:
    """Prints one answer: text as it streams, then whatever the final answer adds, then its sources."""

    def __init__(self, console: Console, language: str) -> None:
        self.console = console
        self.language = language
        self.shown = ""

    def note(self, text: str) -> None:
        """A word on the side."""
        self.console.print(plain(text, style="dim"))

    def show(self, text: str) -> None:
        """The text so far; where it does not go on from what is shown, on a new line."""
        if not text.startswith(self.shown):
            self.console.print()
            self.shown = ""
        self.console.print(plain(text[len(self.shown) :]), end="", soft_wrap=True)
        self.shown = text

    def finish(self, answer: Answer) -> None:
        """The rest of the text, the sources, and who answered."""
        self.show(answer.text)
        self.console.print("\n")
        self.sources(answer)
        if answer.outcome is Outcome.ANSWERED:
            footer, seconds = f"console.footer_{answer.route.value}", answer.timings["total"] / 1000
            self.note(translate(self.language, footer, model=answer.model, seconds=f"{seconds:.1f}"))

    def fail(self, text: str) -> None:
        """A sentence that ends a question without an answer."""
        self.show(text)
        self.console.print("\n")

    def sources(self, answer: Answer) -> None:
        """The numbered sources: title, file, page or heading, and the quoted line."""
        for citation in answer.citations:
            page = translate(self.language, "place.page", page=citation.page) if citation.page else ""
            where = " · ".join(part for part in (citation.document, page, citation.heading) if part)
            number, place = plain(f"[{citation.n}] ", style="bold"), plain(f" ({where})", style="dim")
            self.console.print(Text.assemble(number, plain(citation.title), place))
            self.console.print(plain(f"    “{citation.quote}”", style="italic"))


def plain(text: str, style: str = "") -> Text:
    """Text that is shown as it stands: no markup, nothing that steers the terminal."""
    return Text(visible(text), style=style)


class ReadAlone:
    """What a surface is on which everybody reads alone, what we write is never lost, and nobody sends files."""

    def cost(self, action: Action, place: str) -> float:
        del action, place
        return 0.0

    def render(self, answer: Answer) -> Sequence[Part]:
        return (Part(answer.text, answer.text),)

    async def post_part(self, posting: Posting, text: str) -> str:
        del text
        return posting.question_id

    async def find(self, posting: Posting, known: frozenset[str]) -> str | None:
        del posting, known
        return None

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


class TerminalSurface(ReadAlone):
    """`core.surfaces.ChatSurface` for one person at one terminal. Its name is its own: no other worker writes here.

    `is_closed`: nobody reads any more what is printed.
    """

    def __init__(self, console: Console, language: str) -> None:
        self.name = f"{SURFACE}:{uuid.uuid4().hex}"
        self.rates = UNLIMITED
        self.is_closed = False
        self._console = console
        self._language = language
        self._printers: dict[str, AnswerPrinter] = {}
        self._endings: dict[str, asyncio.Future[Ended]] = {}

    async def ended(self, question_id: str) -> Ended:
        """How the question ended, once it has."""
        return await asyncio.shield(self._ending(question_id))

    async def announce(self, posting: Posting, text: str) -> bool:
        if text:
            with self._printing(posting) as printer:
                printer.note(text)
        return True

    async def post_placeholder(self, posting: Posting, text: str) -> str:
        with self._printing(posting) as printer:
            printer.show(text)
        return posting.question_id

    async def open_answer(self, posting: Posting, text: str) -> str:
        return await self.post_placeholder(posting, text)

    async def edit(self, posting: Posting, message_id: str, text: str) -> None:
        del message_id
        with self._printing(posting) as printer:
            printer.show(text)

    async def finish(self, posting: Posting, message_id: str, answer: Answer, part: Part) -> None:
        del message_id, part
        with self._printing(posting) as printer:
            printer.finish(answer)
        self._end(posting, Ended(answer.text, answer))

    async def fail(self, posting: Posting, message_id: str, text: str) -> None:
        del message_id
        with self._printing(posting) as printer:
            printer.fail(text)
        self._end(posting, Ended(text))

    async def remove(self, posting: Posting, message_id: str) -> None:
        del message_id
        self._end(posting, Ended(""))

    @contextmanager
    def _printing(self, posting: Posting) -> Iterator[AnswerPrinter]:
        """The printer of this question. Raises `Undeliverable` when nobody reads what is printed any more."""
        try:
            yield self._printers.setdefault(posting.question_id, AnswerPrinter(self._console, self._language))
        except UNREADABLE as closed:
            self.is_closed = True
            self._end(posting, Ended(""))
            raise Undeliverable("the terminal was closed") from closed

    def _ending(self, question_id: str) -> asyncio.Future[Ended]:
        if question_id not in self._endings:
            self._endings[question_id] = asyncio.get_running_loop().create_future()
        return self._endings[question_id]

    def _end(self, posting: Posting, ended: Ended) -> None:
        ending = self._ending(posting.question_id)
        if not ending.done():
            ending.set_result(ended)
        self._printers.pop(posting.question_id, None)
