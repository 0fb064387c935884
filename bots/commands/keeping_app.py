"""The commands about what is kept: `sotay backup`, `restore`, `database`, `forget` and `export-person`."""

from pathlib import Path
from typing import Annotated

import typer

from bots.commands import backup as backups
from bots.commands import database as schema
from bots.commands import people

keeping_app = typer.Typer()
database_app = typer.Typer(help="Look at the schema of the database, and change it.", no_args_is_help=True)
keeping_app.add_typer(database_app, name="database")

PersonId = Annotated[str, typer.Argument(help="An id as in the settings' groups: slack:U0123ABCD, telegram:456, lan.")]


@keeping_app.command()
def backup(
    ctx: typer.Context,
    to: Annotated[
        Path | None, typer.Option("--to", resolve_path=True, help="Folder; left out, `backup.directory`.")
    ] = None,
    keep: Annotated[
        int | None, typer.Option(min=1, help="How many backups stay in it; left out, `backup.keep`.")
    ] = None,
) -> None:
    """Put database, search index and uploaded documents into one archive, while the service goes on.

    Prints the path of the archive. Neither models nor secrets are in it. docs/backup.md tells the rest.
    """
    ctx.obj.run(backups.backup(ctx.obj, to, keep))


@keeping_app.command()
def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(resolve_path=True, help="An archive of `sotay backup`.")],
    verify: Annotated[bool, typer.Option("--verify", help="Only look whether it is whole; change nothing.")] = False,
    to: Annotated[
        Path | None, typer.Option("--to", resolve_path=True, help="Data folder; left out, `data.directory`.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Also over data that are there; they are lost.")] = False,
) -> None:
    """Put a backup back, checked as a whole first. The service must be stopped.

    Examples: sotay restore sotay-20261123T190000Z.tar.gz --verify · sotay restore FILE --to /tmp/drill
    """
    ctx.obj.run(backups.look_at(ctx.obj, file) if verify else backups.put_back(ctx.obj, file, to, force=force))


@keeping_app.command()
def forget(
    ctx: typer.Context,
    person: PersonId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether that is meant.")] = False,
) -> None:
    """Delete everything that is held of a person, under all their linked ids; it cannot be undone.

    A backup of before, put back, does not bring them back.
    """
    ctx.obj.run(people.forget(ctx.obj, person, is_sure=yes))


@keeping_app.command("export-person")
def export_person(
    ctx: typer.Context,
    person: PersonId,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file; left out, standard output.")] = None,
) -> None:
    """Write everything that is held of a person as JSON."""
    ctx.obj.run(people.export_person(ctx.obj, person, output))


@database_app.command("status")
def database_status(ctx: typer.Context) -> None:
    """Say which schema the database has; exit status 1 where it is not that of this version."""
    ctx.obj.run(schema.status(ctx.obj))


@database_app.command("upgrade")
def database_upgrade(ctx: typer.Context) -> None:
    """Bring the database to the schema of this version, after a backup. Every start does so, without one."""
    ctx.obj.run(schema.upgrade(ctx.obj))


@database_app.command("downgrade")
def database_downgrade(
    ctx: typer.Context, revision: Annotated[str, typer.Argument(help="The schema of an older version, such as 0005.")]
) -> None:
    """Take the schema back for an older version, after a backup; what only the newer one had room for is lost."""
    ctx.obj.run(schema.go_back(ctx.obj, revision))
