"""The Slack adapter over real sockets, against a Slack on this machine that is as strict as the real one.

    python -m benchmarks.slack status  [--questions 200] [--at-once 20]       how soon people see something
    python -m benchmarks.slack streams [--answers 100]                        a hundred answers under Slack's limits
    python -m benchmarks.slack drop    [--rounds 5]                           Slack is away and sends nothing again
    python -m benchmarks.slack crash   [--kills 100] [--questions 2000] [--seed 1] [--strict-rates] [--retries 0 1 3]

status    From the sending of an event to the status line or placeholder on the screen; from the model's first words to
          the stream, and from its last to the end. Limits are off: it is our own time, Slack's side of the loop in it.
          Some 4 minutes.
streams   Everybody asks at once, with Slack's limits on: what of it is streamed, what is posted and edited, how long
          it takes until the last answer is whole, and whether anything was asked of Slack that it refuses. 3 minutes.
drop      A mention while the sockets are broken and refused for ten seconds, or open and dead. Only looking back can
          find it. 3 minutes.
crash     Slack lives on in this process while a process with the adapter is killed with SIGKILL at random moments and
          started again at once. People mention us, write in private, follow up, edit, delete. What became of the
          questions is counted from what stands in Slack at the end. Limits are off unless `--strict-rates` is given:
          then take few questions, 60 for 5 kills. With `--retries` alone nothing is delivered twice, and all that was
          said to a dead process is left to looking back. 8 minutes.

Ends with status 1 when a figure is missed: a question lost, answered twice or wrongly, an answer too late.
"""

import argparse
import asyncio
import sys
from importlib.metadata import version

from rich.console import Console
from rich.progress import Progress

from benchmarks.figures import machine, report
from benchmarks.slack.crash import LONGEST_LIFE, LONGEST_STRICT_LIFE, Course, crash
from benchmarks.slack.drop import ROUNDS, drops
from benchmarks.slack.stage import RETRIES
from benchmarks.slack.status import statuses
from benchmarks.slack.streams import streams

LIBRARIES = ("slack-bolt", "slack-sdk", "aiohttp", "SQLAlchemy")
WIDTH = 110


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.slack", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = parser.add_subparsers(dest="part", required=True, metavar="status|streams|drop|crash")
    status = parts.add_parser("status", help="how soon people see something")
    status.add_argument("--questions", type=int, default=200, help="in each case")
    status.add_argument("--at-once", type=int, default=20, help="in the cases with several at once")
    parts.add_parser("streams", help="many answers under Slack's limits").add_argument(
        "--answers", type=int, default=100
    )
    parts.add_parser("drop", help="Slack is away").add_argument(
        "--rounds", type=int, default=ROUNDS, help="of each kind"
    )
    _add_crash(parts.add_parser("crash", help="kill -9 at random moments"))
    return parser.parse_args(given)


def _add_crash(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--questions", type=int, default=2000, help="spread over the kills")
    parser.add_argument("--seed", type=int, default=1, help="of who asks what, and of the moments of death")
    parser.add_argument("--strict-rates", action="store_true", help="with Slack's limits, and longer lives")
    parser.add_argument(
        "--retries", type=float, nargs="*", default=list(RETRIES), help="seconds before each redelivery; none: never"
    )


async def killed(given: argparse.Namespace) -> int:
    """Prints the table; 1 when the promise was broken."""
    longest = LONGEST_STRICT_LIFE if given.strict_rates else LONGEST_LIFE
    course = Course(given.kills, given.questions, given.strict_rates, tuple(given.retries), longest)
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("kills", total=course.kills)
        table, is_kept = await crash(
            course, seed=given.seed, told=lambda number: progress.update(task, completed=number)
        )
    Console(width=WIDTH).print(table, "The promise is kept." if is_kept else "The promise is broken.")
    return 0 if is_kept else 1


async def run(given: argparse.Namespace) -> int:
    match given.part:
        case "status":
            return report(await statuses(given.questions, given.at_once))
        case "streams":
            return report(await streams(given.answers))
        case "drop":
            return report(await drops(given.rounds))
        case _:
            return await killed(given)


def main() -> int:
    given = arguments()
    print(machine(), ", ".join(f"{name} {version(name)}" for name in LIBRARIES), sep="; ")
    print("command: python -m benchmarks.slack", *sys.argv[1:], flush=True)
    return asyncio.run(run(given))


if __name__ == "__main__":
    raise SystemExit(main())
