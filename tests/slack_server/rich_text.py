"""What Slack makes of the text that people write."""

from collections.abc import Iterator

from tests.slack_server.pings import ACTIVE
from tests.slack_server.refusals import Json


def rich_text(text: str) -> list[Json]:
    """The block that Slack makes of what people write."""
    section = {"type": "rich_text_section", "elements": list(_pieces(text))}
    return [{"type": "rich_text", "block_id": "b0", "elements": [section]}] if text else []


def _pieces(text: str) -> Iterator[Json]:
    at = 0
    for mention in ACTIVE.finditer(text):
        if mention.start() > at:
            yield {"type": "text", "text": text[at : mention.start()]}
        inside = mention.group().strip("<>").partition("|")[0]
        if inside.startswith("@"):
            yield {"type": "user", "user_id": inside[1:]}
        else:
            yield {"type": "broadcast", "range": inside[1:]}
        at = mention.end()
    if at < len(text):
        yield {"type": "text", "text": text[at:]}
