"""Metrics as a test reads them, and a database that is lost."""

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from core.store.database import Database

Samples = dict[tuple[str, tuple[str, ...]], float]


def samples(text: bytes | str) -> Samples:
    """Every value by name and labels, these in the order of their names."""
    text = text.decode() if isinstance(text, bytes) else text
    return {
        (sample.name, tuple(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def lose(database: Database) -> None:
    """Its file is gone, and a folder stands in its place."""
    path = Path(database.place)
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    path.mkdir()
