"""`sotay forget` and `sotay export-person`: what is held of one person, handed out or taken away."""

import json
import os
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from rich.text import Text

from bots.alone import alone, check_user
from bots.bootstrap import places_of
from bots.commands.running import Session
from core.backup import archives_in
from core.errors import SotayError
from core.output import visible
from core.people import People
from core.store.database import open_database
from core.texts import translate


async def forget(session: Session, person: str, *, is_sure: bool) -> int:
    """Takes the person out of everything, if that is meant; 1 where it is not."""
    settings = session.settings
    if not (is_sure or _is_meant(session, person)):
        session.say("forget.not_done")
        return 1
    check_user(settings)
    with alone(settings, "forget.in_use") if settings.data.is_sqlite else nullcontext():
        async with open_database(settings.data.database_url) as database:
            people = People(database, places_of(settings))
            found = await people.forget(person)
            await people.clean_up(found)
    counts = {name: getattr(found, name) for name in ("questions", "answers", "votes", "corrections")}
    session.say("forget.done", person=person, ids=", ".join(found.traces.ids), **counts)
    _tell_of_the_rest(session, found.traces.ids)
    return 0


def _is_meant(session: Session, person: str) -> bool:
    """Whether the id is typed once more."""
    question = translate(session.language, "forget.confirm", person=person)
    try:
        return session.notes.input(Text(visible(question))).strip() == person
    except EOFError:
        return False


def _tell_of_the_rest(session: Session, ids: Sequence[str]) -> None:
    """What the command cannot take away: backups of before, and what the settings say."""
    settings = session.settings
    archives = archives_in(settings.backup.directory)
    if archives:
        session.say("forget.backups", count=len(archives), keep=settings.backup.keep)
        for archive in archives:
            session.notes.print(Text(f"  {visible(str(archive.path))}"))
    groups = [name for name, members in settings.groups.items() if {*members} & {*ids}]
    if groups:
        session.say("forget.in_settings", groups=", ".join(groups))


async def export_person(session: Session, person: str, output: Path | None) -> int:
    """Everything that is held of the person, as JSON, to a file that only its owner may read, or to standard output."""
    async with open_database(session.settings.data.database_url) as database:
        held = await People(database).held(person)
    text = json.dumps(held, ensure_ascii=False, indent=2)
    if output is None:
        session.out.print(text, markup=False, emoji=False, highlight=False)
    else:
        _write(output, text)
        session.say("forget.exported", person=person, path=output)
    return 0


def _write(path: Path, text: str) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(f"{text}\n")
    except OSError as error:
        raise SotayError("forget.cannot_write", path=path, reason=error.strerror) from error
