"""The benchmark of the experiments' test: its worlds are what they are called, and its tests differ as they should."""

import argparse

import pytest

from benchmarks import ab
from benchmarks.ab import WORLDS, World, found_in, votes
from benchmarks.office import dice_of

NOTHING, OWN_MINDS = WORLDS[0], next(world for world in WORLDS if world.own_minds)


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_votes_are_as_good_as_the_world_says(world: World) -> None:
    drawn = [vote for seed in range(30) for vote in votes(world, 200, dice_of(seed))]
    for is_second, share in ((False, world.first), (True, world.second)):
        arm = [vote.good for vote in drawn if vote.is_second is is_second]
        assert len(arm) == 6000
        assert sum(arm) / len(arm) == pytest.approx(share, abs=0.04)


def test_people_with_their_own_minds_vote_often_and_others_once() -> None:
    assert len({vote.person for vote in votes(NOTHING, 300, dice_of(1))}) == 300
    assert 30 < len({vote.person for vote in votes(OWN_MINDS, 300, dice_of(1))}) <= 60


def test_peeking_is_what_the_plain_test_does_not_bear() -> None:
    found = [found_in(NOTHING, 300, 20, dice_of(seed)) for seed in range(60)]
    by_z, _, ours = (sum(column) for column in zip(*found, strict=True))
    assert by_z >= 6 > ours


def test_the_table_is_printed_and_what_was_missed_too(capsys: pytest.CaptureFixture[str]) -> None:
    status = ab.run(argparse.Namespace(rounds=3, most=60, every=20, seed=7))
    out = capsys.readouterr().out
    assert all(f"\n{world.name} " in out for world in WORLDS)
    assert "missed at 80 % and 90 %" in out
    assert status in {0, 1}
