"""Who may ask where a platform is open to the world, and who is the same person on another platform.

A subject is a person (`telegram:123`) or a chat (`telegram:-100456`). It is let in by hand, by an invitation, or by
being linked to somebody. Codes are typed or come with a link; only their digests are kept.
"""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from core.store.admission import AdmissionRepository, Admitted, CodeKind
from core.store.database import Database

__all__ = ["Admission", "Admitted"]

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Nothing that is taken for something else (0 O, 1 I L), and nothing that a link of Telegram's does not carry."""
LENGTH: Final = 12
"""Characters of a code: 59 bits, which nobody guesses at ten tries an hour."""
INVITATION: Final = timedelta(days=7)
LINK_CODE: Final = timedelta(minutes=10)


class Admission:
    """Admissions and links of a database. Every method raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._rows = AdmissionRepository(database)

    async def admit(self, subject: str, by: str, now: datetime) -> None:
        """The subject may ask. For who may already, nothing changes."""
        await self._rows.admit(subject, by, now)

    async def expel(self, subject: str) -> None:
        """The subject may not ask any more; if it is somebody's alias, that ends too."""
        await self._rows.expel(subject)

    async def is_admitted(self, subject: str) -> bool:
        """Whether the subject, by its own id, may ask."""
        return await self._rows.is_admitted(subject)

    async def admitted(self, prefix: str) -> list[Admitted]:
        """Everybody who may ask and whose id begins so, by id; a linked one was let in by the person it is."""
        return await self._rows.admitted(prefix)

    async def invite(self, by: str, now: datetime, lasts: timedelta = INVITATION) -> str:
        """A code that lets one subject in, once, until its end."""
        return await self._issue(CodeKind.INVITATION, by, now, lasts)

    async def redeem(self, code: str, subject: str, now: datetime) -> bool:
        """Whether the code has let the subject in; True again for a delivery that comes twice.

        Who has tried ten wrong codes within an hour, for whatever purpose, is refused for an hour, whatever the code.
        """
        return await self._rows.redeem(digest_of(code), subject, now)

    async def link_code(self, person: str, now: datetime, lasts: timedelta = LINK_CODE) -> str:
        """A code by which the person is known on another platform too, to be typed there."""
        return await self._issue(CodeKind.LINK, person, now, lasts)

    async def is_for_linking(self, code: str) -> bool:
        """Whether the code is one of `link_code`, and no invitation. That is no try, and lets nobody in."""
        return await self._rows.kind(digest_of(code)) is CodeKind.LINK

    async def link(self, code: str, alias: str, now: datetime) -> str | None:
        """Who issued the code and `alias`, who types it, are one person from now on; returns that person's id.

        It is the id on Slack where one of the two is, else the issuer's, and where that is itself an alias, the id
        behind it. What was written under the other id becomes theirs. An alias that was somebody else's is so no more;
        what was written meanwhile stays with them. None where the code does not fit, with tries limited as in `redeem`,
        or where both ids are of one platform: those are two people, and the code stays good.
        """
        return await self._rows.link(digest_of(code), alias, now)

    async def unlink(self, alias: str) -> bool:
        """The alias is nobody's any more, and no longer let in by that; False where it was nobody's."""
        return await self._rows.unlink(alias)

    async def canonical(self, alias: str) -> str:
        """The person whom this id names: itself where it is not linked."""
        return await self._rows.canonical(alias)

    async def aliases(self, person: str) -> list[str]:
        """The other ids of the person, sorted."""
        return await self._rows.aliases(person)

    async def links(self) -> Mapping[str, str]:
        """The person behind every alias there is: for rights over many people at once."""
        return await self._rows.links()

    async def _issue(self, kind: CodeKind, by: str, now: datetime, lasts: timedelta) -> str:
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        await self._rows.issue(kind, digest_of(code), by, now, lasts)
        return code


def digest_of(code: str) -> str:
    """SHA-256 of the code; capitals or not, blanks and hyphens, as people type them, do not matter."""
    bare = "".join(code.upper().replace("-", "").split())
    return hashlib.sha256(bare.encode("utf-8", "replace")).hexdigest()
