"""How often the bot may write."""

import math
from collections import Counter, deque
from dataclasses import dataclass, field

from tests.telegram_server.refusals import Refused, too_many

MINUTE, SECOND = 60.0, 1.0
LONGEST = 3600
EVERYWHERE = 0
"""The key of what counts for all chats together."""


@dataclass(eq=False)
class Ban:
    until: float
    seconds: int


@dataclass
class Rates:
    """Limits of messages, edits and drafts. `scale` multiplies all of them; with `on=False` there are none.

    Each chat has a budget: `burst` at once, `per_second` from then on; a group has `group_per_minute` besides, and
    all chats together `overall_per_second`. Who goes on while told to wait, is told to wait twice as long.
    """

    on: bool = True
    scale: float = 1.0
    per_second: float = 1.0
    burst: float = 5.0
    group_per_minute: int = 20
    overall_per_second: int = 30
    limited: Counter[str] = field(default_factory=Counter)
    too_early: list[tuple[str, int]] = field(default_factory=list)
    """(method, chat) of the calls that came during a wait; 0 for a wait in all chats."""
    _left: dict[int, tuple[float, float]] = field(default_factory=dict)
    _calls: dict[int, deque[float]] = field(default_factory=dict)
    _bans: dict[int, Ban] = field(default_factory=dict)

    def take(self, method: str, chat: int, now: float, *, is_group: bool) -> None:
        """Counts one message to the chat at `now`, in seconds. Too many are a 429 with `retry_after`."""
        self._heed_bans(method, chat, now)
        if not self.on:
            return
        for key, wait in (
            (EVERYWHERE, self._wait(EVERYWHERE, self.overall_per_second, SECOND, now)),
            (chat, self._wait(chat, self.group_per_minute, MINUTE, now) if is_group else 0.0),
            (chat, self._wait_for_budget(chat, now)),
        ):
            if wait > 0:
                raise self.ban(method, key, math.ceil(wait), now)
        for key in (EVERYWHERE, chat):
            self._calls.setdefault(key, deque()).append(now)
        left, _ = self._left[chat]
        self._left[chat] = (left - 1, now)

    def ban(self, method: str, chat: int, seconds: int, now: float) -> Refused:
        """The chat, or with 0 every one, is closed for so long; the refusal to say so."""
        seconds = max(1, seconds)
        self._bans[chat] = Ban(now + seconds, seconds)
        self.limited[method] += 1
        return too_many(seconds)

    def banned(self, chat: int, now: float) -> float:
        """The seconds that the chat is still closed for."""
        return max((self._bans[key].until - now for key in (EVERYWHERE, chat) if key in self._bans), default=0.0)

    def _heed_bans(self, method: str, chat: int, now: float) -> None:
        for key in (EVERYWHERE, chat):
            ban = self._bans.get(key)
            if ban and now < ban.until:
                self.too_early.append((method, key))
                raise self.ban(method, key, min(LONGEST, 2 * ban.seconds), now)
            self._bans.pop(key, None)

    def _wait(self, key: int, allowed: float, window: float, now: float) -> float:
        calls = self._calls.setdefault(key, deque())
        while calls and calls[0] <= now - max(window, MINUTE):
            calls.popleft()
        recent = [at for at in calls if at > now - window]
        return recent[0] + window - now if len(recent) >= allowed * self.scale else 0.0

    def _wait_for_budget(self, chat: int, now: float) -> float:
        burst, speed = self.burst * self.scale, self.per_second * self.scale
        left, then = self._left.get(chat, (burst, now))
        left = min(burst, left + (now - then) * speed)
        self._left[chat] = (left, now)
        return (1 - left) / speed if left < 1 else 0.0
