"""What people's votes tell the router: whether the local model was good enough for a question.

A vote says nothing of the label itself, so the label is the likeliest one that agrees with the vote: a question that
the local model answered well was no complex one, a question that it answered badly was no simple one. Answers of the
API tell neither.
"""

import json
from collections.abc import Iterable

from core.complexity_model import RouterModel
from core.conversation import Route
from core.errors import SotayError
from models.training.rows import Row

VOTE_WEIGHT = 0.3
"""Of a row beside a labelled one."""
AGREEING = {True: ("simple", "medium"), False: ("medium", "complex")}
"""By whether the answer was found good: the labels that agree."""


def rows_of_votes(lines: Iterable[str], model: RouterModel) -> list[Row]:
    """Rows out of an export of votes (`sotay feedback export --format kto`); `model` names the likeliest labels."""
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            vote = json.loads(line)
            if vote["route"] == Route.LOCAL:
                rows.append(_row(vote["question"], vote["label"], model))
        except (ValueError, KeyError, TypeError) as error:
            raise SotayError("router.bad_row", path="votes", line=number, reason=error) from error
    return rows


def _row(question: str, label: object, model: RouterModel) -> Row:
    chances = model.assess(question).complexity
    likeliest = max(AGREEING[bool(label)], key=lambda complexity: chances[complexity])
    return Row(question, likeliest, group=f"vote:{question}", weight=VOTE_WEIGHT)
