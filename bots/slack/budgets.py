"""How often each method may be called: Slack counts by method and minute, over the whole workspace."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.clock import Clock

WINDOW = 61.0
"""Slack counts by the minute of its own clock, and calls do not all take the same time to get there."""
PER_MINUTE: Mapping[str, int] = {
    "chat.startStream": 20,
    "chat.stopStream": 20,
    "chat.appendStream": 100,
    "chat.update": 50,
    "chat.delete": 50,
    "assistant.threads.setStatus": 50,
    "conversations.replies": 50,
    "conversations.history": 50,
}
"""The least that Slack's documentation promises for the tier of each method (2: 20, 3: 50, 4: 100)."""
SHORTEST = 0.001
"""Seconds: a wait that rounds to nothing is still one."""
PREVIEW_SHARE = 0.6
"""Of a method's calls, what previews may take: the rest is for what must be shown."""


@dataclass(slots=True)
class MethodBudgets:
    """Counts the calls of the last minute. Methods that are not listed are not counted."""

    clock: Clock
    per_minute: Mapping[str, int] = field(default_factory=lambda: PER_MINUTE)
    _calls: dict[str, deque[float]] = field(default_factory=dict)

    def take(self, method: str, *, preview: bool = False) -> float:
        """0.0 when the method may be called now, and then the call is counted; else the seconds to wait."""
        most = self.per_minute.get(method)
        if most is None:
            return 0.0
        now = self.clock.monotonic()
        calls = self._calls.setdefault(method, deque())
        while calls and calls[0] <= now - WINDOW:
            calls.popleft()
        most = max(1, int(most * PREVIEW_SHARE)) if preview else most
        if len(calls) >= most:
            return max(SHORTEST, calls[len(calls) - most] + WINDOW - now)
        if preview and (wait := self._spacing(calls, most, now)):
            return wait
        calls.append(now)
        return 0.0

    @staticmethod
    def _spacing(calls: deque[float], most: int, now: float) -> float:
        """Previews are spread over what is left of the minute, so that they never stop altogether."""
        if not calls or len(calls) < most // 4:
            return 0.0
        pause = (calls[0] + WINDOW - now) / (most - len(calls))
        return max(0.0, calls[-1] + pause - now)
