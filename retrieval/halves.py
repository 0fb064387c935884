"""The two halves of the search index, each exchanged for a new one under those who use it when it is damaged.

    WHOLE --damage is met--> DAMAGED --renew--> PARTIAL --filled--> WHOLE

Who searches is turned away with `IndexDamaged` unless the half is whole; who fills it works on it in any state. No
lock is held during either, so searches in the other half, and filling this one, go on side by side.
"""

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from core.errors import IndexUnavailable
from core.ports import Embedder, Typing
from retrieval.chroma import ChromaIndex, owned
from retrieval.damage import IndexDamaged, set_aside
from retrieval.index_entry import IndexedChunk
from retrieval.lexical import LexicalIndex
from retrieval.sealing import SEAL

log = logging.getLogger(__name__)


class Health(StrEnum):
    """How far a half can be trusted."""

    WHOLE = "whole"
    PARTIAL = "partial"
    """Readable, but chunks of the database are missing or too many."""
    DAMAGED = "damaged"


class OpenIndex(Protocol):
    """What the halves need of both kinds of index. Blocking. Raises IndexUnavailable."""

    def close(self) -> None: ...

    def count(self) -> int: ...

    def ids(self) -> set[str]: ...

    def remove(self, chunk_ids: Sequence[str]) -> None: ...


I = TypeVar("I", bound=OpenIndex)  # noqa: E741
T = TypeVar("T")


class Half(ABC, Generic[I]):
    """An open index and its health. Blocking, safe from several threads.

    Opening one that is damaged puts its files aside and begins with an empty one; that it belongs to another process
    or another embedder is raised.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.health = Health.WHOLE
        self._changing = threading.Lock()
        self._damage: IndexDamaged | None = None
        self._alarm: Callable[[], None] | None = None
        try:
            self._index = self._open()
        except IndexDamaged as damage:
            self._index = self._replacement(damage)
            self.health = Health.PARTIAL

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """What is found damaged only now is found again by the next opening."""
        with suppress(IndexDamaged):
            self._index.close()

    def on_damage(self, alarm: Callable[[], None]) -> None:
        """`alarm` is called, from any thread, when damage is met."""
        self._alarm = alarm

    def compare(self, stored: int) -> None:
        """Looks whether as many chunks are held as the database has; if not, it is not whole."""
        try:
            held = self._filling(lambda index: index.count())
        except IndexDamaged:
            return  # noted, and as little whole
        with self._changing:
            if held != stored and self.health is Health.WHOLE:
                log.warning("search index %s holds %d chunks, the database %d: mending it", self.path, held, stored)
                self.health = Health.PARTIAL

    def renew(self) -> None:
        """Puts an empty one in the place of a damaged one. Raises IndexUnavailable when none can be made."""
        if self._damage is None:
            return
        self.close()
        self._index = self._replacement(self._damage)
        with self._changing:
            self._damage = None
            self.health = Health.PARTIAL

    def filled(self) -> None:
        """It now holds what the database has; of one that was found damaged meanwhile that is not true."""
        with self._changing:
            if self.health is Health.PARTIAL:
                self.health = Health.WHOLE

    def ids(self) -> set[str]:
        return self._filling(lambda index: index.ids())

    def remove(self, chunk_ids: Sequence[str]) -> None:
        """Forgets the chunks; unknown ids are no error."""
        self._filling(lambda index: index.remove(chunk_ids))

    @abstractmethod
    def _open(self) -> I: ...

    @abstractmethod
    def _set_aside(self) -> Path | None: ...

    @contextmanager
    def _searching(self) -> Iterator[I]:
        """The index for a search; whatever goes wrong in one that is being exchanged is no news."""
        if self.health is not Health.WHOLE:
            raise IndexDamaged("index.rebuilding", path=self.path)
        index = self._index
        try:
            yield index
        except IndexDamaged as damage:
            self._note(index, damage)
            raise
        except IndexUnavailable as error:
            if index is self._index and self.health is Health.WHOLE:
                raise
            raise IndexDamaged("index.rebuilding", path=self.path) from error

    def _filling(self, work: Callable[[I], T]) -> T:
        index = self._index
        try:
            return work(index)
        except IndexDamaged as damage:
            self._note(index, damage)
            raise

    def _note(self, index: I, damage: IndexDamaged) -> None:
        with self._changing:
            if index is not self._index or self.health is Health.DAMAGED:
                return
            self.health = Health.DAMAGED
            self._damage = damage
        if self._alarm:
            self._alarm()

    def _replacement(self, damage: IndexDamaged) -> I:
        try:
            aside = self._set_aside()
        except OSError as error:
            raise IndexUnavailable(damage.message_id, **damage.facts) from error
        where = f"moved to {aside}" if aside else "already gone"
        log.warning("search index %s was damaged (%s): %s, making it anew from the database",
                    self.path, damage.facts.get("reason", damage), where)  # fmt: skip
        return self._open()


class VectorHalf(Half[ChromaIndex]):
    """The dense half."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self._embedder = embedder
        super().__init__(folder)

    def add(self, chunks: Sequence[IndexedChunk], vectors: Sequence[Sequence[float]]) -> None:
        self._filling(lambda index: index.add(chunks, vectors))

    def search(self, vector: Sequence[float], spaces: frozenset[str], limit: int) -> list[tuple[str, float]]:
        with self._searching() as index:
            return index.search(vector, spaces, limit)

    def _open(self) -> ChromaIndex:
        return ChromaIndex(self.path, self._embedder)

    def _set_aside(self) -> Path | None:
        with owned(self.path):
            return set_aside(self.path)


class LexicalHalf(Half[LexicalIndex]):
    """The half that looks for words."""

    def add(self, chunks: Sequence[IndexedChunk]) -> None:
        self._filling(lambda index: index.add(chunks))

    def search(self, query: str, spaces: frozenset[str], limit: int, typing: Typing) -> list[tuple[str, float]]:
        with self._searching() as index:
            return index.search(query, spaces, limit, typing)

    def restored(self, query: str) -> str:
        with self._searching() as index:
            return index.restored(query)

    def coverage(self, query: str, chunk_id: str, typing: Typing) -> float:
        with self._searching() as index:
            return index.coverage(query, chunk_id, typing)

    def _open(self) -> LexicalIndex:
        return LexicalIndex(self.path)

    def _set_aside(self) -> Path | None:
        for companion in ("-wal", "-shm", f".{SEAL}"):
            self.path.with_name(self.path.name + companion).unlink(missing_ok=True)
        return set_aside(self.path)
