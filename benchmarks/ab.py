"""How often is the test of an experiment's votes wrong, and how often does it find what is there?

    python -m benchmarks.ab [--rounds 1000] [--most 600] [--every 20]

Votes are drawn and looked at after every so many in each arm, up to the most. Told is the share of experiments in which
a difference was found at any look, by three tests: a z test as if one had looked once, the product's test as if every
vote were another person's (mSPRT), and the product's test. "Own minds": sixty people in each arm give all the votes,
some far more than others, each content for reasons of their own (80 % on the mean, intraclass correlation 0.1).
Exit status 1 when the product's test finds too much where nothing is, or too little.
"""

import argparse
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from benchmarks.figures import Figure, machine, report
from benchmarks.office import dice_of
from core.trial import ALPHA, Rating, Trial

PEOPLE, LIKENESS = 60, 0.1
Z = 1.96


@dataclass(frozen=True, slots=True)
class World:
    """What people think. `most` is what may be found at most where nothing is, `least` where something is."""

    name: str
    first: float
    second: float
    own_minds: bool = False
    most: float | None = None
    least: float | None = None


WORLDS = (
    World("80 % and 80 %", 0.8, 0.8, most=0.05),
    World("95 % and 95 %", 0.95, 0.95, most=0.05),
    World("80 % and 90 %", 0.8, 0.9, least=0.93),
    World("80 % and 70 %", 0.8, 0.7, least=0.83),
    World("80 % and 85 %", 0.8, 0.85),
    World("80 % and 80 %, own minds", 0.8, 0.8, own_minds=True, most=0.05),
    World("80 % and 90 %, own minds", 0.8, 0.9, own_minds=True),
)


def votes(world: World, most: int, dice: Random) -> Iterator[Rating]:
    """As many of each arm as may be, in turns."""
    drawn = [drawing(share, dice) if world.own_minds else single(share, dice) for share in (world.first, world.second)]
    for number in range(most):
        for is_second in (False, True):
            person, good = drawn[is_second](number)
            yield Rating(is_second, person, good)


def single(share: float, dice: Random) -> Callable[[int], tuple[str, bool]]:
    return lambda number: (f"p{number}", dice.random() < share)


def drawing(share: float, dice: Random) -> Callable[[int], tuple[str, bool]]:
    spread = 1 / LIKENESS - 1
    minds = [dice.betavariate(share * spread, (1 - share) * spread) for _ in range(PEOPLE)]
    busy = [1 / (1 + place) ** 0.8 for place in range(PEOPLE)]

    def one(_number: int) -> tuple[str, bool]:
        (place,) = dice.choices(range(PEOPLE), busy)
        return f"p{place}", dice.random() < minds[place]

    return one


def found_in(world: World, most: int, every: int, dice: Random) -> tuple[bool, bool, bool]:
    """Whether z, the test without people, and the test find a difference at any look."""
    plain, ours, by_z = Trial(), Trial(), False
    for number, vote in enumerate(votes(world, most, dice)):
        plain.add(Rating(vote.is_second, str(number), vote.good))
        ours.add(vote)
        if (number + 1) % (2 * every) == 0:
            plain.look()
            ours.look()
            by_z = by_z or z_of(ours) > Z
    return by_z, plain.p <= ALPHA, ours.p <= ALPHA


def z_of(trial: Trial) -> float:
    variance = sum(arm.share * (1 - arm.share) / arm.ratings for arm in (trial.first, trial.second))
    return abs(trial.difference) / math.sqrt(variance) if variance else 0.0


def run(arguments: argparse.Namespace) -> int:
    looks = arguments.most // arguments.every
    print(
        f"{machine()}; {arguments.rounds} experiments in each row, {looks} looks at up to {arguments.most} votes an arm"
    )
    print(f"\n{'truly content':<28}{'z':>9}{'mSPRT':>9}{'ours':>9}")
    figures: list[Figure] = []
    for place, world in enumerate(WORLDS):
        dice = dice_of(arguments.seed + place)
        rounds = [found_in(world, arguments.most, arguments.every, dice) for _ in range(arguments.rounds)]
        shares = [sum(column) / arguments.rounds for column in zip(*rounds, strict=True)]
        print(f"{world.name:<28}" + "".join(f"{share:>9.3f}" for share in shares))
        if world.most is not None:
            figures.append(Figure(f"found at {world.name}", shares[-1], "", world.most))
        if world.least is not None:
            figures.append(Figure(f"missed at {world.name}", 1 - shares[-1], "", 1 - world.least))
    return report(figures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1000, help="experiments in each row")
    parser.add_argument("--most", type=int, default=600, help="votes in each arm")
    parser.add_argument("--every", type=int, default=20, help="votes in each arm between two looks")
    parser.add_argument("--seed", type=int, default=7)
    sys.exit(run(parser.parse_args()))


if __name__ == "__main__":
    main()
