"""Draws the pictures of docs/slack.md anew: `python -m tests.slack_pictures`."""

import asyncio
from pathlib import Path

from tests.slack_pictures.scenes import pictures

FOLDER = Path(__file__).parents[2] / "docs" / "slack"


def main() -> None:
    """Writes every picture, and takes away those that are no more."""
    drawn = asyncio.run(pictures())
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.svg"):
        if path.stem not in drawn:
            path.unlink()
    for name, svg in drawn.items():
        (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
