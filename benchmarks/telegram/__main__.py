"""The Telegram adapter over real sockets, against a Telegram on this machine that is as strict as the real one.

    python -m benchmarks.telegram status [--questions 200] [--at-once 20]            how soon people see something
    python -m benchmarks.telegram busy   [--seconds 600]                             busy chats under Telegram's limits
    python -m benchmarks.telegram crash  [--kills 100] [--questions 2000] [--seed 1]

status    From the question's arrival at Telegram, and from when it is durable, to the draft or placeholder on the
          screen; from the model's first words to ours, and from its last to the end. Limits are off: it is our own
          time, Telegram's in it.
          Some 4 minutes.
busy      Twenty private chats and three groups for ten minutes of a clock that hurries: whether anything is asked of
          Telegram that it refuses as too much, and how long the last text of an answer waits. With more who ask in
          each group than it bears, figures alone. 20 seconds.
crash     Telegram lives on in this process while a process with the adapter is killed with SIGKILL at random moments
          and started again at once. People ask in private and in groups, follow up, edit, and want no answer after
          all. What became of the questions is counted from what stands there at the end. Limits are off. 9 minutes.

Ends with status 1 when a figure is missed: a question lost, answered twice or wrongly, an answer too late.
"""

import argparse
import asyncio
import sys
from importlib.metadata import version

from rich.console import Console
from rich.progress import Progress

from benchmarks.figures import machine, report
from benchmarks.slack.crash import Course
from benchmarks.telegram.busy import SECONDS, busy
from benchmarks.telegram.crash import crash
from benchmarks.telegram.status import statuses

LIBRARIES = ("python-telegram-bot", "httpx", "aiohttp", "SQLAlchemy")
WIDTH = 110


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.telegram", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = parser.add_subparsers(dest="part", required=True, metavar="status|busy|crash")
    status = parts.add_parser("status", help="how soon people see something")
    status.add_argument("--questions", type=int, default=200, help="in each case")
    status.add_argument("--at-once", type=int, default=20, help="in the cases with several at once")
    parts.add_parser("busy", help="busy chats under Telegram's limits").add_argument(
        "--seconds", type=float, default=SECONDS, help="of the clock that hurries"
    )
    killing = parts.add_parser("crash", help="kill -9 at random moments")
    killing.add_argument("--kills", type=int, default=100)
    killing.add_argument("--questions", type=int, default=2000, help="spread over the kills")
    killing.add_argument("--seed", type=int, default=1, help="of who asks what, and of the moments of death")
    return parser.parse_args(given)


async def killed(given: argparse.Namespace) -> int:
    """Prints the table; 1 when the promise was broken."""
    course = Course(given.kills, given.questions)
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
        case "busy":
            return report(await busy(given.seconds))
        case _:
            return await killed(given)


def main() -> int:
    given = arguments()
    print(machine(), ", ".join(f"{name} {version(name)}" for name in LIBRARIES), sep="; ")
    print("command: python -m benchmarks.telegram", *sys.argv[1:], flush=True)
    return asyncio.run(run(given))


if __name__ == "__main__":
    raise SystemExit(main())
