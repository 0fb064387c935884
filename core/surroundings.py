"""The question with everything that its platform adds to the words: rights, what was said before, files."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from core.access import Directory
from core.conversation import Attachment, Person, Place, Question, RefusedFile, Remark
from core.intake import Claim, SharedFile
from core.surfaces import ChatSurface, FileRefused, SurfaceError

log = logging.getLogger(__name__)


Links = Callable[[], Awaitable[Mapping[str, str]]]
"""Tells which ids are another name of somebody: each such alias, with the id of the person."""


async def nobody_linked() -> Mapping[str, str]:
    """Everybody has one id."""
    return {}


class Names:
    """Who is meant by an id, by `links` as they are at one moment."""

    def __init__(self, links: Mapping[str, str]) -> None:
        self._links = links
        self._aliases: defaultdict[str, list[str]] = defaultdict(list)
        for alias, person in links.items():
            self._aliases[person].append(alias)

    def person(self, known: str) -> str:
        """The id of the person; the one that was asked for where it is nobody's alias."""
        return self._links.get(known, known)

    def aliases(self, person: str) -> Sequence[str]:
        """The other ids of the person."""
        return self._aliases.get(person, ())


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Looks around where a question was asked. What the platform does not tell is taken for the least.

    `surfaces` are the platforms by name: each vouches for its own people, wherever they ask. `links` is asked once for
    each question.
    """

    directory: Directory
    surfaces: Mapping[str, ChatSurface] = field(default_factory=dict)
    links: Links = nobody_linked

    async def question(self, claim: Claim, surface: ChatSurface) -> Question:
        """The question with the rights of asker and place as they are now."""
        readers, remarks = await surface.readers(claim.place), await self._remarks(claim, surface)
        names = Names(await self.links())
        attachments, refused = await fetched(claim.files, surface)
        return Question(
            id=claim.question_id,
            thread_id=claim.conversation,
            person=await self._person(claim.person, surface, names),
            place=Place(claim.place, None if readers is None else await self._persons(readers, surface, names)),
            text=claim.text,
            asked_at=claim.asked_at,
            surface=platform_of(claim.surface),
            remarks=tuple(remarks),
            attachments=attachments,
            refused=refused,
        )

    async def asker(self, known: str, surface: ChatSurface) -> Person:
        """Who asks by this id, with the rights as they are now."""
        return await self._person(known, surface, Names(await self.links()))

    async def _persons(self, ids: frozenset[str], surface: ChatSurface, names: Names) -> frozenset[Person]:
        return frozenset([await self._person(known, surface, names) for known in ids])

    async def _person(self, known: str, surface: ChatSurface, names: Names) -> Person:
        """The person whom this id names, with the rights of all their ids."""
        person = names.person(known)
        return self.directory.person(person, await self._vouched(person, surface), names.aliases(person))

    async def _vouched(self, person: str, surface: ChatSurface) -> frozenset[str]:
        """The word of the person's own platform; for an id without one, of the surface that the question came by."""
        platform, colon, _ = person.partition(":")
        voucher = self.surfaces.get(platform) if colon else surface
        return frozenset() if voucher is None else await voucher.groups(person)

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
