"""The data map leaves nothing out."""

import re
from pathlib import Path

from core.store import tables

MAP = (Path(__file__).parents[3] / "docs" / "data-map.md").read_text(encoding="utf-8")


def test_the_data_map_names_every_table_and_no_other() -> None:
    section = MAP.partition("## Tables")[2].partition("## Files")[0]
    first_cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)} == {*tables.metadata.tables}
