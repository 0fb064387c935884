"""The buttons under our messages: what they are called when they come back, and what they carry."""

from bots.slack.blocks import BUTTON_TEXT, Block, actions, button, plain
from core.texts import translate

VOTE = "sotay_vote"
ASK_OWNER = "sotay_ask_owner"
ACCEPT = "sotay_accept"
REJECT = "sotay_reject"
LANGUAGE = "sotay_language"
CONSENT = "sotay_consent"
FORGET = "sotay_forget"
"""Action ids, as Slack sends them with a click."""

UP, DOWN = 1, -1
_VOTES = {"up": UP, "down": DOWN}


def feedback(language: str, answer_id: str) -> Block:
    """The two thumbs. Slack keeps no record of the choice on the message."""
    element = {
        "type": "feedback_buttons",
        "action_id": VOTE,
        "positive_button": _thumb(language, "up", answer_id),
        "negative_button": _thumb(language, "down", answer_id),
    }
    return {"type": "context_actions", "elements": [element]}


def _thumb(language: str, side: str, answer_id: str) -> Block:
    return {
        "text": plain(translate(language, f"slack.button_{side}"), BUTTON_TEXT),
        "accessibility_label": translate(language, f"slack.button_{side}_label"),
        "value": f"{side}:{answer_id}",
    }


def read_vote(value: str) -> tuple[str, int]:
    """The answer's id and the vote, 1 or -1, of a click on a thumb. Raises ValueError for anything else."""
    side, _, answer_id = value.partition(":")
    if side not in _VOTES or not answer_id:
        raise ValueError(f"no vote of ours: {value!r}")
    return answer_id, _VOTES[side]


def ask_owner(language: str, answer_id: str) -> Block:
    """The button that passes a question on to a person; its value is the answer's id."""
    return actions(button(ASK_OWNER, translate(language, "slack.button_ask_owner"), answer_id))


def decide(language: str, correction_id: str) -> Block:
    """The two buttons of a proposed correction; their value is the correction's id."""
    return actions(
        button(ACCEPT, translate(language, "slack.button_accept"), correction_id, style="primary"),
        button(REJECT, translate(language, "slack.button_reject"), correction_id, style="danger"),
    )
