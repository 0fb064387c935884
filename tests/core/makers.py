"""Short ways to make the nouns in tests."""

from datetime import UTC, datetime

from core.conversation import Person, Place, Question
from core.documents import Label, Passage, Space

LAN = Person("lan", frozenset({"staff"}))
HOA = Person("hoa", frozenset({"staff", "hr"}))
STRANGER = Person("stranger")
PRIVATE = Place("private")

PUBLIC = Space("chung", Label.PUBLIC, frozenset({"staff"}))
INTERNAL = Space("noi-bo", Label.INTERNAL, frozenset({"staff"}))
SECRET = Space("nhan-su", Label.CONFIDENTIAL, frozenset({"hr"}))
SPACES = {space.name: space for space in (PUBLIC, INTERNAL, SECRET)}


def passage(
    text: str, *, number: int = 1, space: Space = PUBLIC, heading: str = "", page: int | None = None
) -> Passage:
    return Passage(
        chunk_id=f"c{number}",
        document_id=f"d{number}",
        document=f"tai-lieu-{number}.pdf",
        title=f"Tài liệu {number}",
        heading=heading,
        page=page,
        text=text,
        space=space.name,
        label=space.label,
        score=1.0 / number,
    )


def question(
    text: str, *, person: Person = LAN, place: Place = PRIVATE, thread: str = "t1", number: int = 1
) -> Question:
    return Question(f"q{number}", thread, person, place, text, datetime(2026, 11, 23, 8, 0, number % 60, tzinfo=UTC))
