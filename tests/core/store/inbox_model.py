"""What the inbox promises, on a page and without a database: the state machine compares both databases with it."""

from dataclasses import dataclass, field

from core.intake import Incoming

LIMIT, TRIES, JOIN, DEADLINE = 2, 2, 10, 60


@dataclass
class Row:
    """One question. `messages` are [text or None, version] by key, in the order in which they were sent."""

    person: str
    conversation: str
    messages: dict[str, list[object]]
    state: str
    ready: float
    deadline: float
    accepted: float
    ending: str | None = None
    notice: str | None = None
    revision: int = 0
    attempts: int = 0
    worker: str | None = None
    posted: bool = False

    def void(self, **changes: object) -> None:
        self.ending = self.notice = None
        self.revision += 1
        vars(self).update(changes)

    @property
    def text(self) -> str:
        return " ".join(str(text) for text, _ in self.messages.values() if text is not None)


@dataclass
class Model:
    rows: list[Row] = field(default_factory=list)
    events: set[str] = field(default_factory=set)
    now: float = 0.0

    def accept(self, message: Incoming) -> tuple[str, int | None]:
        if message.event in self.events:
            return "known", None
        self.events.add(message.event)
        key, text = message.key, message.text
        known = next((number for number, row in enumerate(self.rows) if key in row.messages), None)
        if known is not None:
            return self._change(known, key, text, message.version), known
        fragment = text is not None and len(text.split()) <= 5 and not text.endswith("?")
        ready = self.now + (JOIN if fragment else 0)
        messages: dict[str, list[object]] = {key: [text, message.version]}
        row = Row(message.person, message.conversation, messages, "new", ready, self.now + DEADLINE, self.now)
        verdict = "cancelled"
        if text is None:
            row.state = "cancelled"
        elif (start := self._unfinished(row)) is not None:
            begun = self.rows[start]
            begun.messages[key] = messages[key]
            begun.ready, begun.revision = min(begun.accepted + 3 * JOIN, ready), begun.revision + 1
            return "joined", start
        else:
            verdict = "refused" if self._refused(row) else "accepted"
        self.rows.append(row)
        return verdict, len(self.rows) - 1

    def _unfinished(self, row: Row) -> int | None:
        same = [n for n, r in enumerate(self.rows) if (r.person, r.conversation) == (row.person, row.conversation)]
        return next((n for n in same if self.rows[n].state == "new" and self.rows[n].ready > self.now), None)

    def _refused(self, row: Row) -> bool:
        mine = [r for r in self.rows if r.person == row.person and r.state in {"new", "answering"}]
        if len(mine) < LIMIT:
            return False
        told = [
            n
            for n, r in enumerate(self.rows)
            if r is not row and r.person == row.person and r.notice == "inbox.too_many"
        ]
        if told and told[-1] > self.rows.index(mine[0]) and not row.posted:
            row.state = "failed"
        else:
            row.state, row.ending, row.notice = "delivering", "failed", "inbox.too_many"
        return True

    def _change(self, number: int, key: str, text: str | None, version: float) -> str:
        row = self.rows[number]
        before, seen = row.messages[key]
        if before is None or (text is not None and version <= float(str(seen))):
            return "known"
        row.messages[key] = [text, version]
        if text == before:
            return "known"
        if text is None and not row.text:
            return self.cancel(number, None)
        ended = row.state not in {"new", "answering"}
        row.void()
        if ended and self._refused(row):
            return "refused"
        row.state, row.attempts, row.ready, row.deadline = "new", 0, self.now, self.now + DEADLINE
        return "changed"

    def cancel(self, number: int, notice: str | None) -> str:
        row = self.rows[number]
        if row.state not in {"new", "answering", "delivering"} or (notice and row.ending == "cancelled"):
            return "known"
        if notice or row.posted:
            row.void(state="delivering", ending="cancelled", notice=notice)
        else:
            row.void(state="cancelled")
        return "cancelled"

    def next(self, *, room: bool) -> int | None:
        free = [(n, r) for n, r in enumerate(self.rows) if r.worker is None]
        urgent = [n for n, r in free if r.state == "delivering" or (r.state == "new" and r.deadline <= self.now)]
        if urgent or not room:
            return urgent[0] if urgent else None
        waiting = [
            (self._turn(n), n) for n, r in free if r.state == "new" and r.ready <= self.now and not self._blocked(n)
        ]
        return min(waiting)[1] if waiting else None

    def _turn(self, number: int) -> int:
        mine = [(n, r) for n, r in enumerate(self.rows) if r.person == self.rows[number].person]
        return sum(r.state == "answering" or (r.state == "new" and n < number) for n, r in mine)

    def _blocked(self, number: int) -> bool:
        same = [(n, r) for n, r in enumerate(self.rows) if r.conversation == self.rows[number].conversation]
        return any(r.state in {"answering", "delivering"} or (r.state == "new" and n < number) for n, r in same)

    def claim(self, worker: str, *, room: bool) -> int | None:
        number = self.next(room=room)
        if number is not None:
            row = self.rows[number]
            row.worker, row.posted = worker, True
            if row.state == "new" and (row.attempts >= TRIES or row.deadline <= self.now):
                row.notice = "inbox.gave_up" if row.attempts >= TRIES else "answer.too_late"
                row.state, row.ending = "delivering", "failed"
            elif row.state == "new":
                row.state, row.attempts = "answering", row.attempts + 1
        return number

    def give_back(self, row: Row, *, counted: bool) -> None:
        row.attempts -= row.state == "answering" and not counted
        row.state, row.worker = "new" if row.state == "answering" else row.state, None
