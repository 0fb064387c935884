"""A crowd in an office: of everybody something in every column of every table where words and names of people stand.

Written as rows, not by our code: so columns that only some way through the code fills are filled for all, and a
thousand people take seconds.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from core.conversation import ATTACHED
from core.prompts import COLLEAGUES
from core.store import tables
from core.store.database import Database

NOW = datetime.now(UTC) - timedelta(hours=1)
AT_ONCE = 200
ROOM = 10
"""People that share a channel and its thread."""
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Member:
    """The n-th of the crowd. Whatever they write holds `mark`; nobody else's does."""

    number: int

    @property
    def mark(self) -> str:
        return f"Riêng{self.number:05d}Tư"

    @property
    def user(self) -> str:
        """The id on Slack, without the platform."""
        return f"U{self.number:09d}"

    @property
    def slack(self) -> str:
        return f"slack:{self.user}"

    @property
    def telegram(self) -> str:
        return f"telegram:{7_100_000_000 + self.number}"

    @property
    def channel(self) -> str:
        return f"slack:T1:C{self.number // ROOM:09d}"

    @property
    def direct(self) -> str:
        return f"slack:T1:D{self.number:09d}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nothing may hold once they are forgotten."""
        return (self.mark, self.user, self.telegram.partition(":")[2], f"D{self.number:09d}")


def members(count: int) -> list[Member]:
    return [Member(number) for number in range(count)]


async def move_in(database: Database, count: int) -> None:
    """So many people, with rows of everybody's between those of all others."""
    crowd = members(count)
    for first in range(0, count, AT_ONCE):
        rows: defaultdict[str, list[Row]] = defaultdict(list)
        for member in crowd[first : first + AT_ONCE]:
            before = Member(member.number - 1) if member.number % ROOM else None
            for name, row in (*conversation(member, before), *judgements(member, count), *standing(member)):
                rows[name].append(row)
        async with database.writing() as connection:
            for table in tables.metadata.sorted_tables:
                if rows[table.name]:
                    await connection.execute(insert(table), rows[table.name])


def conversation(member: Member, before: Member | None) -> list[tuple[str, Row]]:
    """A question in the channel and one in private, with all that they leave behind.

    `before` has asked in the channel before; the next in the row has only said something to others there.
    """
    heard = Member(member.number + 1)
    return [
        row
        for which, place in (("c", member.channel), ("d", member.direct))
        for row in question(member, f"q{which}{member.number}", place, before if which == "c" else None, heard)
    ]


def question(member: Member, name: str, place: str, before: Member | None, heard: Member) -> list[tuple[str, Row]]:
    mark, at = member.mark, NOW + timedelta(seconds=member.number)
    thread, key, answer = f"{place}:1700.1", f"{place}:1700.{member.number}", f"a-{name}"
    said = f"\n{COLLEAGUES[0]}{heard.mark} nói" if before and not heard.number % 3 else ""
    earlier = f"\nCâu hỏi trước: {before.mark} hỏi" if before else ""
    prompt = [{"role": "user", "content": f"Các đoạn:{said}{earlier}\nCâu hỏi: {mark} hỏi @{member.user}"}]
    query = f"{before.mark} hỏi\n{mark} hỏi" if before else f"{mark} hỏi"
    settled: Row = {"question_id": name, "surface": "slack", "conversation": thread, "place": place}
    settled |= {"number": 2 * member.number + (name[1] == "d"), "person": member.slack, "state": "answered"}
    settled |= {"ending": "answered", "facts": {"mark": mark}, "answer_id": answer, "revision": 0, "attempts": 0}
    settled |= {"accepted_at": at, "ready_at": at, "deadline": at, "settled_at": at, "notice": None}
    served: Row = {"id": answer, "question_id": name, "text": f"Đáp {mark}", "outcome": "answered", "language": "vi"}
    served |= {"query": query, "route": "local", "model": "m", "confidence": -0.1, "cost_usd": 0.0, "prompt": prompt}
    served |= {"reasons": ["simple"], "timings": {"search": 1.5}, "created_at": at, "arm": None}
    read: Row = {"answer_id": answer, "rank": 0, "chunk_id": "c", "document_id": "d", "document": f"{mark}.docx"}
    read |= {"title": mark, "heading": mark, "page": None, "text": mark, "space": ATTACHED, "label": "internal"}
    cited: Row = {"answer_id": answer, "n": 1, "chunk_id": "c", "document": f"{mark}.docx", "title": mark}
    shadow: Row = {"id": f"s-{name}", "answer_id": answer, "arm": "b", "route": "api", "model": "n"}
    shadow |= {"text": f"Bóng {mark}", "outcome": "answered", "verdict": None, "prompt": prompt, "created_at": at}
    call: Row = {"id": f"m-{name}", "question_id": name, "model": "m", "route": "local", "started_at": at}
    paid: Row = {"id": f"r-{name}", "question_id": name, "person": member.slack, "model": "m", "reserved_at": at}
    message: Row = {"key": key, "question_id": name, "position": 0, "version": 0.0, "text": f"{mark} hỏi"}
    asked: Row = {"id": name, "surface": "slack", "thread_id": thread, "person": member.slack, "place": place}
    return [
        ("question", asked | {"text": f"{mark} hỏi", "query": query, "asked_at": at}),
        ("answer", served),
        ("passage", read | {"score": 0.5}),
        ("citation", cited | {"page": None, "heading": mark, "quote": mark}),
        ("shadow_answer", shadow),
        ("inbox", settled),
        ("inbox_message", message | {"sent_at": at, "files": [{"name": f"{mark}.docx", "url": f"https://f/{mark}"}]}),
        ("inbox_post", {"question_id": name, "part": 0, "message_id": f"{place.rpartition(':')[2]}/1800.{name}"}),
        ("inbox_event", {"event": key, "seen_at": at}),
        ("inbox_event", {"event": f"{key}:ask:{member.user}:{name}", "seen_at": at}),
        ("model_call", call | {"error": None}),
        ("reservation", paid | {"worst_micros": 5, "state": "settled", "cost_micros": 3}),
    ]


def judgements(member: Member, count: int) -> list[tuple[str, Row]]:
    """What they say of their own answer, and of that of the one before; the one after the next decides on it."""
    rows: list[tuple[str, Row]] = []
    for number in {member.number, max(0, member.number - 1)}:
        answer, mark = f"a-qc{number}", member.mark
        said: Row = {"answer_id": answer, "person": member.slack, "vote": 1, "reason": f"{mark} vì", "correction": mark}
        proposed: Row = {"id": f"k-{member.number}-{number}", "answer_id": answer, "person": member.slack, "text": mark}
        decided: Row = {"state": "rejected", "decided_by": Member((member.number + 2) % count).slack}
        rows += [
            ("feedback", said | {"updated_at": NOW, "voted_at": NOW}),
            ("correction", proposed | decided | {"proposed_at": NOW, "decided_at": NOW}),
        ]
    return rows


def standing(member: Member) -> list[tuple[str, Row]]:
    """What they chose, who let them in, who they are on the other platform."""
    chat = f"telegram:900:{member.telegram.partition(':')[2]}"
    return [
        ("person_preference", {"person": member.slack, "language": "vi", "told_at": NOW, "updated_at": NOW}),
        ("thread_mute", {"conversation": f"{chat}:15", "person": member.slack, "muted_at": NOW}),
        ("admission", {"subject": member.telegram, "admitted_by": member.slack, "admitted_at": NOW}),
        ("admission_code", {"digest": f"d{member.number}", "kind": "invitation", "issued_by": member.slack,
                            "used_by": member.telegram, "ends_at": NOW}),
        ("wrong_code", {"id": f"w{member.number}", "subject": member.telegram, "tried_at": NOW}),
        ("person_link", {"alias": member.telegram, "person": member.slack, "linked_at": NOW}),
        ("inbox_event", {"event": f"{chat}:{member.number}", "seen_at": NOW}),
    ]  # fmt: skip
