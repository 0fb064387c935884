"""What the administrators' channel is shown: proposed corrections, what became of them, and what goes wrong.

And what goes back into the thread once a correction is accepted. A person is named only by a Slack id of ours.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bots.slack import controls
from bots.slack.blocks import Block, context, header, markdown, mrkdwn, section, sections
from bots.slack.escaping import ELLIPSIS, escape, fitted, markdown_safe, one_line
from bots.slack.render import notification, preview
from core.texts import translate

QUESTION_TEXT, ANSWER_TEXT, CORRECTION_TEXT = 600, 1_500, 8_000
"""Characters that these get on a card, escaped."""
DETAIL_TEXT = 800
SHOWN_IDS = 10
"""Question ids that an alarm names."""
_USER_ID = re.compile(r"[UW][A-Z0-9]{1,30}")


@dataclass(frozen=True, slots=True)
class Card:
    """A message of ours: `text` for notifications, `blocks` to look at."""

    text: str
    blocks: list[Block]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A correction with what it corrects. `user_id` is the Slack id of the person who proposes it."""

    question: str
    answer: str
    correction: str
    user_id: str


def mention(user_id: str) -> str:
    """Names a person so that Slack tells them. Raises ValueError for anything but a Slack user id."""
    if not _USER_ID.fullmatch(user_id):
        raise ValueError(f"no user id of Slack: {user_id!r}")
    return f"<@{user_id}>"


def correction_card(language: str, proposal: Proposal, correction_id: str) -> Card:
    """Shows a proposed correction to those who decide, with buttons to accept and to reject it."""
    return _card(language, proposal, controls.decide(language, correction_id))


def decided_card(language: str, proposal: Proposal, *, decided_by: str, when: str, is_accepted: bool) -> Card:
    """The same card after the decision: by which Slack user, when (as it is to be read), and no buttons."""
    what = "slack.card_accepted" if is_accepted else "slack.card_rejected"
    verdict = translate(language, what, who=mention(decided_by), when=escape(when))
    return _card(language, proposal, context(mrkdwn(verdict)))


def withdrawn_card(language: str, proposal: Proposal) -> Card:
    """The same card once the person has replaced or taken back the correction."""
    return _card(language, proposal, context(mrkdwn(escape(translate(language, "slack.card_withdrawn")))))


def accepted_note(language: str, correction: str, by: str) -> Card:
    """What is said in the thread once a correction is accepted; `by` is the user id of who accepted it."""
    told = context(mrkdwn(translate(language, "slack.note_accepted_by", who=mention(by))))
    title = translate(language, "slack.note_accepted")
    shown = preview(f"**{title}**\n\n{correction}")
    return Card(notification(f"{title}\n{correction}"), [markdown(shown), told])


def alarm_text(language: str, kind: str, count: int, question_ids: Sequence[str], detail: str) -> str:
    """One message for all errors of a kind, escaped: how often, in which questions, and what was said of it."""
    head = translate(language, "slack.alarm", kind=one_line(kind), count=count)
    lines = [f"*{fitted(head, 300)}*"]
    if question_ids:
        shown = [f"`{fitted(name.replace('`', ''), 60)}`" for name in question_ids[:SHOWN_IDS]]
        more = [ELLIPSIS] if len(question_ids) > SHOWN_IDS else []
        lines.append(escape(translate(language, "slack.alarm_questions")) + " " + ", ".join([*shown, *more]))
    if detail.strip():
        lines.append(f"```{fitted(detail.replace('`', ''), DETAIL_TEXT)}```")
    return "\n".join(lines)


def _card(language: str, proposal: Proposal, last: Block) -> Card:
    title = translate(language, "slack.card_title")
    who = translate(language, "slack.card_from", who=mention(proposal.user_id))
    blocks = [
        header(title),
        section(_told(language, "slack.card_question", proposal.question, QUESTION_TEXT)),
        section(_told(language, "slack.card_answer", proposal.answer, ANSWER_TEXT)),
        *sections(_told(language, "slack.card_correction", proposal.correction, CORRECTION_TEXT)),
        context(mrkdwn(who)),
        last,
    ]
    return Card(fitted(f"{title}: {one_line(proposal.question, QUESTION_TEXT)}", QUESTION_TEXT), blocks)


def _told(language: str, label: str, text: str, limit: int) -> str:
    """A label in bold and the text as a quote."""
    return f"*{escape(translate(language, label))}*\n>>> {fitted(markdown_safe(text).strip(), limit)}"
