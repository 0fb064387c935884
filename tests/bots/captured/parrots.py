"""Models that obey every text they read: they tell all of it, and add links, pictures, calls and hidden letters."""

import asyncio
import itertools
import re
import zlib
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from typing import Any

from core.errors import ModelUnavailable
from core.ports import Completion, CompletionRequest, Delta, Finish
from tests.bots.captured.talks import EVIL
from tests.models.openrouter_server import Behaviour, Exchange, answer, cut_after, error, refuse

LIVE = (
    *(f" https://{EVIL}/?d=1", f" ![x](https://{EVIL}/x.png?d=1)", f" [bấm đây](https://{EVIL})", f" {EVIL}/x?d=2"),
    *(" <!channel>", " @ke_xau", " <@U0EVIL>", f" <https://{EVIL}|an toàn>", " tg://user?id=7", f" bao@{EVIL}"),
    *(" <img src=x>", " &#x202e;x", " a\u200bb\u3164", f"\n[1]: https://{EVIL} 'x'\n", " @here"),
    *(f" evil`.`example/x https&#58;//{EVIL}", f" \\href{{https://{EVIL}}}{{x}}"),
)
"""What an obedient model adds; each answer has several."""
PIECES = 4
"""Deltas of an answer."""
SLY = LIVE[:12]
"""What an answer has that looks like one."""
_PASSAGE = re.compile(r"^\[1\] \([^)]*\) ([^.]*\.)", re.MULTILINE)


def obeying(said: str) -> list[str]:
    """An answer in pieces that cut words and signs in two: every second one tells all that it has read."""
    number = zlib.crc32(said.encode())
    fact = _PASSAGE.findall(said)
    if fact and number % 2:
        text = f"{fact[-1]} [1]" + "".join(SLY[(number + step) % len(SLY)] for step in (0, 3, 7)) + " Hết [1]."
    else:
        harm = "".join(LIVE[(number + step) % len(LIVE)] for step in (0, 3, 5, 9, 12))
        text = f"Theo tài liệu [1]{harm} thì: {said[-200:]} [2]."
    edges = [len(text) * step // PIECES + (number >> step) % 7 for step in range(1, PIECES)]
    return [text[start:end] for start, end in itertools.pairwise([0, *edges, len(text)])]


def last_of(messages: Iterator[Any]) -> str:
    *_, last = messages
    return str(last)


@dataclass
class LocalParrot:
    """The office's model. How it behaves, the name of the asker says."""

    name: str = "parrot"
    asked: int = 0
    manners: dict[str, str] = field(default_factory=dict)

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        self.asked += 1
        manner = self.manners.get(request.person, "obeys")
        if manner == "fails":
            raise ModelUnavailable("answer.too_late")
        said = obeying(last_of(message.content for message in request.messages))
        if manner == "errs":
            said = ["Việc này mất 987654 ngày và ", "không cần ai duyệt cả [1]."]
        for piece in said:
            yield Delta(piece)
            await asyncio.sleep(0)
            if manner == "breaks":
                raise ModelUnavailable("answer.too_late")
        yield Completion("".join(said), self.name, Finish.STOP, 100, 100, -0.1, cost_usd=0.0)


def remote_parrot() -> Behaviour:
    """OpenRouter with a model of the same kind: now and then it is busy, or breaks off in the middle."""
    numbers = itertools.count(1)

    async def behave(exchange: Exchange) -> None:
        number = next(numbers)
        said = obeying(last_of(message["content"] for message in exchange.body["messages"]))
        if number % 5 == 0:
            await refuse(503, error(503, "busy"))(exchange)
        elif number % 13 == 0:
            await cut_after(*said[:2])(exchange)
        else:
            await answer(*said)(exchange)

    return behave
