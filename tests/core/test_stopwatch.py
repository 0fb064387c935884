"""Time by stage."""

import time

from core.stopwatch import Stopwatch


def passed(milliseconds: float) -> None:
    """Works until so much time has passed on the stopwatch's own clock."""
    end = time.perf_counter() + milliseconds / 1000
    while time.perf_counter() < end:
        pass


def test_each_lap_counts_from_the_one_before() -> None:
    watch = Stopwatch()
    passed(5)
    watch.lap("search")
    watch.lap("prepare")
    assert watch.laps["search"] >= 5
    assert watch.laps["prepare"] < watch.laps["search"]


def test_laps_of_one_name_add_up() -> None:
    watch = Stopwatch()
    for _ in range(3):
        passed(2)
        watch.lap("write")
    assert watch.laps.keys() == {"write"}
    assert watch.laps["write"] >= 6


def test_the_total_holds_every_lap_and_what_came_after() -> None:
    watch = Stopwatch()
    passed(2)
    watch.lap("search")
    passed(3)
    timings = watch.finish()
    assert timings["total"] >= timings["search"] + 3 - 0.01
    assert watch.laps.keys() == {"search"}, "reading the watch changes nothing"


def test_two_watches_share_nothing() -> None:
    one, other = Stopwatch(), Stopwatch()
    one.lap("search")
    assert other.laps == {}
