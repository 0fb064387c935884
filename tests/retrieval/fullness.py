"""A program whose disk is full: fills an index until no file may grow, and says which error that gave.

A process of its own, because Chroma may hang afterwards instead of going on.
"""

import resource
import sys
from pathlib import Path

from core.errors import IndexUnavailable
from retrieval.chroma import ChromaIndex
from tests.retrieval.test_chroma import AXES, X, chunk


def main(folder: Path) -> None:
    index = ChromaIndex(folder, AXES)
    index.add([chunk("x")], [X])
    chunks = [chunk(f"n{n}") for n in range(3000)]
    most = (folder / "chroma.sqlite3").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    try:
        index.add(chunks, [X] * len(chunks))
    except IndexUnavailable as error:
        sys.stdout.write(f"{type(error).__name__} {error.message_id}\n")
        sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
