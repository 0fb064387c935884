"""Documents that administrators send in: `/sotay ingest` opens a window, and what is chosen there is read in.

An ingestion is no question, and is not taken up again after a restart: who gets no closing message sends the files
once more, which changes nothing for those that were read.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bots.reading import Payload, mapping, word
from bots.slack import views
from bots.slack.api import Refused
from bots.slack.escaping import escape, fitted, one_line
from bots.slack.files import SlackFiles, shared_files
from bots.slack.ids import person_of
from bots.slack.telling import Telling
from core.conversation import Attachment, RefusedFile
from core.errors import SotayError
from core.folding import fold
from core.intake import SharedFile
from core.surfaces import SurfaceError
from core.texts import translate

log = logging.getLogger(__name__)

INGEST = frozenset({"ingest", "nap", "nap tai lieu"})
"""What is typed after the command, folded."""
NAME, SENTENCE = 150, 400
"""Characters of a file's name and of a sentence about it that are told."""
MESSAGE = 3_500
"""Characters of one direct message; longer lists come in several."""
Problems = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a file: how many documents it gave, or why it gave none."""

    documents: int
    refused: RefusedFile | None = None


class Library(Protocol):
    """Where documents go."""

    async def add(self, space: str, name: str, data: bytes) -> Added:
        """Reads the file into the space; one of the same name is replaced. Raises SotayError where nothing works."""
        ...


@dataclass(frozen=True, slots=True)
class Typed:
    """A command. `reply` is what Slack shows in answer, to who typed it; empty where a window is to be opened."""

    user: str
    trigger_id: str
    language: str
    reply: str = ""
    spaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """Files on their way into a space."""

    user: str
    language: str
    space: str
    files: tuple[SharedFile, ...]


@dataclass(frozen=True, slots=True)
class Ingesting:
    """`/sotay` and its window. `spaces` gives the names of all spaces."""

    telling: Telling
    files: SlackFiles
    library: Library
    spaces: Callable[[], Awaitable[Sequence[str]]]
    is_administrator: Callable[[str], bool]

    async def typed(self, body: Payload) -> Typed:
        """What a command asks for. Nothing is stored. Raises StoreError."""
        user, trigger_id = word(body.get("user_id")), word(body.get("trigger_id"))
        language = await self.telling.language(user)
        wanted = wanted_space(word(body.get("text")))
        if wanted is None:
            return Typed(user, trigger_id, language, translate(language, "slack.sotay_help"))
        if not self.is_administrator(person_of(user)):
            return Typed(user, trigger_id, language, translate(language, "slack.only_administrators"))
        names = tuple(await self.spaces())
        chosen = tuple(name for name in names if fold(name) == fold(wanted)) if wanted else names
        if chosen:
            return Typed(user, trigger_id, language, spaces=chosen)
        facts = {"space": fitted(one_line(wanted), NAME), "spaces": escape(", ".join(names) or "–")}
        return Typed(user, trigger_id, language, translate(language, "slack.ingest_no_space", **facts))

    async def after_typed(self, typed: Typed) -> None:
        """Opens the window."""
        if typed.spaces:
            await self.telling.open(typed.trigger_id, views.ingest_modal(typed.language, typed.spaces))

    async def keep(self, body: Payload) -> Chosen | Problems:
        """What was chosen in the window, or `{"errors": ...}`: sentences by block. Raises StoreError."""
        user = word(mapping(body.get("user")).get("id"))
        language = await self.telling.language(user)
        space, told = views.read_ingest(mapping(body.get("view")))
        files = tuple(file for one in told[: views.FILES] for file in shared_files({"files": [one]}) if file.id)
        if not self.is_administrator(person_of(user)):
            return {"errors": {views.SPACE: translate(language, "slack.only_administrators")}}
        names = await self.spaces()
        if space not in names:
            sentence = translate(language, "slack.ingest_no_space", space=space, spaces=", ".join(names) or "–")
            return {"errors": {views.SPACE: sentence}}
        if not files:
            return {"errors": {views.DOCUMENTS: translate(language, "slack.ingest_no_files")}}
        return Chosen(user, language, space, files)

    async def after(self, _body: Payload, chosen: Chosen) -> None:
        """Reads the files in, one after the other, and tells the administrator of each."""
        facts = {"count": len(chosen.files), "space": chosen.space}
        await self._tell(chosen, "slack.ingest_started", **facts)
        documents, lines = 0, []
        for file in chosen.files:
            added = await self._add(chosen, file)
            documents += added.documents
            lines.append(line_of(file, added, chosen.language))
        head = escape(translate(chosen.language, "slack.ingest_done", documents=documents, **facts))
        for text in packed([head, *lines]):
            await self.telling.write(chosen.user, text)

    async def _add(self, chosen: Chosen, file: SharedFile) -> Added:
        try:
            fetched: Attachment = await self.files.fetch(file)
            return await self.library.add(chosen.space, file.name, fetched.data)
        except SotayError as error:
            return Added(0, RefusedFile(file.name, error.message_id, error.facts))
        except (Refused, SurfaceError) as error:
            log.warning("file %s could not be fetched: %s", file.id, error)
            return Added(0, RefusedFile(file.name, "slack.ingest_unreachable"))

    async def _tell(self, chosen: Chosen, text_id: str, **facts: object) -> None:
        await self.telling.write(chosen.user, escape(translate(chosen.language, text_id, **facts)))


def wanted_space(text: str) -> str | None:
    """The space that is named after `ingest`, empty where none is; None where something else is asked for."""
    words = text.split()
    for length in (3, 1):
        if fold(" ".join(words[:length])) in INGEST:
            return " ".join(words[length:])
    return None


def line_of(file: SharedFile, added: Added, language: str) -> str:
    """What became of one file, escaped."""
    if added.refused is not None:
        return f"✗ {fitted(one_line(added.refused.text(language)), SENTENCE)}"
    return f"✓ {fitted(one_line(file.name), NAME)}"


def packed(lines: Sequence[str]) -> list[str]:
    """The lines in as few messages as they go into, in their order."""
    texts: list[str] = []
    for line in lines:
        if texts and len(texts[-1]) + len(line) < MESSAGE:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return texts
