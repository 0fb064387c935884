"""Questions embedded as the search embeds them, in an office that has no documents yet: for training and measuring."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from core.ports import Embedder
from retrieval.lexical import LexicalIndex
from retrieval.search import understood


@contextmanager
def embedding_as_searched(embedder: Embedder) -> Iterator[Callable[[str], list[float]]]:
    """A function from a question as typed to its vector: tone marks restored by the shipped counts of syllables."""
    with TemporaryDirectory() as folder, LexicalIndex(Path(folder) / "lexical.sqlite") as lexical:
        yield lambda text: embedder.embed_query(understood(text, lexical.restored).restored)
