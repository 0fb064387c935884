"""docs/slack.md shows what people see now, and explains every sentence that an administrator may meet."""

import re

import pytest

from core.texts import LANGUAGES
from tests.core.test_texts import EN, VI
from tests.slack_pictures.__main__ import FOLDER
from tests.slack_pictures.scenes import TITLES, pictures

GUIDE = FOLDER.parent / "slack.md"
EXPLAINED = (
    "alarm.", "answer.denied", "answer.file_sign_in", "answer.file_too_large", "answer.file_unreachable",
    "run.nothing_configured", "slack.bad_", "slack.ingest_unreachable", "slack.no_port", "slack.no_way_in",
    "slack.only_administrators", "slack.port_taken",
)  # fmt: skip
"""What the sentences are called that send an administrator to the guide: their first words stand in it."""
SHOWN = re.compile(r"!\[([^\]]+)\]\(slack/([\w-]+)\.svg\)")


async def test_the_pictures_are_of_the_messages_that_are_sent_now() -> None:
    drawn = await pictures()
    stored = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.svg")}
    assert stored.keys() == drawn.keys()
    changed = [name for name, svg in drawn.items() if stored[name] != svg]
    assert changed == [], "run: python -m tests.slack_pictures"


def test_the_guide_shows_every_picture_under_its_title() -> None:
    shown = SHOWN.findall(GUIDE.read_text(encoding="utf-8"))
    assert sorted((name, title) for title, name in shown) == sorted(TITLES.items())


def explained(name: str) -> bool:
    """Whether the guide must speak of the text; those about Telegram have a guide of their own."""
    return name.startswith(EXPLAINED) and "telegram" not in name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_explains_every_sentence_about_the_setup(language: str) -> None:
    texts, guide = {"vi": VI, "en": EN}[language], GUIDE.read_text(encoding="utf-8")
    told = [re.sub(r"\{\w+\}", "…", text) for name, text in sorted(texts.items()) if explained(name)]
    assert len(told) >= 16
    assert [text for text in told if text.partition(". ")[0].rstrip(".") not in guide] == []
