"""Whoever answers: what it is asked, and what it says of its work. Token ids on both sides, so that all do the same."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

TEMPERATURE, TOP_K, TOP_P = 0.2, 40, 0.9
"""How everybody samples: no penalties, no `min_p`."""


@dataclass(frozen=True, slots=True)
class Model:
    """What everybody answers with.

    `context`: tokens of room for one conversation; `gpu_layers` -1: all on the GPU; `threads` None: as each sees fit.
    """

    path: Path
    context: int
    gpu_layers: int = -1
    lora: Path | None = None
    threads: int | None = None


class Kind(StrEnum):
    """What a contestant is; the figures of OURS are set against the best of every other kind."""

    OURS = "ours"
    UNDRAFTED = "no drafts"
    SERVER = "server"
    LLAMA = "Llama"


@dataclass(frozen=True, slots=True)
class Request:
    """`out` tokens are to come, also past an end of text.

    `script` is what the model is taken to draw, token by token, whatever its logits say; they are computed and sampled
    from all the same. Empty: what the model draws.
    """

    prompt: list[int]
    out: int
    script: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """Counted since the peer was opened.

    `prompt`: tokens of prompts; `known`: those of them that were not evaluated again; `proposed` and `accepted`: tokens
    of drafts. `python_seconds`: time that the thread which owns the model spent outside llama.cpp, None where the peer
    cannot tell.
    """

    prompt: int = 0
    known: int = 0
    proposed: int = 0
    accepted: int = 0
    python_seconds: float | None = None

    def since(self, earlier: "Tally") -> "Tally":
        """What was counted after `earlier`."""
        mine, theirs = self.python_seconds, earlier.python_seconds
        seconds = None if mine is None or theirs is None else mine - theirs
        return Tally(
            self.prompt - earlier.prompt,
            self.known - earlier.known,
            self.proposed - earlier.proposed,
            self.accepted - earlier.accepted,
            seconds,
        )


class Peer(Protocol):
    """One model, opened; many may ask at once."""

    def stream(self, request: Request) -> AsyncGenerator[Sequence[int]]:
        """The tokens as they are drawn, one or several at a time."""
        ...

    def tally(self) -> Tally: ...


Opening = Callable[[], AbstractAsyncContextManager[Peer]]


@dataclass(frozen=True, slots=True)
class Contestant:
    """A peer that is opened anew for each run. `askers`: it is asked by so many at once only; None: by any number."""

    name: str
    kind: Kind
    open: Opening
    askers: frozenset[int] | None = None

    def meets(self, askers: int) -> bool:
        return self.askers is None or askers in self.askers
