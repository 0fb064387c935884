"""The command line of `python -m benchmarks.engine`."""

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.engine.office import SPARE
from benchmarks.engine.server import ServerSetting, parse_settings
from benchmarks.engine.turns import Sizes

PEERS = ("ours", "llama", "server")
SERVERS = "np=1,at=1;np=8,at=4:8;np=16,at=16;np=32,at=16:32;np=32,ub=2048,at=16:32"
SERVERS_WITHOUT_CACHE = ";".join(f"{setting},cram=0" for setting in SERVERS.split(";"))
"""Where no prompt comes again, it costs the server time to keep them in RAM."""
RAW = argparse.RawDescriptionHelpFormatter
Adder = Callable[[argparse.ArgumentParser], None]


def numbers(text: str) -> tuple[int, ...]:
    """`1,4,8`."""
    return tuple(int(part) for part in text.split(","))


def between(text: str) -> tuple[int, int]:
    """`1200-2200`: at least, less than."""
    low, high = (int(part) for part in text.split("-"))
    if not 0 < low < high:
        raise ValueError(text)
    return low, high


def peers(text: str) -> tuple[str, ...]:
    """`ours,llama`."""
    found = tuple(text.split(","))
    if not set(found) <= set(PEERS):
        raise ValueError(text)
    return found


def settings(text: str) -> list[ServerSetting]:
    return parse_settings(text)


def add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, required=True, help="a GGUF file")
    parser.add_argument("--lora", type=Path, help="an adapter (GGUF) that everybody puts on the model")
    parser.add_argument("--gpu-layers", type=int, default=-1, help="on the GPU; -1: all")
    parser.add_argument("--threads", type=int, help="of the processor; default: as each contestant sees fit")
    parser.add_argument("--context", type=int, default=4096, help="tokens of room for one conversation")
    parser.add_argument(
        "--kept", type=int, default=4, help="conversations that our engine remembers beside the askers'"
    )
    parser.add_argument("--chunk", type=int, help="tokens of a prompt that our engine evaluates in a step")


def add_sizes(parser: argparse.ArgumentParser) -> None:
    usual = Sizes()
    parser.add_argument("--prefix", type=int, default=usual.prefix, help="tokens that all prompts begin with")
    parser.add_argument(
        "--own", type=between, default=usual.own, metavar="LOW-HIGH", help="tokens of a prompt that are its own"
    )
    parser.add_argument("--out", type=int, default=usual.out, help="tokens of an answer, exactly")


def add_load(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--askers", type=numbers, default=(1, 4, 8, 16, 32), help="so many at once, one after another")
    parser.add_argument("--runs", type=int, default=3, help="of each contestant, in turns")
    parser.add_argument("--requests", type=int, default=6, help="in each cell, at least")
    parser.add_argument("--rounds", type=int, default=2, help="questions of each asker in a cell, at least")
    parser.add_argument("--seed", type=int, default=7, help="of who asks what")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="no cell is begun later than that")
    parser.add_argument("--json", type=Path, help="everything measured goes there, after every cell")


def add_peers(parser: argparse.ArgumentParser, *, servers: str = SERVERS) -> None:
    parser.add_argument("--peers", type=peers, default=PEERS, help=f"of {','.join(PEERS)}; the last needs --server")
    parser.add_argument("--server", type=Path, help="llama-server's program")
    parser.add_argument(
        "--server-settings",
        type=settings,
        default=servers,
        help="one server for each part between semicolons: np slots, ub and b batch sizes, cram MiB for its prompt "
        "cache, at: only where so many ask, or any of its options without the dashes (default: %(default)s)",
    )
    parser.add_argument(
        "--llama-askers",
        type=numbers,
        default=(1,),
        help="where `Llama` is asked; it serves one at a time, so its rate at 1 stands for all others",
    )


def add_conversation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--first", type=int, default=3000, help="tokens of the conversation so far")
    parser.add_argument("--second", type=int, default=40, help="tokens of the second question")
    parser.add_argument("--between", type=int, default=0, help="others who ask before the second question comes")
    parser.add_argument("--runs", type=int, default=5, help="each a new conversation")


def add_flat(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--askers", type=int, default=8)


def add_sampling(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=numbers, default=(1, 8, 32), help="answers that are written at once")
    parser.add_argument("--vocabulary", type=int, default=152_064, help="tokens; Qwen2.5's by default")
    parser.add_argument("--repeats", type=int, default=50)


PARTS: dict[str, tuple[str, tuple[Adder, ...]]] = {
    "independent": (
        "questions that share their beginning alone",
        (add_model, add_sizes, add_load, partial(add_peers, servers=SERVERS_WITHOUT_CACHE)),
    ),
    "office": ("shared passages and follow-ups", (add_model, add_sizes, add_load, add_peers)),
    "drafts": ("answers that copy, with drafts and without", (add_model, add_sizes, add_load)),
    "second-question": ("how soon, against the first", (add_model, add_sizes, add_conversation, add_peers)),
    "flat": ("memory over thousands of short questions", (add_model, add_flat)),
    "sampling": ("what choosing a token costs", (add_sampling,)),
}


def arguments(description: str | None, given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=description, formatter_class=RAW)
    parts = parser.add_subparsers(dest="part", required=True, metavar="|".join(PARTS))
    for name, (summary, adders) in PARTS.items():
        part = parts.add_parser(name, help=summary, description=summary)
        for add in adders:
            add(part)
    found = parser.parse_args(given)
    if "own" in found and needed(found) > found.context:
        parser.error(f"--context {found.context} is too short: prompt and answer take {needed(found)} tokens")
    return found


def needed(given: argparse.Namespace) -> int:
    """The tokens of the longest first question, with its answer."""
    opening = given.prefix + given.own[1]
    if given.part == "second-question":
        opening = max(opening, given.first + given.out + given.second)
    return int(opening + given.out + SPARE)
