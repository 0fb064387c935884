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

    The first output of all rows is drawn at once, then the second of those whose first was drafted rightly, and so on.
    """
    if not (outputs := rows[0].outputs):
        return
    going = list(range(len(rows)))
    for at in range(outputs):
        places = [row * outputs + at for row in going]
        ahead = draws.ahead(logits, [generations[row].sampler.due(1)[0] for row in going], places)
        told = zip(going, places, ahead, strict=True)
        going = [row for row, place, drawn in told if generations[row].take(rows[row], at, logits[place], drawn)]
