"""What the logits of a step say: tokens for every row, one output after the other."""

from collections.abc import Sequence as Several

import numpy as np
from numpy.typing import NDArray

from models.llama.draws import Draws
from models.llama.generation import Generation
from models.llama.step import Row


def draw_tokens(
    rows: Several[Row], generations: Several[Generation], logits: NDArray[np.float32], draws: Draws
) -> None:
    """Each generation takes what its row says. All rows have as many outputs; `logits` are in their order.

    The first output of all rows is drawn at once, then the second of those whose first was drafted rightly, and so on;
    where half of the rows or less go on, each is drawn for itself.
    """
    if not (outputs := rows[0].outputs):
        return
    lines = logits.reshape(len(rows), outputs, -1)
    going, nothing = list(range(len(rows))), [None] * len(rows)
    for at in range(outputs):
        due = [one.sampler.due(1)[0] for one in generations] if 2 * len(going) > len(rows) else []
        ahead = draws.ahead(lines[:, at], due) or nothing
        going = [row for row in going if generations[row].take(rows[row], at, lines[row, at], ahead[row])]
