"""The windows that open over Slack: why an answer is not good, documents to add, whether to forget, and a result.

What a person fills in comes back in `view["state"]["values"]`, by block and action.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bots.reading import Payload, items, mapping, word
from bots.slack.blocks import MODAL_TITLE, Block, field, option, plain
from bots.slack.render import plain_blocks
from core.texts import translate

REASON_VIEW = "sotay_reason"
INGEST_VIEW = "sotay_ingest"
"""Callback ids, by which a filled-in window is known."""

REASONS = ("wrong", "outdated", "not_found", "not_understood", "rude", "other")
FILE_TYPES = ("pdf", "docx", "xlsx", "pptx", "md", "markdown", "html", "htm", "txt")
"""Endings of the files that can be read."""
CORRECTION_TEXT = 3_000
FILES = 10
"""Files at once; Slack takes no more."""
OPTIONS = 100
"""Options of a menu, and groups of options."""

REASON, CORRECTION, SPACE, DOCUMENTS = "reason", "correction", "space", "documents"
VALUE = "value"
"""The action id of every input; blocks have different names."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a window about an answer is about; `place` is whatever the caller wants to know when it comes back."""

    answer_id: str
    place: str


def reason_modal(language: str, answer_id: str, place: str) -> Block:
    """Asks why an answer is not good and what would be right. `place` has 2,500 characters at most."""
    choices = [option(translate(language, f"slack.reason_{reason}"), reason) for reason in REASONS]
    right: Block = {
        "type": "plain_text_input",
        "action_id": VALUE,
        "multiline": True,
        "max_length": CORRECTION_TEXT,
    }
    why = {"type": "radio_buttons", "action_id": VALUE, "options": choices}
    blocks = [
        field(REASON, translate(language, "slack.reason_label"), why, is_optional=True),
        field(
            CORRECTION,
            translate(language, "slack.correction_label"),
            right,
            hint=translate(language, "slack.correction_hint"),
            is_optional=True,
        ),
    ]
    metadata = json.dumps({"answer_id": answer_id, "place": place}, ensure_ascii=False)
    return _modal(language, REASON_VIEW, "slack.reason_title", blocks, submit="slack.send", metadata=metadata)


def read_reason(view: Payload) -> tuple[str, str]:
    """The reason, one of `REASONS` or nothing, and what would be right, or nothing."""
    chosen = word(mapping(_given(view, REASON).get("selected_option")).get("value"))
    written = word(_given(view, CORRECTION).get("value")).strip()[:CORRECTION_TEXT]
    return (chosen if chosen in REASONS else ""), written


def read_target(view: Payload) -> Target:
    """What the window was opened about. Raises ValueError where it is none of ours."""
    told = mapping(json.loads(word(view.get("private_metadata"))))
    if not word(told.get("answer_id")):
        raise ValueError("no window about an answer")
    return Target(word(told.get("answer_id")), word(told.get("place")))


def ingest_modal(language: str, spaces: Sequence[str]) -> Block:
    """Asks for files and the space they belong in; `spaces` are names, at least one."""
    files = {"type": "file_input", "action_id": VALUE, "filetypes": list(FILE_TYPES), "max_files": FILES}
    blocks = [
        field(SPACE, translate(language, "slack.ingest_space"), _menu(spaces)),
        field(
            DOCUMENTS,
            translate(language, "slack.ingest_files"),
            files,
            hint=translate(language, "slack.ingest_hint", count=FILES),
        ),
    ]
    return _modal(language, INGEST_VIEW, "slack.ingest_title", blocks, submit="slack.ingest_submit")


def read_ingest(view: Payload) -> tuple[str, list[Payload]]:
    """The chosen space and the files as Slack describes them; nothing of what is missing."""
    space = word(mapping(_given(view, SPACE).get("selected_option")).get("value"))
    return space, items(_given(view, DOCUMENTS).get("files"))


def result_modal(language: str, text: str) -> Block:
    """Says what came of it."""
    return _modal(language, "", "slack.result_title", plain_blocks(text))


def _modal(
    language: str, callback_id: str, title: str, blocks: list[Block], *, submit: str | None = None, metadata: str = ""
) -> Block:
    close = "slack.close" if submit is None else "slack.cancel"
    view: Block = {
        "type": "modal",
        "title": plain(translate(language, title), MODAL_TITLE),
        "close": plain(translate(language, close), MODAL_TITLE),
        "blocks": blocks,
    }
    if submit is not None:
        view["submit"] = plain(translate(language, submit), MODAL_TITLE)
    if callback_id:
        view["callback_id"] = callback_id
    return {**view, "private_metadata": metadata} if metadata else view


def _menu(names: Sequence[str]) -> Block:
    """A menu of names, in groups where there are more of them than one list takes."""
    options = [option(name, name) for name in names]
    menu: Block = {"type": "static_select", "action_id": VALUE}
    if len(options) <= OPTIONS:
        one = {"initial_option": options[0]} if len(options) == 1 else {}
        return {**menu, "options": options, **one}
    groups = [options[at : at + OPTIONS] for at in range(0, len(options), OPTIONS)]
    return {
        **menu,
        "option_groups": [
            {"label": plain(f"{names[OPTIONS * at]} –", 75), "options": group}
            for at, group in enumerate(groups[:OPTIONS])
        ],
    }


def _given(view: Payload, block: str) -> Mapping[str, Any]:
    values = mapping(mapping(view.get("state")).get("values"))
    return mapping(mapping(values.get(block)).get(VALUE))
