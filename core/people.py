"""People as the handbook knows them: what they chose, what they asked, and their right to be forgotten."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.forgetting import NOWHERE, Forgetting, Places
from core.store.database import Database
from core.store.forgetting import Forgotten, Unfinished
from core.store.holdings import held
from core.store.people import Asked, PeopleRepository, Preference

__all__ = ["Asked", "Forgotten", "People", "Preference", "Unfinished"]


class People:
    """The people of a database, by the id that their platform gives them. Every method raises StoreError.

    `places` are where something of them lies beside it.
    """

    def __init__(self, database: Database, places: Places = NOWHERE) -> None:
        self._database = database
        self._rows = PeopleRepository(database)
        self._forgetting = Forgetting(database, places)

    async def preference(self, person: str) -> Preference:
        """What the person has chosen; the usual where they have chosen nothing."""
        return await self._rows.preference(person)

    async def choose_language(self, person: str, language: str | None) -> None:
        """The language of our own sentences to them; None for that of each question."""
        await self._rows.choose(person, "language", language)

    async def allow_training(self, person: str, *, allowed: bool) -> None:
        """Whether their votes and corrections may be learnt from, those given before too."""
        await self._rows.choose(person, "training", allowed)

    async def told(self, person: str) -> bool:
        """They have been told what is kept of them; False when that was noted before, by whomever."""
        return await self._rows.tell(person)

    async def recent_questions(self, person: str, limit: int) -> list[Asked]:
        """The last questions that were worked on, newest first; not those whose words have been removed since."""
        return await self._rows.recent_questions(person, limit)

    async def held(self, person: str) -> Mapping[str, Any]:
        """Everything that is held of the person, to be handed to them."""
        return await held(self._database, person, datetime.now(UTC))

    async def forget(self, person: str) -> Forgotten:
        """Removes from the database everything by which the person can be known: all of it or nothing.

        Their questions go with all that hangs on them, open ones too: who is answering one finds the claim lost, and
        what already stands on the platform for it is returned as `unfinished`, for the caller to take away. Their
        votes and corrections on others' answers go, and their preferences. Of the calls of models only the figures
        stay. Others' later questions in the same conversation stay without what was carried over into them: the
        prompt and the words put before theirs. A conversation that the person has muted stays quiet. All ids that are
        linked to theirs are them: what was written under any of these goes too, and so do the links, the codes that
        they issued or used, and their own admission. Whom they have let in stays in. Remarks that people have made in
        threads go out of the prompts of all, and the person's name out of others' words.

        `clean_up` is to follow. A backup of before, put back, does not bring the person back. Where that cannot be
        noted nothing is removed.
        """
        return await self._forgetting.forget(person)

    async def clean_up(self, forgotten: Forgotten) -> None:
        """What `forget` has removed leaves the files as well; who writes meanwhile waits."""
        await self._forgetting.clean_up(forgotten)
