"""How often a method may be called."""

import math
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.slack_server.refusals import Refused

MINUTE = 60.0
TIERS: Mapping[int, int] = {1: 1, 2: 20, 3: 50, 4: 100}
"""Calls a minute and workspace of Slack's tiers; Slack says "at least", this server says "at most"."""


@dataclass
class Rates:
    """Limits of calls. `scale` multiplies all of them; with `on=False` there are none.

    `special` holds calls a minute by method, before the tiers; None for no limit. Posts have a budget of their own
    in each channel: `post_burst` at once, `posts_per_second` from then on.
    """

    on: bool = True
    scale: float = 1.0
    tiers: dict[int, int] = field(default_factory=lambda: dict(TIERS))
    special: dict[str, int | None] = field(default_factory=lambda: {"apps.connections.open": 30, "auth.test": None})
    posts_per_second: float = 1.0
    post_burst: float = 5.0
    limited: Counter[str] = field(default_factory=Counter)
    _calls: dict[str, deque[float]] = field(default_factory=dict)
    _posts: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, method: str, tier: int | None, now: float) -> None:
        """Counts one call. Too many in the minute up to `now` raise `ratelimited`."""
        allowed = self.special[method] if method in self.special else self.tiers.get(tier or 0)
        if not self.on or allowed is None:
            return
        calls = self._calls.setdefault(method, deque())
        while calls and calls[0] <= now - MINUTE:
            calls.popleft()
        if len(calls) >= allowed * self.scale:
            raise self._refuse(method, calls[0] + MINUTE - now)
        calls.append(now)

    def take_post(self, method: str, channel: str, now: float) -> None:
        """Counts one post to the channel."""
        if not self.on:
            return
        burst, speed = self.post_burst * self.scale, self.posts_per_second * self.scale
        left, then = self._posts.get(channel, (burst, now))
        left = min(burst, left + (now - then) * speed)
        if left < 1:
            raise self._refuse(method, (1 - left) / speed)
        self._posts[channel] = (left - 1, now)

    def _refuse(self, method: str, wait: float) -> Refused:
        self.limited[method] += 1
        return too_many(math.ceil(wait))


def too_many(retry_after: int) -> Refused:
    """What Slack says to who calls too often; `retry_after` whole seconds, 1 at least."""
    refused = Refused("ratelimited", status=429)
    refused.headers = {"Retry-After": str(max(1, retry_after))}
    return refused
