"""Whose adapter is on: an adapter applies to a whole context, so that requests on different ones take turns."""

from collections.abc import Collection

from models.llama.sequences import Sequence

TURN = 2.0
"""Seconds that an adapter stays on while requests on others wait; a switch costs two dozen milliseconds."""


class Turns:
    """The adapter that is on. "" is the model without one."""

    def __init__(self) -> None:
        self.adapter = ""
        self._began = 0.0
        self._ended: dict[str, float] = {}

    def take(self, now: float, working: Collection[Sequence]) -> None:
        """Puts on the adapter that has waited longest if the present one has no work, or has had its turn."""
        since: dict[str, float] = {}
        for sequence in working:
            since[sequence.adapter] = min(sequence.arrived, since.get(sequence.adapter, sequence.arrived))
        is_idle = since.pop(self.adapter, None) is None
        if not since:
            return
        waits = {adapter: max(arrived, self._ended.get(adapter, arrived)) for adapter, arrived in since.items()}
        longest = min(waits, key=lambda adapter: waits[adapter])
        if is_idle or now - max(waits[longest], self._began) >= TURN:
            self._put_on(longest, now)

    def _put_on(self, adapter: str, now: float) -> None:
        self._ended[self.adapter] = now
        self._ended.pop(adapter, None)
        self._began = now
        self.adapter = adapter
