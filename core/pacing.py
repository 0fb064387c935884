"""How fast a platform may be talked to: budgets for each place and for all, with a reserve for what must be said.

Token buckets. What must be sent pays at once and is told how long to wait, so it goes out in the order of asking; a
preview goes out only while more than the reserve is left, and is otherwise dropped. Pure but for the clock.
"""

from dataclasses import dataclass

from core.clock import Clock
from core.surfaces import Rates

MOST_PLACES = 1_000
"""Places whose budget is kept in mind; full ones are forgotten first."""


@dataclass(slots=True)
class Bucket:
    """`tokens` grow by `per_second` up to `capacity`; below zero they are owed by messages that are yet to go.

    Nothing goes until `blocked_until`, here or everywhere, and nothing grows until then: what was held back does not
    go in one heap afterwards.
    """

    capacity: float
    per_second: float
    tokens: float
    counted_at: float
    blocked_until: float = 0.0

    def refill(self, now: float, blocked_until: float) -> None:
        grown = max(0.0, now - max(self.counted_at, blocked_until)) * self.per_second
        self.tokens = min(self.capacity, self.tokens + grown)
        self.counted_at = now

    def pause(self, now: float) -> float:
        """Seconds until anything may go."""
        return max(0.0, self.blocked_until - now)

    def short_of(self, tokens: float) -> float:
        """Seconds until so many are there, once anything may go; with 0, until what was paid for is covered."""
        return max(0.0, tokens - self.tokens) / self.per_second


class Pacer:
    """The budgets of one platform as this process spends them."""

    def __init__(self, rates: Rates, clock: Clock) -> None:
        self._rates = rates
        self._clock = clock
        self._all = Bucket(rates.burst, rates.per_second, rates.burst, clock.monotonic())
        self._places: dict[str, Bucket] = {}
        self._preview_at: dict[str, float] = {}

    def must(self, place: str, cost: float) -> float:
        """Pays for what must be sent; the seconds to wait before sending it."""
        now = self._clock.monotonic()
        buckets = self._buckets(place, now)
        for bucket in buckets:
            bucket.tokens -= cost
        return _wait(buckets, 0.0, now)

    def pause(self, place: str) -> float:
        """Seconds for which the platform has asked to be left alone."""
        now = self._clock.monotonic()
        return max(bucket.pause(now) for bucket in self._buckets(place, now))

    def preview(self, place: str, cost: float) -> float:
        """0.0 when a preview may go now, and then it is paid for; else the seconds until asking again is worth it."""
        now = self._clock.monotonic()
        buckets = self._buckets(place, now)
        wait = max(_wait(buckets, cost + self._rates.reserve, now), self._preview_at.get(place, now) - now)
        if wait > 0:
            return wait
        for bucket in buckets:
            bucket.tokens -= cost
        self._preview_at[place] = now + self._rates.preview_seconds
        return 0.0

    def back_off(self, place: str, seconds: float, *, everywhere: bool = False) -> None:
        """The platform asked to be left alone for so long, in this place or `everywhere`."""
        now = self._clock.monotonic()
        place_bucket, all_places = self._buckets(place, now)
        bucket = all_places if everywhere else place_bucket
        bucket.blocked_until = max(bucket.blocked_until, now + seconds)

    def _buckets(self, place: str, now: float) -> tuple[Bucket, Bucket]:
        if place not in self._places and len(self._places) >= MOST_PLACES:
            self._forget_idle(now)
        rates = self._rates
        bucket = self._places.setdefault(
            place, Bucket(rates.place_burst, rates.place_per_second, rates.place_burst, now)
        )
        everywhere = self._all.blocked_until
        self._all.refill(now, everywhere)
        bucket.refill(now, max(bucket.blocked_until, everywhere))
        return bucket, self._all

    def _forget_idle(self, now: float) -> None:
        for place, bucket in list(self._places.items()):
            bucket.refill(now, max(bucket.blocked_until, self._all.blocked_until))
            if bucket.tokens >= bucket.capacity and bucket.blocked_until <= now:
                del self._places[place]
                self._preview_at.pop(place, None)


def _wait(buckets: tuple[Bucket, ...], tokens: float, now: float) -> float:
    """Seconds until nobody is asked to wait any more and every bucket has so many tokens."""
    return max(bucket.pause(now) for bucket in buckets) + max(bucket.short_of(tokens) for bucket in buckets)
