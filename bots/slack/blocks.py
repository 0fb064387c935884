"""The pieces that messages, modals and the home tab are built of, as Slack's Block Kit spells them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bots.slack.escaping import cut

Block = dict[str, Any]
"""A block, an element or a view, as it goes to Slack."""

SECTION_TEXT = 3_000
BUTTON_TEXT = 75
OPTION_TEXT = 75
HEADER_TEXT = 150
MODAL_TITLE = 24
"""Characters that Slack takes: a modal's title, and its two buttons."""


def plain(text: str, limit: int) -> Block:
    """Text that shows as it stands; what is longer than `limit` is cut."""
    return {"type": "plain_text", "text": cut(text, limit) or " ", "emoji": False}


def mrkdwn(text: str) -> Block:
    """Text in Slack's own markup, escaped by the caller; nothing in it becomes a link by itself."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def section(text: str, accessory: Block | None = None) -> Block:
    """A paragraph in mrkdwn, with a control beside it."""
    block: Block = {"type": "section", "text": mrkdwn(text)}
    return block if accessory is None else {**block, "accessory": accessory}


def markdown(text: str) -> Block:
    return {"type": "markdown", "text": text}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, HEADER_TEXT)}


def divider() -> Block:
    return {"type": "divider"}


def context(*elements: Block) -> Block:
    """Small print; ten elements at most."""
    return {"type": "context", "elements": list(elements)}


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def button(action_id: str, text: str, value: str, style: str | None = None) -> Block:
    """`style` is "primary" or "danger"."""
    block: Block = {"type": "button", "action_id": action_id, "text": plain(text, BUTTON_TEXT), "value": value}
    return block if style is None else {**block, "style": style}


def confirm(title: str, text: str, yes: str, no: str, *, is_dangerous: bool = False) -> Block:
    """What is asked before a click counts. The limits are 100, 300, 30 and 30 characters."""
    block: Block = {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
    }
    return {**block, "style": "danger"} if is_dangerous else block


def option(text: str, value: str) -> Block:
    return {"text": plain(text, OPTION_TEXT), "value": value}


def field(block_id: str, label: str, element: Block, *, hint: str = "", is_optional: bool = False) -> Block:
    """An input of a modal, found by its `block_id` when the modal comes back."""
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, 2_000),
        "element": element,
        "optional": is_optional,
    }
    return {**block, "hint": plain(hint, 2_000)} if hint else block


def sections(text: str) -> list[Block]:
    """A long text, escaped already, in as many paragraphs as it takes; cut at a line or a space, no entity in two."""
    found = []
    while len(text) > SECTION_TEXT:
        end = max(text.rfind("\n", 0, SECTION_TEXT), text.rfind(" ", 0, SECTION_TEXT))
        if end < SECTION_TEXT // 2:
            end = SECTION_TEXT if "&" not in text[SECTION_TEXT - 5 : SECTION_TEXT] else SECTION_TEXT - 5
            end = text.index("&", end) if end < SECTION_TEXT else end
        found.append(section(text[:end]))
        text = text[end:].lstrip()
    return [*found, section(text)] if text.strip() else found


def packed(texts: Iterable[str], separator: str = "\n") -> list[Block]:
    """Texts of at most `SECTION_TEXT` characters in as few paragraphs as go in order."""
    held: list[str] = []
    for text in texts:
        joined = f"{held[-1]}{separator}{text}" if held else text
        if held and len(joined) <= SECTION_TEXT:
            held[-1] = joined
        else:
            held.append(text)
    return [section(text) for text in held]


def weight(blocks: Sequence[Mapping[str, Any]]) -> int:
    """Characters of the blocks as JSON: what Slack's limit for a whole message counts."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))
