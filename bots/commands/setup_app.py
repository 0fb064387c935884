"""The commands for setting up: `sotay init` and `sotay doctor`."""

from pathlib import Path
from typing import Annotated

import typer

from bots.commands import doctor as examination
from bots.commands import init as beginning
from bots.settings import Settings

setup_app = typer.Typer()


@setup_app.command()
def init(
    ctx: typer.Context,
    *,
    to: Annotated[Path, typer.Option("--to", help="The folder for sotay.toml and credentials/.")] = Path(),
    answers: Annotated[
        Path | None, typer.Option("--answers", help="A TOML file with the answers, by name (docs/doctor.md).")
    ] = None,
    slack_url: Annotated[str, typer.Option(help="Base URL of Slack's API.")] = Settings().slack.api_url,
    telegram_url: Annotated[str, typer.Option(help="Base URL of the Bot API.")] = Settings().telegram.api_url,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there; it is kept as .bak.")] = False,
) -> None:
    """Ask about a new office, try its tokens, and write sotay.toml and credentials/. Enter takes what is in brackets.

    Works over a pipe as well, one answer a line; at the end of the input the defaults are taken.
    """
    ctx.obj.run(beginning.init(ctx.obj, to, answers, slack_url, telegram_url, force=force))


@setup_app.command()
def doctor(
    ctx: typer.Context,
    as_json: Annotated[
        bool, typer.Option("--json", help="For monitoring: the worst level, every finding, and how many there are.")
    ] = False,
    prefix: Annotated[
        Path, typer.Option("--prefix", metavar="FOLDER", help="The root below which `sotay service install` wrote.")
    ] = Path("/"),
) -> None:
    """Look at everything that keeps people from being answered; each line that fails says what mends it.

    Exit status, as Nagios has it: 0 all is well, 1 there are warnings, 2 something fails. docs/doctor.md explains
    every line.
    """
    ctx.obj.run(examination.doctor(ctx.obj, prefix, as_json=as_json))
