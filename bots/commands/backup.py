"""`sotay backup` and `sotay restore`."""

from pathlib import Path

from bots.backups import back_up
from bots.commands.progress import Steps
from bots.commands.running import Session
from bots.restoring import RESTORED_SETTINGS, in_folder, restore, verify
from core.backup import Manifest
from core.errors import BackupError

MEGABYTE = 1_000_000


async def backup(session: Session, to: Path | None, keep: int | None) -> int:
    """One more backup. Its path goes to standard output, all else to standard error."""
    with Steps(session) as steps:
        made = await back_up(session.settings, to, keep, steps)
    session.out.print(str(made.path), markup=False, emoji=False)
    size = made.path.stat().st_size / MEGABYTE
    session.say("backup.made", path=made.path, size=f"{size:.1f}", rows=sum(made.manifest.rows.values()))
    if not made.manifest.index:
        session.say("backup.without_index")
    for path in made.removed:
        session.say("backup.removed", path=path)
    return 0


async def look_at(session: Session, path: Path) -> int:
    """Whether an archive is whole and can be restored by this version."""
    with Steps(session) as steps:
        manifest = await verify(session.settings, path, steps)
    session.say("backup.verified", path=path, **_facts(manifest))
    return 0


async def put_back(session: Session, path: Path, to: Path | None, *, force: bool) -> int:
    """The data of the settings, or those of the folder `to`, become those of the archive."""
    settings = session.settings
    if to is not None:
        if not settings.data.is_sqlite:
            raise BackupError("backup.folder_needs_sqlite")
        settings = in_folder(settings, to)
    with Steps(session) as steps:
        done = await restore(settings, path, may_replace=force, progress=steps)
    session.say("backup.restored", path=path, directory=settings.data.directory, **_facts(done.manifest))
    if done.forgotten:
        session.say("backup.forgotten_again", count=done.forgotten)
    if not done.manifest.index:
        session.say("backup.index_to_come")
    session.say("backup.settings_beside", path=settings.data.directory / RESTORED_SETTINGS)
    return 0


def _facts(manifest: Manifest) -> dict[str, object]:
    return {
        "time": f"{manifest.created_at.astimezone():%Y-%m-%d %H:%M}",
        "rows": sum(manifest.rows.values()),
        "revision": manifest.revision,
        "version": manifest.version,
    }
