"""Milliseconds by stage, for the answer's row and for the benchmark."""

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Stopwatch:
    """`lap(name)` books the time since the last lap on `name`; laps of the same name add up."""

    started: float = field(default_factory=time.perf_counter)
    laps: dict[str, float] = field(default_factory=dict)
    _last: float = field(default_factory=time.perf_counter)

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(self.laps.get(name, 0.0) + (now - self._last) * 1000, 3)
        self._last = now

    def finish(self) -> dict[str, float]:
        """All laps and the total."""
        return {**self.laps, "total": round((time.perf_counter() - self.started) * 1000, 3)}
