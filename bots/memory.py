"""What adapters remember by: the core's books over one database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from core.access import ADMINISTRATORS, Directory
from core.admission import Admission
from core.alarms import Alarms
from core.corrections import Corrections
from core.feedback import FeedbackBook
from core.forgetting import NOWHERE, Places
from core.people import People
from core.store.database import Database
from core.store.figures import Figures
from core.store.journal import Journal
from core.store.marks import Marks
from core.store.moves import Moves
from core.store.spaces import SpaceRepository
from core.store.threads import ThreadBook


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything that is no platform's own."""

    directory: Directory
    alarms: Alarms
    threads: ThreadBook
    people: People
    feedback: FeedbackBook
    corrections: Corrections
    figures: Figures
    journal: Journal
    spaces: SpaceRepository
    marks: Marks
    admission: Admission
    moves: Moves

    @classmethod
    def of(cls, database: Database, directory: Directory, alarms: Alarms, places: Places = NOWHERE) -> Self:
        """`places` are where something of people lies beside the database."""
        return cls(
            directory,
            alarms,
            ThreadBook(database),
            People(database, places),
            FeedbackBook(database),
            Corrections(database),
            Figures(database),
            Journal(database),
            SpaceRepository(database),
            Marks(database),
            Admission(database),
            Moves(database),
        )

    def is_administrator(self, person: str) -> bool:
        """Whether the settings name the person in the group `administrators`; no platform vouches for that."""
        return ADMINISTRATORS in self.directory.person(person).groups

    def alarm(self, kind: str, question_id: str, detail: str) -> None:
        """Something to be told to the administrators; `question_id` is empty where it is about none."""
        self.alarms.raised(kind, question_id or None, detail)

    async def conversations(self, surface: str, since: datetime) -> list[str]:
        """The conversations of a platform in which somebody has asked since, the newest first."""
        return [conversation for conversation, _ in await self.threads.recent_conversations(surface, since)]
