"""The question with everything that its platform adds to the words: rights, what was said before, files."""

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

from core.access import Directory
from core.conversation import Attachment, Person, Place, Question, RefusedFile, Remark
from core.intake import Claim, SharedFile
from core.surfaces import ChatSurface, FileRefused, SurfaceError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Looks around where a question was asked. What the platform does not tell is taken for the least."""

    directory: Directory

    async def question(self, claim: Claim, surface: ChatSurface) -> Question:
        """The question with the rights of asker and place as they are now."""
        readers, remarks = await surface.readers(claim.place), await self._remarks(claim, surface)
        attachments, refused = await fetched(claim.files, surface)
        return Question(
            id=claim.question_id,
            thread_id=claim.conversation,
            person=await self._person(claim.person, surface),
            place=Place(claim.place, None if readers is None else await self._persons(readers, surface)),
            text=claim.text,
            asked_at=claim.asked_at,
            surface=platform_of(claim.surface),
            remarks=tuple(remarks),
            attachments=attachments,
            refused=refused,
        )

    async def _persons(self, ids: frozenset[str], surface: ChatSurface) -> frozenset[Person]:
        return frozenset([await self._person(person, surface) for person in ids])

    async def _person(self, person: str, surface: ChatSurface) -> Person:
        return self.directory.person(person, await surface.groups(person))

    async def _remarks(self, claim: Claim, surface: ChatSurface) -> Sequence[Remark]:
        try:
            async with asyncio.timeout(surface.rates.call_seconds):
                return await surface.remarks(claim.conversation, claim.reply_to)
        except (SurfaceError, TimeoutError) as error:
            log.warning("%s is answered without what was said before it: %r", claim.question_id, error)
            return ()


async def fetched(
    files: Sequence[SharedFile], surface: ChatSurface
) -> tuple[tuple[Attachment, ...], tuple[RefusedFile, ...]]:
    """The files that could be had, and why the others could not."""
    attachments: list[Attachment] = []
    refused: list[RefusedFile] = []
    for file in files:
        match await attempt(surface.fetch(file), file.name):
            case Attachment() as attachment:
                attachments.append(attachment)
            case RefusedFile() as refusal:
                refused.append(refusal)
    return tuple(attachments), tuple(refused)


async def attempt(fetching: Awaitable[Attachment], name: str) -> Attachment | RefusedFile:
    try:
        return await fetching
    except FileRefused as refusal:
        return RefusedFile(name, refusal.message_id, refusal.facts)
    except SurfaceError as error:
        log.warning("a file could not be fetched: %r", error)
        return RefusedFile(name, "answer.file_unreachable", {})


def platform_of(surface: str) -> str:
    """The platform's name in the record: a surface of one terminal is called `console:` and something of its own."""
    return surface.partition(":")[0]
