"""The budget under processes that are killed, small; and that the measure can see money that is overspent."""

from pathlib import Path

from benchmarks.budget import storm
from benchmarks.budget_worker import WORST, Options
from benchmarks.office import fresh_url

CAP = 60 * WORST


async def options(folder: Path, *, is_naive: bool) -> Options:
    url = await fresh_url("sqlite", folder)
    return Options(url, str(folder / f"till-{is_naive}"), CAP, calls=10, seed=3, is_naive=is_naive)


async def test_reservations_cannot_be_overspent(tmp_path: Path) -> None:
    outcome = await storm(await options(tmp_path, is_naive=False), processes=2, kills=2)
    assert 0 < outcome.billed <= outcome.counted <= CAP
    assert outcome.overspent == 0


async def test_a_sum_of_what_was_told_can(tmp_path: Path) -> None:
    outcome = await storm(await options(tmp_path, is_naive=True), processes=2, kills=1)
    assert outcome.overspent > 0
