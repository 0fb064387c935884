"""The commands under `sotay ab`."""

from typing import Annotated

import typer

from bots.commands import ab

ab_app = typer.Typer(help="Compare strategies of routing by experiment.", no_args_is_help=True)


@ab_app.command("report")
def ab_report(
    ctx: typer.Context,
    experiment: Annotated[
        str | None, typer.Option(metavar="NAME", help="Left out, that of the settings, or the last one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON, times in ms, money in USD.")] = False,
) -> None:
    """What each arm's people asked, got, voted and cost, and whether one may conclude yet. Look as often as you like.

    Example: sotay ab report --experiment mua-xuan
    """
    ctx.obj.run(ab.report(ctx.obj, experiment, as_json=as_json))


@ab_app.command("status")
def ab_status(ctx: typer.Context) -> None:
    """Say which experiment is under way, and which share of the people has which strategy."""
    with ctx.obj.guarded():
        raise typer.Exit(ab.status(ctx.obj))
