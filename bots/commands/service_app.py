"""The commands under `sotay service`."""

from pathlib import Path
from typing import Annotated

import typer

from bots.commands import service as units

service_app = typer.Typer(help="Run as a service of systemd.", no_args_is_help=True)

Prefix = Annotated[
    Path | None, typer.Option("--prefix", metavar="FOLDER", help="Stands for the root of the file system.")
]
User = Annotated[
    str | None,
    typer.Option("--user", metavar="NAME", help="Who the services run as; left out, as installed, else sotay."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")]
Force = Annotated[bool, typer.Option("--force", help="Also what was changed by hand.")]
Split = Annotated[
    bool | None,
    typer.Option("--split/--whole", help="Several processes on one PostgreSQL database, or one; else as installed."),
]
HasCard = Annotated[
    bool | None,
    typer.Option("--gpu/--no-gpu", help="With the devices of a graphics card; else as told before or found here."),
]


@service_app.command("install")
def service_install(
    ctx: typer.Context,
    *,
    prefix: Prefix = None,
    user: User = None,
    has_card: HasCard = None,
    split: Split = None,
    dry_run: DryRun = False,
    force: Force = False,
) -> None:
    """Write the units of systemd for this machine and these settings, and say the commands that start them.

    What was changed by hand is shown and left alone. docs/systemd.md explains every unit.
    """
    wish = units.Wish(prefix, user, split, has_card)
    with ctx.obj.guarded():
        raise typer.Exit(units.install(ctx.obj, wish, dry_run=dry_run, force=force))


@service_app.command("uninstall")
def service_uninstall(
    ctx: typer.Context, *, prefix: Prefix = None, dry_run: DryRun = False, force: Force = False
) -> None:
    """Take the units away; data and settings stay. First: systemctl disable --now sotay.target 'sotay*'."""
    with ctx.obj.guarded():
        raise typer.Exit(units.uninstall(ctx.obj, units.Wish(prefix), dry_run=dry_run, force=force))


@service_app.command("status")
def service_status(
    ctx: typer.Context,
    *,
    prefix: Prefix = None,
    user: User = None,
    has_card: HasCard = None,
    split: Split = None,
) -> None:
    """Say whether the units are as they should be, how exposed they are, and what systemd says of them."""
    with ctx.obj.guarded():
        raise typer.Exit(units.status(ctx.obj, units.Wish(prefix, user, split, has_card)))
