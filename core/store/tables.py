"""The tables, as SQLAlchemy Core sees them. `migrations/` creates them; a test holds the two equal.

`document` and `chunk` are the truth of what the handbook says. `question`, `answer`, `passage` and `citation` are
history as served: they hold copies and no foreign key to `chunk`, so that indexing anew never changes the past.
`inbox` and the tables beside it are what keeps a question from being lost on its way. `person_preference`,
`thread_mute` and `correction` are what people have asked for; `surface_mark` is where a platform was left off.
`admission` and the three tables after it say who is let in, and who is the same person on another platform;
`chat_move` says which chat is the same as an earlier one. `reservation` holds what calls outside the office may cost
and have cost, in millionths of a US dollar; `shadow_answer` what another model would have said.
"""

import json
from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
    true,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A point in time: goes in with any time zone, comes out in UTC. A time without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Prose(TypeDecorator[str]):
    """Text from people and files. What no database can hold is replaced: NUL is dropped, lone surrogates become "?"."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


def storable(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def to_json(value: object) -> str:
    """JSON with Vietnamese letters as they are, and nothing in it that a database refuses."""
    return storable(json.dumps(value, ensure_ascii=False))


space = Table(
    "space",
    metadata,
    Column("name", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("audience", JSON, nullable=False),
    Column("may_leave", Boolean, nullable=False),
    Column("origin", Text, nullable=False),
    Column("sources", JSON, nullable=False),
)

document = Table(
    "document",
    metadata,
    Column("id", Text, primary_key=True),
    Column("space", Text, ForeignKey("space.name"), nullable=False),
    Column("source", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("title", Prose, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("modified_at", Double, nullable=False),
    Column("indexed_at", Moment),
    UniqueConstraint("space", "source", "path"),
)

chunk = Table(
    "chunk",
    metadata,
    Column("id", Text, primary_key=True),
    Column("document_id", Text, ForeignKey("document.id", ondelete="CASCADE"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("text", Prose, nullable=False),
    Column("title_path", JSON, nullable=False),
    Column("page", Integer),
    Column("start_offset", Integer, nullable=False),
    Column("end_offset", Integer, nullable=False),
    UniqueConstraint("document_id", "ordinal"),
)

question = Table(
    "question",
    metadata,
    Column("id", Text, primary_key=True),
    Column("surface", Text, nullable=False),
    Column("thread_id", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("text", Prose, nullable=False),
    Column("query", Prose, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Index(None, "thread_id", "asked_at"),
    Index(None, "person", "asked_at"),
)

answer = Table(
    "answer",
    metadata,
    Column("id", Text, primary_key=True),
    Column("question_id", Text, ForeignKey("question.id"), nullable=False),
    Column("text", Prose, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("query", Prose, nullable=False),
    Column("route", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("confidence", Double),
    Column("cost_usd", Double),
    Column("prompt", JSON, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("timings", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("arm", Text),
    Index(None, "question_id", "created_at"),
)

passage = Table(
    "passage",
    metadata,
    Column("answer_id", Text, ForeignKey("answer.id", ondelete="CASCADE"), primary_key=True),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    Column("chunk_id", Text, nullable=False),
    Column("document_id", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("title", Prose, nullable=False),
    Column("heading", Prose, nullable=False),
    Column("page", Integer),
    Column("text", Prose, nullable=False),
    Column("space", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("score", Double, nullable=False),
)

citation = Table(
    "citation",
    metadata,
    Column("answer_id", Text, ForeignKey("answer.id", ondelete="CASCADE"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("chunk_id", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("title", Prose, nullable=False),
    Column("page", Integer),
    Column("heading", Prose, nullable=False),
    Column("quote", Prose, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("answer_id", Text, ForeignKey("answer.id", ondelete="CASCADE"), primary_key=True),
    Column("person", Text, primary_key=True),
    Column("vote", Integer, nullable=False),
    Column("reason", Prose),
    Column("correction", Prose),
    Column("updated_at", Moment, nullable=False),
    Column("voted_at", Moment),
    CheckConstraint("vote IN (-1, 0, 1)", name="vote"),
    Index(None, "updated_at"),
    Index(None, "person"),
)

model_call = Table(
    "model_call",
    metadata,
    Column("id", Text, primary_key=True),
    Column("question_id", Text),
    Column("model", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("prompt_tokens", Integer),
    Column("completion_tokens", Integer),
    Column("cost_usd", Double),
    Column("first_token_ms", Double),
    Column("total_ms", Double),
    Column("mean_logprob", Double),
    Column("finish", Text),
    Column("error", Prose),
    Index(None, "route", "started_at"),
    Index(None, "question_id"),
)

job_run = Table(
    "job_run",
    metadata,
    Column("name", Text, primary_key=True),
    Column("slot", Text, primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("outcome", Text),
    Column("note", Prose),
)

inbox = Table(
    "inbox",
    metadata,
    Column("question_id", Text, primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("surface", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("ending", Text),
    Column("notice", Text),
    Column("facts", JSON, nullable=False),
    Column("answer_id", Text, ForeignKey("answer.id")),
    Column("revision", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("worker", Text),
    Column("accepted_at", Moment, nullable=False),
    Column("ready_at", Moment, nullable=False),
    Column("deadline", Moment, nullable=False),
    Column("settled_at", Moment),
    Index(None, "state"),
    Index(None, "person", "number"),
    Index(None, "conversation", "number"),
    Index(
        None, "answer_id", sqlite_where=text("answer_id IS NOT NULL"), postgresql_where=text("answer_id IS NOT NULL")
    ),
)

inbox_message = Table(
    "inbox_message",
    metadata,
    Column("key", Text, primary_key=True),
    Column("question_id", Text, ForeignKey("inbox.question_id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("version", Double, nullable=False),
    Column("text", Prose),
    Column("sent_at", Moment, nullable=False),
    Column("files", JSON, nullable=False, server_default="[]"),
    Index(None, "question_id"),
)

inbox_event = Table(
    "inbox_event",
    metadata,
    Column("event", Text, primary_key=True),
    Column("seen_at", Moment, nullable=False),
)

inbox_post = Table(
    "inbox_post",
    metadata,
    Column("question_id", Text, ForeignKey("inbox.question_id", ondelete="CASCADE"), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("message_id", Text),
    Index(None, "message_id"),
)

inbox_worker = Table(
    "inbox_worker",
    metadata,
    Column("worker", Text, primary_key=True),
    Column("beat", BigInteger, nullable=False),
)

person_preference = Table(
    "person_preference",
    metadata,
    Column("person", Text, primary_key=True),
    Column("language", Text),
    Column("training", Boolean, nullable=False, server_default=true()),
    Column("told_at", Moment),
    Column("updated_at", Moment, nullable=False),
)

thread_mute = Table(
    "thread_mute",
    metadata,
    Column("conversation", Text, primary_key=True),
    Column("person", Text),
    Column("muted_at", Moment, nullable=False),
)

correction = Table(
    "correction",
    metadata,
    Column("id", Text, primary_key=True),
    Column("answer_id", Text, ForeignKey("answer.id", ondelete="CASCADE"), nullable=False),
    Column("person", Text, nullable=False),
    Column("text", Prose, nullable=False),
    Column("state", Text, nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", Moment),
    Column("announced_id", Text),
    Column("returned_id", Text),
    Index(None, "answer_id", "person", "proposed_at"),
    Index(None, "person"),
    Index(None, "state"),
)

surface_mark = Table(
    "surface_mark",
    metadata,
    Column("surface", Text, primary_key=True),
    Column("seen_at", Moment, nullable=False),
)

admission = Table(
    "admission",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("admitted_by", Text),
    Column("admitted_at", Moment, nullable=False),
)

admission_code = Table(
    "admission_code",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("used_by", Text),
    Index(None, "ends_at"),
)

wrong_code = Table(
    "wrong_code",
    metadata,
    Column("id", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("tried_at", Moment, nullable=False),
    Index(None, "subject", "tried_at"),
    Index(None, "tried_at"),
)

person_link = Table(
    "person_link",
    metadata,
    Column("alias", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("linked_at", Moment, nullable=False),
    Index(None, "person"),
)

reservation = Table(
    "reservation",
    metadata,
    Column("id", Text, primary_key=True),
    Column("question_id", Text),
    Column("person", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("reserved_at", Moment, nullable=False),
    Column("worst_micros", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("cost_micros", BigInteger),
    Column("generation_id", Text),
    Column("settled_at", Moment),
    Index(None, "reserved_at"),
    Index(None, "person", "reserved_at"),
    Index(None, "state"),
)

shadow_answer = Table(
    "shadow_answer",
    metadata,
    Column("id", Text, primary_key=True),
    Column("answer_id", Text, ForeignKey("answer.id", ondelete="CASCADE"), nullable=False),
    Column("arm", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("text", Prose, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("verdict", Text),
    Column("prompt", JSON, nullable=False),
    Column("cost_usd", Double),
    Column("first_token_ms", Double),
    Column("total_ms", Double),
    Column("created_at", Moment, nullable=False),
    Index(None, "answer_id"),
    Index(None, "created_at"),
)

chat_move = Table(
    "chat_move",
    metadata,
    Column("surface", Text, primary_key=True),
    Column("old_place", Text, primary_key=True),
    Column("new_place", Text, nullable=False),
)
