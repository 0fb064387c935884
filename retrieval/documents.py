"""Files to documents: parsing in a worker process with bounded memory and time, so that no file can hurt this one."""

import asyncio
import multiprocessing
from types import TracebackType
from typing import Self

from pebble import ProcessExpired, ProcessPool

from retrieval.blocks import ExtractedDocument
from retrieval.extraction import extract, limit_worker
from retrieval.filetypes import Limits
from retrieval.refusals import Refused

FILES_A_WORKER = 200
"""A worker is replaced after this many files, so that what parsers leak does not pile up."""


class DocumentReader:
    """Reads files in worker processes. Use as a context manager; leaving it ends the workers at once.

    `read` may be called from several tasks; at most `workers` files are parsed at a time.
    """

    def __init__(self, limits: Limits | None = None, *, workers: int = 1) -> None:
        self.limits = limits or Limits()
        self._pool = ProcessPool(
            max_workers=workers,
            max_tasks=FILES_A_WORKER,
            initializer=limit_worker,
            initargs=(self.limits.memory,),
            context=multiprocessing.get_context("spawn"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]  # pebble types it not
        self._pool.join()

    async def read(self, path: str, data: bytes) -> ExtractedDocument | Refused:
        """The document in `data`, or why it is refused: whatever is wrong with a file is a value, never an error.

        `path` is the name that people know the file by; its ending says the format. Cancelling ends the parsing.
        """
        future = self._pool.schedule(extract, args=(path, data, self.limits), timeout=self.limits.seconds)
        try:
            return await asyncio.wrap_future(future)
        except TimeoutError:
            return Refused(path, "documents.timeout", {"seconds": f"{self.limits.seconds:g}"})
        except ProcessExpired:
            return Refused(path, "documents.crashed")
        except MemoryError:
            return Refused(path, "documents.too_demanding")
